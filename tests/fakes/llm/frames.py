"""An answer on the wire: frame by frame, at the pace and with the end that a turn asks for."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.types import Receive, Send

from .script import Turn


@dataclass(frozen=True)
class Frames:
    """A streamed answer: what comes before, between and after the pieces of text."""

    head: Sequence[bytes]
    pieces: Sequence[bytes]
    tail: Sequence[bytes]


class Gone(Exception):
    """The client has hung up."""


class Cut(Exception):
    """Makes uvicorn drop the connection without a proper end."""


async def send_frames(
    send: Send, turn: Turn, media: bytes, frames: Iterator[bytes | None], receive: Receive
) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", media)]})
    left = turn.cut
    for frame in frames:
        await pause(receive, None if frame is None else turn.pause_s)
        part = (frame or b"")[:left]
        await send({"type": "http.response.body", "body": part, "more_body": True})
        if left is not None:
            left -= len(part)
            if left == 0:
                raise Cut
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def pause(receive: Receive, seconds: float | None = None) -> None:
    """Wait so long, or for ever; Gone when the client hangs up meanwhile."""
    if seconds == 0:
        return
    try:
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return
    raise Gone


def event(data: Any, name: str | None = None) -> bytes:
    """One server-sent event."""
    said = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    return (f"event: {name}\n" if name else "").encode() + f"data: {said}\n\n".encode()
