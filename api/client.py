"""The command line's way to the API: a running server's, or one of its own for as long as it needs it.

Everything goes over HTTP in both cases, so rights, checks and the audit are the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from agents.context import Lang
from graphs.runtime.errors import ArtelError
from graphs.runtime.lock import FolderInUse, FolderLock
from graphs.runtime.settings import Settings
from graphs.runtime.token import token_of

# A decision or an import may take its time; silence on a stream of events is normal.
TIMEOUT = httpx.Timeout(60, read=300)
STREAM_TIMEOUT = httpx.Timeout(60, read=None)


class Refused(ArtelError):
    """The API said no; the text is its own line."""


class Unreachable(ArtelError):
    """The server went away in the middle."""


@dataclass(frozen=True)
class RunEvent:
    """One event of a run: type `status` or `node`, and what the API says of it."""

    type: str
    data: dict[str, Any]


@asynccontextmanager
async def connected(settings: Settings, lang: Lang) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the server that holds the data folder, else of one that lives as long as this block.

    Answers of 400 and above raise Refused, in `lang` where they are said in it.
    Errors: StartError; Unreachable.
    """
    async with AsyncExitStack() as stack:
        try:
            FolderLock(settings.data_dir).take().release()
            url = await stack.enter_async_context(_own_server(settings))
        except FolderInUse as taken:
            if taken.url is None:
                raise
            url = taken.url
        client = await stack.enter_async_context(_client(url, token_of(settings), lang))
        try:
            yield client
        except httpx.TransportError as error:
            raise Unreachable(
                f"the server at {url} does not answer: {error or type(error).__name__}"
            ) from error


async def events(client: httpx.AsyncClient, run_id: str) -> AsyncIterator[RunEvent]:
    """The run's events until it waits for a person or has ended (server-sent events, WHATWG HTML 9.2)."""
    async with client.stream("GET", f"runs/{run_id}/events", timeout=STREAM_TIMEOUT) as answer:
        type, data = "message", ""
        async for line in answer.aiter_lines():
            field, _, value = line.partition(":")
            if field == "event":
                type = value.strip()
            elif field == "data":
                data += value.strip()
            elif not line and data:
                yield RunEvent(type, json.loads(data))
                type, data = "message", ""


def _own_server(settings: Settings) -> AbstractAsyncContextManager[str]:
    # Imported here: beside a running server none of it is needed, and it takes two seconds.
    from .server import serving

    return serving(settings, host="127.0.0.1", port=0, schedules=False)


def _client(url: str, token: str, lang: Lang) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=f"{url}/api/v1",
        headers={"Authorization": f"Bearer {token}"},
        timeout=TIMEOUT,
        event_hooks={"response": [_refusing(lang)]},
    )


def _refusing(lang: Lang) -> Callable[[httpx.Response], Awaitable[None]]:
    async def refuse(answer: httpx.Response) -> None:
        if answer.is_error:
            await answer.aread()
            raise Refused(_line(answer, lang))

    return refuse


def _line(answer: httpx.Response, lang: Lang) -> str:
    """The one line of an RFC 9457 problem."""
    try:
        problem = answer.json()
        text = problem.get("said", {}).get(lang) or problem.get("detail") or problem["title"]
    except (ValueError, KeyError, AttributeError):
        text = f"{answer.status_code} {answer.reason_phrase}"
    return re.sub(r"[ \t\r\n]+", " ", str(text)).strip()
