"""A server that can be ended and started again at the same address: tests.fakes.server in its own process."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from .forks import ready
from .server import serve


@dataclass
class House:
    url: str
    folder: Path
    port: int
    process: ForkServerProcess | None = None
    up: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self.process = await self.up.enter_async_context(ready(serve, self.url, self.folder, self.port))

    async def end(self, number: signal.Signals) -> None:
        assert self.process is not None and self.process.pid is not None
        os.kill(self.process.pid, number)
        await asyncio.to_thread(self.process.join)

    def let(self, *nodes: str) -> None:
        """Open these nodes of the graph `gated`."""
        for node in nodes:
            (self.folder / node).touch()


@asynccontextmanager
async def house(url: str, folder: Path) -> AsyncIterator[House]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    served = House(url, folder, port)
    async with served.up:
        await served.start()
        yield served
