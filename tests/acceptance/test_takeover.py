"""A worker dies, stands still or is told to stop in the middle of a run: another one goes on with it, on both
databases, and what comes back changes nothing."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from graphs.runtime.services import Services
from memory.cluster import application_name
from memory.db import TenantSession
from tests.fakes.postgres import fresh_database
from tests.fakes.workshop import PATIENCE_S, begun, desk, ended, entered, laborer


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with fresh_database(request.param, request, tmp_path) as url:
        yield url


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


async def test_a_worker_told_to_stop_lets_its_runs_end(url: str, tmp_path: Path) -> None:
    async with (
        desk(url, tmp_path) as services,
        laborer(url, tmp_path, grace_s=30) as first,
        laborer(url, tmp_path, grace_s=30) as second,
    ):
        run, pid = await begun(services, tmp_path)
        first.terminate()
        second.terminate()
        done = await ended(services, run, tmp_path)
        assert (done.status, done.attempts, await entered(tmp_path, 1)) == ("done", 1, [pid])
        for process in (first, second):
            await asyncio.to_thread(process.join, PATIENCE_S)
            assert process.exitcode == 0


async def test_a_worker_that_stood_still_changes_nothing(url: str, tmp_path: Path) -> None:
    async with desk(url, tmp_path) as services, laborer(url, tmp_path), laborer(url, tmp_path):
        run, first = await begun(services, tmp_path)
        owner = (await services.runs.get(run.id)).owner
        assert owner is not None
        begun_with = await connections(services, owner)
        os.kill(first, signal.SIGSTOP)
        second = (await entered(tmp_path, 2))[1]
        assert second != first
        assert (begun_with > 1, await connections(services, owner)) == ("postgresql" in url, 0)
        held = await services.runs.get(run.id)
        os.kill(first, signal.SIGCONT)
        done = await ended(services, run, tmp_path)
        assert (done.status, done.owner, done.attempts) == ("done", held.owner, held.attempts)
        assert await entered(tmp_path, 2) == [first, second]


async def connections(services: Services, member: str) -> int:
    """How many the member has to the server, if there is one."""

    def count(session: TenantSession) -> int:
        named = text("SELECT count(*) FROM pg_stat_activity WHERE application_name = :name")
        return int(session.connection().execute(named, {"name": application_name(member)}).scalar_one())

    return 0 if services.memory.database.is_sqlite else await services.memory.read(count)
