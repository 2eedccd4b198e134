"""A server that can be ended and started again at the same address: tests.fakes.server in its own process."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from .postgres import ROOT


@dataclass
class House:
    url: str
    folder: Path
    port: int
    process: asyncio.subprocess.Process | None = None

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.fakes.server", self.url, str(self.folder), str(self.port)),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )
        assert self.process.stdout is not None
        assert await self.process.stdout.readline(), "the server did not start"

    async def end(self, number: signal.Signals) -> None:
        assert self.process is not None
        os.kill(self.process.pid, number)
        await self.process.wait()

    def let(self, *nodes: str) -> None:
        """Open these nodes of the graph `gated`."""
        for node in nodes:
            (self.folder / node).touch()


@asynccontextmanager
async def house(url: str, folder: Path) -> AsyncIterator[House]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    served = House(url, folder, port)
    await served.start()
    try:
        yield served
    finally:
        if served.process is not None and served.process.returncode is None:
            await served.end(signal.SIGKILL)
