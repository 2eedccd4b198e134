"""SIGKILL in the middle, another process to the end: the world is as if nothing had happened.

On SQLite the process starts again, on PostgreSQL a second worker is there already.
"""

from __future__ import annotations

import asyncio
import shutil
import signal
import time
from collections.abc import Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from graphs.runtime.services import Services, open_services
from memory import runs
from memory.db import TenantSession
from memory.models import Member, Run
from tests.fakes.forks import PATIENCE_S
from tests.fakes.mortal import doomed, main_job, prepare, settings, standing_by
from tests.fakes.postgres import fresh_postgres

POINTS = [
    "after:fetch",
    "after:resolve",
    "before:start",
    "after:start",
    "after:compatibility",
    "after:outreach",
    "decided",
    "before:send",
    "mail",
    "after:send",
    "crm",
    "after:crm_sync",
    "after:analytics",
]
RECOVERY_S = 5.0  # what the users were promised, with the settings they get


@pytest.fixture(scope="module")
def prepared_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared")
    asyncio.run(prepare(f"sqlite:///{folder / 'artel.db'}", folder))
    return folder / "artel.db"


@pytest.fixture(scope="module")
def prepared_database(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with fresh_postgres(postgres_server) as url:
        asyncio.run(prepare(url, tmp_path_factory.mktemp("prepared")))
        yield url


@pytest.fixture
def file(prepared_file: Path, tmp_path: Path) -> str:
    return f"sqlite:///{shutil.copy(prepared_file, tmp_path)}"


@pytest.fixture
def database(prepared_database: str, postgres_server: str) -> Iterator[str]:
    with fresh_postgres(postgres_server, prepared_database) as url:
        yield url


@pytest.fixture(scope="module")
def undisturbed(prepared_file: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("undisturbed")
    world = asyncio.run(rest_of_the_job(f"sqlite:///{shutil.copy(prepared_file, folder)}", folder))
    assert world["effects"] == [("crm", "done"), ("letter", "done")]
    assert world["letters"] == 1
    assert world["waiting"] >= 1
    return world


async def rest_of_the_job(url: str, folder: Path) -> dict[str, Any]:
    async with open_services(settings(url, folder)) as services:
        return await main_job(services)


@pytest.mark.parametrize("point", POINTS)
async def test_a_restart_leaves_no_trace(
    point: str, file: str, tmp_path: Path, undisturbed: dict[str, Any]
) -> None:
    async with doomed(file, tmp_path, point) as first:
        await killed(first)
    assert await rest_of_the_job(file, tmp_path) == undisturbed


@pytest.mark.parametrize("point", POINTS)
async def test_a_second_worker_goes_on(
    point: str, database: str, tmp_path: Path, undisturbed: dict[str, Any]
) -> None:
    only_listens = settings(database, tmp_path, concurrency=0)
    async with (
        standing_by(database, tmp_path) as second,
        doomed(database, tmp_path, point) as first,
        open_services(only_listens) as desk,
    ):
        await killed(first)
        died = time.monotonic()
        owner = await member_of(desk, first.pid)
        assert await desk.memory.read(runs.held_by, owner)
        await taken_over(desk, owner)
        assert time.monotonic() - died < RECOVERY_S
        assert await main_job(desk) == undisturbed
        assert await desk.memory.read(owners) - {owner} == {await member_of(desk, second.pid)}


async def killed(process: BaseProcess) -> None:
    await asyncio.to_thread(process.join, PATIENCE_S)
    assert process.exitcode == -signal.SIGKILL


async def member_of(desk: Services, pid: int | None) -> str:
    query = select(Member.id).where(Member.pid == pid)
    return await desk.memory.read(lambda session: session.exec(query).one())


async def taken_over(desk: Services, dead: str) -> None:
    """Until what the dead one ran is run by another."""
    async with asyncio.timeout(PATIENCE_S):
        while any(run.owner in (dead, None) for run in await desk.memory.read(runs.active)):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def owners(session: TenantSession) -> set[str | None]:
    return {run.owner for run in session.exec(select(Run)) if run.started_at}
