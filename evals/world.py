"""The world that a case runs in: Artel as in production, in a folder of the case, by a clock that repeats."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from graphs.registry import GRAPHS, Build
from graphs.runtime.services import Services, migrated, open_services
from graphs.runtime.settings import Settings
from memory import usage
from memory.db import Database, Memory
from memory.usage import Total

from .nodes import Nodes, open_nodes, shared_fetcher

T = TypeVar("T")


class Given(Settings):
    """Settings of a case. Nothing comes from the environment, or scores would differ between machines."""

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: Any, init_settings: Any, *args: Any, **others: Any
    ) -> Any:
        return (init_settings,)


START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Shared:
    """What the cases of one evaluation have in common. settings: of the models, as replay, record or live
    want them; folder: of this run; empty: where all evaluations of the run keep their empty database."""

    folder: Path
    settings: Mapping[str, Any] = field(default_factory=dict)
    empty: Path | None = None
    _made: dict[str, asyncio.Task[Any]] = field(default_factory=dict)

    async def once(self, what: str, make: Callable[[], Awaitable[T]]) -> T:
        """What `make` makes the first time: all cases use the same."""
        if what not in self._made:
            self._made[what] = asyncio.ensure_future(_awaited(make))
        made: T = await self._made[what]
        return made

    async def database(self) -> Path:
        """An empty database of this version, to be copied: to make one takes longer than a case."""
        return await self.once("database", self._empty)

    async def _empty(self) -> Path:
        path = self.empty or self.folder / "empty.db"
        if not path.exists():
            await migrated(Given(data_dir=self.folder / "empty"))
            # Another process may have made it meanwhile: they are alike.
            (self.folder / "empty" / "artel.db").rename(path)
        return path


async def _awaited(make: Callable[[], Awaitable[T]]) -> T:
    return await make()


@dataclass(frozen=True)
class World:
    """folder: of this case and epoch, empty; calls: what the services that have closed asked of models."""

    folder: Path
    shared: Shared
    calls: list[Total] = field(default_factory=list)

    async def once(self, what: str, make: Callable[[], Awaitable[T]]) -> T:
        """What is made once for all cases, such as a market with its vectors."""
        return await self.shared.once(what, make)

    @asynccontextmanager
    async def artel(
        self, *, graphs: Mapping[str, Build] = GRAPHS, **settings: Any
    ) -> AsyncIterator[Services]:
        """Artel with these settings on a database that the case keeps while it lasts: open it again, and it
        goes on. Times and ids are the same in each run."""
        given, opened = await self._given(settings)
        async with open_services(given, clock=_clock(opened), new_id=_ids(opened), graphs=graphs) as services:
            yield services
        await self._note_calls(given)

    @asynccontextmanager
    async def nodes(self, **settings: Any) -> AsyncIterator[Nodes]:
        """What the nodes of a graph work with, without all that runs graphs: a tenth of the time to open."""
        given, opened = await self._given(settings)
        async with open_nodes(given, shared_fetcher(), _clock(opened), _ids(opened)) as nodes:
            yield nodes
        await self._note_calls(given)

    async def _given(self, settings: Mapping[str, Any]) -> tuple[Given, int]:
        """The settings, with a database there, and how often it was opened before."""
        given = Given(data_dir=self.folder, **{**self.shared.settings, **settings})
        if not (self.folder / "artel.db").exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(await self.shared.database(), self.folder / "artel.db")
        opened = len(list(self.folder.glob("opened-*")))
        (self.folder / f"opened-{opened}").touch()
        return given, opened

    async def _note_calls(self, given: Settings) -> None:
        if given.asks_models:
            self.calls[:] = await _calls(given.url)


async def _calls(url: str) -> Sequence[Total]:
    """All that the case has asked. Read when the services have closed, for they write it beside the work."""
    database = Database(url)
    try:
        return await Memory(database).read(usage.totals, START, ("provider", "model", "agent"))
    finally:
        database.close()


def _clock(opened: int) -> Callable[[], datetime]:
    """A second passes with every look, an hour with every opening."""
    ticks = count()
    return lambda: START + timedelta(hours=opened, seconds=next(ticks))


def _ids(opened: int) -> Callable[[], str]:
    """UUIDs in the order in which they were made."""
    numbers = count(1)
    return lambda: str(UUID(int=(opened + 1) << 96 | 7 << 76 | 2 << 62 | next(numbers)))
