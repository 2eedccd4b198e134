"""Processes that the bench starts: each says a line of JSON when it is ready, answers every line it is told
with another, and stops when its standard input ends."""

from __future__ import annotations

import asyncio
import json
import os
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
# More than the longest line: thousands of figures.
_LINE = 2**20


@dataclass(frozen=True)
class Child:
    """said: its first line."""

    process: Process
    said: Any

    async def ask(self, told: Any = None) -> Any:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(told).encode() + b"\n")
        return await _line(self.process)

    def cpu_s(self) -> float:
        """Processor time so far. Reads /proc, as the next one: Linux only."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mb(self) -> float:
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@asynccontextmanager
async def child(python: str | Path, module: str, *args: str) -> AsyncIterator[Child]:
    command = (str(python), "-m", module, *args)
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, cwd=ROOT, limit=_LINE)
    assert process.stdin is not None
    try:
        yield Child(process, await _line(process))
    finally:
        process.stdin.close()
        await process.wait()


async def _line(process: Process) -> Any:
    assert process.stdout is not None
    return json.loads(await process.stdout.readline())
