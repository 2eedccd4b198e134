"""Workers as processes that come fast: `python -m tests.fakes.hauler DATABASE_URL FOLDER TRACE`.

A line on its standard input forks a worker of the graph `haul`; it answers with the worker's process id.
What a worker needs is imported once, so one costs the machine little. They die with this process.

Each execution of the graph appends `run attempt` to the file TRACE: so what is done twice is seen.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog
from langgraph.runtime import get_runtime

from agents.context import Context
from graphs.runtime.services import open_services
from graphs.runtime.settings import Settings

from .graphs import Trail, chain

_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)


def haul(trace: Path) -> Callable[[Trail], Awaitable[None]]:
    async def leave_trace(state: Trail) -> None:
        # One write of a line to a file that is only appended to is never mixed with another's.
        fence = get_runtime(Context).context.memory.fence
        assert fence is not None
        with trace.open("ab", buffering=0) as file:
            file.write(f"{fence.run_id} {fence.attempts}\n".encode())

    return leave_trace


async def labor(url: str, folder: Path, trace: Path) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    settings = Settings(database_url=url, data_dir=folder, lease_s=3, grace_s=0, max_attempts=100)
    async with open_services(settings, graphs={"haul": chain(haul(trace))}):
        await stop.wait()


def main(url: str, folder: Path, trace: Path) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    # Its standard output is for process ids: on a busy machine workers say there that they lost their place.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    print("ready", flush=True)
    for _ in sys.stdin:
        if (pid := os.fork()) == 0:
            ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            asyncio.run(labor(url, folder, trace))
            os._exit(0)
        print(pid, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
