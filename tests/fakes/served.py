"""The API served for a test: the real server on a free port, a data folder of its own, small real graphs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from api.client import events
from api.server import serving
from graphs.registry import Build
from graphs.runtime.settings import Settings
from memory.db import Database, Memory

from .graphs import build_asking, build_failing
from .sqlite import migrated_file

TOKEN = "a-token-for-tests"
GRAPHS: Mapping[str, Build] = {"asking": build_asking, "failing": build_failing}


@dataclass(frozen=True)
class Api:
    """A client that has the token, where the server keeps its data, and that data beside the server."""

    client: httpx.AsyncClient
    settings: Settings
    memory: Memory

    async def waiting(self, **body: Any) -> tuple[str, str]:
        """(run id, review id) of a new run that waits for a person."""
        started = await self.client.post("runs", json={"graph": "asking", **body})
        run_id: str = started.json()["id"]
        last = [event.data async for event in events(self.client, run_id)][-1]
        return run_id, last["reviews"][0]


@asynccontextmanager
async def served(
    folder: Path, changed: Mapping[str, Any] | None = None, *, port: int = 0, **graphs: Build
) -> AsyncIterator[Api]:
    """changed: settings that are not those of a test; port: 0 takes any free one."""
    settings = Settings(data_dir=folder, token=TOKEN, **(changed or {}))
    if not settings.database_url:
        migrated_file(folder)
    async with (
        serving(settings, host="127.0.0.1", port=port, schedules=False, graphs={**GRAPHS, **graphs}) as url,
        httpx.AsyncClient(
            base_url=f"{url}/api/v1", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30
        ) as client,
    ):
        with closing(Database(settings.url)) as database:
            yield Api(client, settings, Memory(database))
