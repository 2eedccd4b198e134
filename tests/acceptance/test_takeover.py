"""A worker dies, stands still or is told to stop in the middle of a run: another one goes on with it, on both
databases, and what comes back changes nothing."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.postgres import fresh_database, postgres_server
from tests.fakes.workshop import begun, desk, ended, entered, laborer

__all__ = ["postgres_server"]


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
