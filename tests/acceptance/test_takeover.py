"""A worker dies, stands still or is told to stop in the middle of a run: another one goes on with it, on both
databases, and what comes back changes nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from graphs.runtime.runs import Request
from graphs.runtime.services import Services, open_services
from graphs.runtime.settings import Settings
from memory.models import Run, Trigger
from tests.fakes.laborer import build_slow
from tests.fakes.postgres import ROOT, fresh_database, postgres_server

__all__ = ["postgres_server"]

# Recovery takes about three seconds; a busy machine may take longer, and a run that is lost takes for ever.
PATIENCE_S = 30


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with fresh_database(request.param, request, tmp_path) as url:
        yield url


@asynccontextmanager
async def laborer(url: str, folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.fakes.laborer",
        url,
        str(folder),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline()
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@asynccontextmanager
async def desk(url: str, folder: Path) -> AsyncIterator[Services]:
    """A process that starts runs and executes none."""
    settings = Settings(database_url=url, data_dir=folder, concurrency=0, lease_s=2)
    async with open_services(settings, graphs={"slow": build_slow}) as services:
        yield services


async def begun(services: Services, folder: Path) -> tuple[Run, int]:
    """A run that is held in its node, and the process that runs it."""
    (folder / "hold").touch()
    request = Request("slow", {"folder": str(folder)}, Trigger.API, "person:test")
    run, _ = await services.runs.start(request)
    return run, (await entered(folder, 1))[0]


async def entered(folder: Path, times: int) -> list[int]:
    """The processes that entered the node, once it was entered so many times."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            lines = (folder / "entered").read_text().split() if (folder / "entered").exists() else []
            if len(lines) >= times:
                return [int(line) for line in lines]
            await asyncio.sleep(0.05)


async def ended(services: Services, run: Run, folder: Path) -> Run:
    (folder / "hold").unlink()
    async with asyncio.timeout(PATIENCE_S):
        return await services.runs.wait(run.id)


async def test_a_killed_worker_is_followed_by_another(url: str, tmp_path: Path) -> None:
    async with desk(url, tmp_path) as services, laborer(url, tmp_path), laborer(url, tmp_path):
        run, first = await begun(services, tmp_path)
        os.kill(first, signal.SIGKILL)
        assert (await entered(tmp_path, 2))[1] != first
        done = await ended(services, run, tmp_path)
        assert (done.status, done.deaths, done.attempts) == ("done", 1, 2)


async def test_a_worker_told_to_stop_gives_its_runs_back(url: str, tmp_path: Path) -> None:
    async with desk(url, tmp_path) as services, laborer(url, tmp_path), laborer(url, tmp_path):
        run, first = await begun(services, tmp_path)
        os.kill(first, signal.SIGTERM)
        assert (await entered(tmp_path, 2))[1] != first
        done = await ended(services, run, tmp_path)
        assert (done.status, done.deaths, done.attempts) == ("done", 0, 2)


async def test_a_worker_that_stood_still_changes_nothing(url: str, tmp_path: Path) -> None:
    async with desk(url, tmp_path) as services, laborer(url, tmp_path), laborer(url, tmp_path):
        run, first = await begun(services, tmp_path)
        os.kill(first, signal.SIGSTOP)
        second = (await entered(tmp_path, 2))[1]
        assert second != first
        held = await services.runs.get(run.id)
        os.kill(first, signal.SIGCONT)
        done = await ended(services, run, tmp_path)
        assert (done.status, done.owner, done.attempts) == ("done", held.owner, held.attempts)
        assert await entered(tmp_path, 2) == [first, second]
