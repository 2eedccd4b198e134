"""What a run stands on goes away under it, and comes back: the connection, the server, the disk."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from memory.cluster import application_name
from memory.db import TenantSession
from tests.fakes.postgres import ROOT, fresh_postgres, kept_server
from tests.fakes.workshop import PATIENCE_S, begun, desk, ended, entered, journal, laborer


@pytest.fixture
def database(postgres_server: str) -> Iterator[str]:
    with fresh_postgres(postgres_server) as url:
        yield url


async def test_a_worker_whose_lock_is_gone_comes_back_as_another(database: str, tmp_path: Path) -> None:
    async with desk(database, tmp_path) as services, laborer(database, tmp_path):
        run, pid = await begun(services, tmp_path)
        held = await services.runs.get(run.id)
        assert held.owner is not None
        assert await services.memory.read(hang_up, held.owner) == [True]
        assert await entered(tmp_path, 2) == [pid, pid]
        done = await ended(services, run, tmp_path)
        assert (done.status, done.attempts) == ("done", 2)
        assert done.owner != held.owner
        assert journal(tmp_path) == [("in", pid), ("out", pid)] * 2


def hang_up(session: TenantSession, member: str) -> list[bool]:
    """End the connection that holds the lock; the worker's others bear its name too."""
    query = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = :name"
        " AND pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted)"
    )
    return [*session.connection().execute(text(query), {"name": application_name(member)}).scalars()]


async def test_a_run_outlives_a_restart_of_the_server(tmp_path: Path) -> None:
    with kept_server() as keeper, fresh_postgres(keeper.url) as url:
        async with desk(url, tmp_path) as services, laborer(url, tmp_path) as worker:
            run, pid = await begun(services, tmp_path)
            keeper.tell("stop")
            await entered(tmp_path, 1, what="out")
            keeper.tell("start")
            assert await entered(tmp_path, 2) == [pid, pid]
            done = await ended(services, run, tmp_path)
            assert (done.status, done.retries) == ("done", 0)
            assert journal(tmp_path) == [("in", pid), ("out", pid)] * 2
            assert worker.exitcode is None
            again, _ = await begun(services, tmp_path)
            assert (await ended(services, again, tmp_path)).status == "done"


def test_runs_outlive_a_full_disk(tmp_path: Path) -> None:
    """Nothing that could not be written is told as done, and nothing is lost."""
    alone = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs -o size=160m tmpfs "$0" && exec "$@"']
    if subprocess.run([*alone, str(tmp_path), "true"], capture_output=True, check=False).returncode:
        pytest.skip("a disk of its own cannot be mounted here")
    command = [*alone, str(tmp_path), sys.executable, "-m", "tests.fakes.cramped", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told.pop("refused")
    assert set(told.pop("full")) <= {"queued", "running"}
    assert told == {"ended": ["done"] * 3, "kept": [True] * 3, "runs": 3}
