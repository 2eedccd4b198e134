"""Workers as processes, a desk that starts runs for them, and the journal that their node keeps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from graphs.runtime.runs import Request
from graphs.runtime.services import Services, open_services
from graphs.runtime.settings import Settings
from memory.models import Run, Trigger
from tests.fakes.forks import ready
from tests.fakes.laborer import build_slow, labor

# Recovery takes about three seconds; a busy machine may take longer, and a run that is lost takes for ever.
PATIENCE_S = 40
LEASE_S = 2.0


@asynccontextmanager
async def laborer(
    url: str, folder: Path, *, namespace: str | None = None, lease_s: float = LEASE_S, grace_s: float = 1
) -> AsyncIterator[ForkServerProcess]:
    """A worker that has joined. namespace: the network namespace that it is in, by its name."""
    settings = Settings(database_url=url, data_dir=folder, lease_s=lease_s, grace_s=grace_s)
    async with ready(labor, settings, namespace) as process:
        yield process


@asynccontextmanager
async def desk(url: str, folder: Path, *, lease_s: float = LEASE_S) -> AsyncIterator[Services]:
    """A process that starts runs and executes none."""
    settings = Settings(database_url=url, data_dir=folder, concurrency=0, lease_s=lease_s)
    async with open_services(settings, graphs={"slow": build_slow}) as services:
        yield services


async def begun(services: Services, folder: Path) -> tuple[Run, int]:
    """A run that is held in its node, and the process that runs it."""
    (folder / "hold").touch()
    request = Request("slow", {"folder": str(folder)}, Trigger.API, "person:test")
    run, _ = await services.runs.start(request)
    return run, (await entered(folder, 1))[0]


async def entered(folder: Path, times: int, *, what: str = "in") -> list[int]:
    """The processes that entered the node (`out`: left it), once that happened so many times."""
    async with asyncio.timeout(PATIENCE_S):
        while len(noted := [pid for it, pid in journal(folder) if it == what]) < times:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return noted


def journal(folder: Path) -> list[tuple[str, int]]:
    """Who entered (`in`) and left (`out`) the node, in the order in which it happened."""
    path = folder / "journal"
    lines = path.read_text().splitlines() if path.exists() else []
    return [(what, int(pid)) for what, pid in map(str.split, lines)]


async def ended(services: Services, run: Run, folder: Path) -> Run:
    (folder / "hold").unlink()
    async with asyncio.timeout(PATIENCE_S):
        return await services.runs.wait(run.id)
