"""What a command has at hand: the API, the words, and where to print."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from rich.console import Console, RenderableType
from rich.status import Status
from rich.text import Text

from graphs.runtime.settings import Settings

from .client import connected
from .logs import log_to_file
from .plain import plain
from .words import Words

Render = Callable[[Any, Words], RenderableType]


@dataclass(frozen=True)
class Desk:
    """`out` is for what was asked for, `aside` (stderr) for what happens meanwhile."""

    settings: Settings
    api: httpx.AsyncClient
    words: Words
    out: Console
    aside: Console

    async def get(self, path: str, **params: Any) -> Any:
        """The JSON at `path`; parameters of None are left out. Errors: client.Refused."""
        given = {name: value for name, value in params.items() if value is not None}
        return (await self.api.get(path, params=given)).json()

    async def post(self, path: str, body: Any = None) -> Any:
        return (await self.api.post(path, json=body)).json()

    async def put(self, path: str, body: Any) -> Any:
        return (await self.api.put(path, json=body)).json()

    async def patch(self, path: str, body: Any) -> Any:
        return (await self.api.patch(path, json=body)).json()

    async def send(self, path: str, content: bytes, name: str, kind: str) -> Any:
        """Post a file with what `kind` of things it lists."""
        answer = await self.api.post(path, files={"file": (name, content)}, data={"kind": kind})
        return answer.json()

    def warn(self, text: str) -> None:
        """One line that something was left out."""
        self.aside.print(Text(f"! {plain(text)}", style="yellow"), soft_wrap=True)

    def say(self, text: str) -> None:
        """One line as it is, however long: it can be copied whole."""
        self.out.print(Text(plain(text)), soft_wrap=True)

    def show(self, body: Any, render: Render, *, as_json: bool) -> None:
        """The answer for a machine, or drawn for a person."""
        if as_json:
            self.out.file.write(json.dumps(body, ensure_ascii=False, indent=2) + "\n")
        else:
            self.out.print(render(plain(body), self.words))


@asynccontextmanager
async def at_desk(settings: Settings, begun: Status, *, english: bool) -> AsyncIterator[Desk]:
    """A desk with a connection; `begun` spins until it is there. Errors: those of client.connected."""
    log_to_file(settings)
    words = words_of(settings, english=english)
    async with connected(settings, words.lang) as api:
        begun.stop()
        yield Desk(settings, api, words, Console(), Console(stderr=True))


def words_of(settings: Settings, *, english: bool) -> Words:
    return Words("en" if english else settings.lang, ZoneInfo(settings.timezone))
