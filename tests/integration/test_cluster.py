"""Members of a cluster, on both databases: who is alive, and what they tell each other."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
import uvloop
from sqlalchemy import update
from sqlmodel import col, select

from memory.cluster import AlreadyJoined, Cluster, Timing, application_name, join, notify
from memory.cluster.wire import pack, unpack
from memory.db import Database, Memory, TenantSession
from memory.models import Member
from memory.notices import Notice
from tests.fakes.postgres import ROOT, fresh_database

LIMIT_S = 20.0


@pytest_asyncio.fixture
async def database(empty_database: str) -> AsyncIterator[Database]:
    database = Database(empty_database)
    yield database
    database.close()


@pytest_asyncio.fixture
async def postgres(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    with fresh_database("postgresql", request, tmp_path) as url:
        database = Database(url)
        yield database
        database.close()


def name() -> str:
    return str(uuid4())


def ignore(notice: Notice) -> None:
    pass


def now() -> datetime:
    return datetime.now(UTC)


joined = partial(join, clock=now, monotonic=time.monotonic)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Look again and again: neither a lock nor a row tells anybody that it is gone."""
    async with asyncio.timeout(LIMIT_S):
        while not await holds():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def gone(cluster: Cluster, member: str) -> None:
    async def seen() -> bool:
        return await cluster.dead([member]) == {member}

    await until(seen)


@asynccontextmanager
async def process(url: str, member: str, lease_s: float, beat_s: float) -> AsyncIterator[Process]:
    """A member that is a process of its own; it has joined."""
    arguments = ["-m", "tests.fakes.member", url, member, str(lease_s), str(beat_s)]
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=ROOT, stdin=pipe, stdout=pipe
    )
    try:
        assert await line(child) == "joined"
        yield child
    finally:
        with suppress(ProcessLookupError):
            child.kill()
        await child.wait()


async def line(child: Process) -> str:
    assert child.stdout is not None
    return (await asyncio.wait_for(child.stdout.readline(), LIMIT_S)).decode().strip()


async def test_members_hear_each_other_and_not_themselves(database: Database) -> None:
    first: asyncio.Queue[Notice] = asyncio.Queue()
    second: asyncio.Queue[Notice] = asyncio.Queue()
    async with (
        joined(database, name(), first.put_nowait) as one,
        joined(database, name(), second.put_nowait) as two,
    ):
        told = [Notice("run/1", "frame", {"n": n, "text": "Привет"}) for n in range(300)]
        await one.tell(told)
        async with asyncio.timeout(LIMIT_S):
            assert [await second.get() for _ in told] == told
        await two.tell([Notice("queue", "added")])
        async with asyncio.timeout(LIMIT_S):
            assert await first.get() == Notice("queue", "added")
        assert first.empty() and second.empty()


def test_members_hear_each_other_on_uvloop(empty_database: str) -> None:
    async def talk() -> Notice:
        database = Database(empty_database)
        heard: asyncio.Queue[Notice] = asyncio.Queue()
        async with joined(database, name(), heard.put_nowait), joined(database, name(), ignore) as two:
            await two.tell([Notice("queue", "added", {"n": n}) for n in range(300)])
            async with asyncio.timeout(LIMIT_S):
                last = [await heard.get() for _ in range(300)][-1]
        database.close()
        return last

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(talk()) == Notice("queue", "added", {"n": 299})


async def test_a_notice_of_a_transaction_is_heard_after_its_commit_only(postgres: Database) -> None:
    heard: asyncio.Queue[Notice] = asyncio.Queue()
    memory = Memory(postgres)

    def write(session: TenantSession, type: str, error: Exception | None) -> bool:
        notify(session.connection(), "somebody", [Notice("queue", type)])
        if error:
            raise error
        return heard.empty()

    async with joined(postgres, name(), heard.put_nowait):
        with pytest.raises(RuntimeError):
            await memory.write(write, "rolled back", RuntimeError())
        assert await memory.write(write, "committed", None)
        async with asyncio.timeout(LIMIT_S):
            assert await heard.get() == Notice("queue", "committed")
        assert heard.empty()


async def test_a_notice_is_heard_while_a_beat_is_answered(database: Database) -> None:
    heard: asyncio.Queue[Notice] = asyncio.Queue()
    async with (
        joined(database, name(), heard.put_nowait, lease_s=10, beat_s=0.002),
        joined(database, name(), ignore) as two,
    ):
        for n in range(200):
            await two.tell([Notice("queue", "added", {"n": n})])
        async with asyncio.timeout(LIMIT_S):
            assert [(await heard.get()).data["n"] for _ in range(200)] == [*range(200)]


async def test_a_killed_process_is_dead_and_a_living_one_is_not(database: Database) -> None:
    killed, living = name(), name()
    async with joined(database, name(), ignore, beat_s=0.2) as cluster, joined(database, living, ignore):
        async with process(database.url, killed, 10, 0.2) as child:
            assert await cluster.dead([killed, living, cluster.member]) == set()
            child.kill()
            await child.wait()
            await gone(cluster, killed)
        assert await cluster.dead([killed, living, "nobody"]) == {killed, "nobody"}
        await cluster.tell([Notice("queue", "added")])


async def test_a_free_lock_counts_after_a_grace_period(postgres: Database) -> None:
    killed = name()
    times = [0.0]
    async with join(postgres, name(), ignore, beat_s=1, clock=now, monotonic=lambda: times[0]) as cluster:
        async with process(postgres.url, killed, 10, 1) as child:
            child.kill()
            await child.wait()
        await unlocked(postgres, killed)
        assert await cluster.dead([killed]) == set()
        times[0] = 1.9
        assert await cluster.dead([killed]) == set()
        times[0] = 2.0
        assert await cluster.dead([killed]) == {killed}


async def unlocked(database: Database, member: str) -> None:
    async def seen() -> bool:
        return await backends(database, member) == []

    await until(seen)


async def test_a_stopped_process_is_dead_after_its_lease_and_knows_it(database: Database) -> None:
    stopped = name()
    async with (
        joined(database, name(), ignore, lease_s=1, beat_s=0.2) as cluster,
        process(database.url, stopped, 1, 0.2) as child,
    ):
        assert await ask(child) == "holds True"
        child.send_signal(signal.SIGSTOP)
        await gone(cluster, stopped)
        assert cluster.holds() and not cluster.lost.is_set()
        if not database.is_sqlite:
            assert await backends(database, stopped) == []
        child.send_signal(signal.SIGCONT)
        said = {await ask(child), await line(child)}
        assert said == {"holds False", "lost"}
        assert await cluster.dead([stopped]) == {stopped}


async def ask(child: Process) -> str:
    assert child.stdin is not None
    child.stdin.write(b"?\n")
    return await line(child)


async def test_a_stopped_process_holds_up_nobody(database: Database) -> None:
    stopped = name()
    heard: asyncio.Queue[Notice] = asyncio.Queue()
    async with (
        joined(database, name(), heard.put_nowait),
        joined(database, name(), ignore) as two,
        process(database.url, stopped, 10, 1) as child,
    ):
        child.send_signal(signal.SIGSTOP)
        for n in range(100):
            await two.tell([Notice(f"run/{n}", "frame")])
        async with asyncio.timeout(LIMIT_S):
            assert [(await heard.get()).topic for _ in range(100)] == [f"run/{n}" for n in range(100)]
        child.send_signal(signal.SIGCONT)
        assert [await line(child) for _ in range(100)] == [f"heard run/{n}" for n in range(100)]


async def test_a_passed_lease_is_noticed_before_any_answer(database: Database) -> None:
    times = [0.0]
    async with join(database, name(), ignore, lease_s=10, clock=now, monotonic=lambda: times[0]) as cluster:
        assert cluster.holds()
        times[0] = 10.0
        assert not cluster.holds()
        await asyncio.wait_for(cluster.lost.wait(), LIMIT_S)
        times[0] = 0.0
        assert not cluster.holds()


async def test_who_was_declared_dead_does_not_come_back(database: Database) -> None:
    memory = Memory(database)
    member = name()
    async with (
        joined(database, member, ignore, beat_s=0.05) as cluster,
        joined(database, name(), ignore) as two,
    ):
        await memory.write(lambda session: _age(session, member, timedelta(seconds=11)))
        await asyncio.wait_for(cluster.lost.wait(), LIMIT_S)
        assert await two.dead([member]) == {member}
        assert not cluster.holds()


async def test_a_member_without_a_row_is_lost(database: Database) -> None:
    def remove(session: TenantSession) -> None:
        session.delete(session.exec(select(Member)).one())

    async with joined(database, name(), ignore, beat_s=0.05) as cluster:
        await Memory(database).write(remove)
        await asyncio.wait_for(cluster.lost.wait(), LIMIT_S)


async def test_leaving_frees_the_place(database: Database, tmp_path: Path) -> None:
    member = name()
    async with joined(database, name(), ignore) as cluster:
        async with joined(database, member, ignore):
            with pytest.raises(AlreadyJoined):
                async with joined(database, member, ignore):
                    pass
            assert await cluster.dead([member]) == set()
        assert await cluster.dead([member]) == {member}
        assert await Memory(database).read(ids) == [cluster.member]
    assert files(tmp_path, "*") == []


async def test_leaving_ends_in_the_middle_of_a_beat(database: Database) -> None:
    for _ in range(40):
        async with asyncio.timeout(LIMIT_S), joined(database, name(), ignore, beat_s=0.0005):
            await asyncio.sleep(0.003)


def files(folder: Path, pattern: str) -> list[Path]:
    return [*folder.glob(f"members/{pattern}")]


async def test_the_long_dead_are_forgotten_and_the_living_are_not(database: Database, tmp_path: Path) -> None:
    killed, recent, old = name(), name(), timedelta(hours=2)
    memory = Memory(database)
    for dead in (killed, recent):
        async with process(database.url, dead, 10, 1) as child:
            child.kill()
    async with joined(database, name(), ignore) as living:
        await memory.write(lambda session: _age(session, killed, old))
        for path in files(tmp_path, f"{killed}.*"):
            os.utime(path, (0, 0))
        if not database.is_sqlite:
            await unlocked(database, killed)
        await memory.write(lambda session: _age(session, living.member, old))
        async with joined(database, name(), ignore) as joiner:
            assert {*await memory.read(ids)} == {recent, living.member, joiner.member}
            assert files(tmp_path, f"{killed}.*") == []


def _age(session: TenantSession, member: str, by: timedelta) -> None:
    row = update(Member).where(col(Member.id) == member)
    session.connection().execute(row.values(beat_at=now() - by))


def ids(session: TenantSession) -> list[str]:
    return [*session.exec(select(Member.id))]


async def test_a_terminated_connection_is_a_lost_place(postgres: Database) -> None:
    member = name()
    async with joined(postgres, member, ignore, beat_s=5, lease_s=100) as cluster:
        await Memory(postgres).write(terminate, member)
        await asyncio.wait_for(cluster.lost.wait(), LIMIT_S)
        assert not cluster.holds()


async def test_the_dead_lose_every_connection(postgres: Database) -> None:
    member = name()
    named = Database(f"{postgres.url}&application_name={application_name(member).replace(' ', '%20')}")
    async with joined(postgres, name(), ignore) as cluster, joined(named, member, ignore):
        await Memory(named).write(lambda session: session.connection().exec_driver_sql("SELECT 1"))
        assert len(await backends(postgres, member)) == 2
        await Memory(postgres).write(lambda session: _age(session, member, timedelta(minutes=1)))
        assert await cluster.dead([member]) == {member}
        assert await backends(postgres, member) == []
    named.close()


async def test_an_unanswered_beat_is_a_lost_place(postgres: Database) -> None:
    member = name()
    async with joined(postgres, member, ignore, beat_s=0.1, lease_s=1) as cluster:
        with postgres.engine.begin() as blocking:
            blocking.exec_driver_sql("LOCK TABLE member")
            await asyncio.wait_for(cluster.lost.wait(), LIMIT_S)
        await unlocked(postgres, member)


def terminate(session: TenantSession, member: str) -> None:
    statement = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s"
    session.connection().exec_driver_sql(statement, (application_name(member),))


async def backends(database: Database, member: str) -> list[int]:
    def look(session: TenantSession) -> list[int]:
        statement = "SELECT pid FROM pg_stat_activity WHERE application_name = %s"
        return [*session.connection().exec_driver_sql(statement, (application_name(member),)).scalars()]

    return await Memory(database).read(look)


async def test_a_notice_that_is_too_long_is_refused(database: Database) -> None:
    async with joined(database, name(), ignore) as cluster:
        await cluster.tell([Notice("run/1", "frame", {"text": "x" * 7_400})])
        with pytest.raises(ValueError, match="over 7500"):
            await cluster.tell([Notice("run/1", "frame", {"text": "ж" * 3_800})])


@pytest.mark.parametrize(
    "packed", ["", "{}", "[1]", '{"from": "a", "topic": 1, "type": "b", "data": {}}', b"\xff"]
)
def test_what_cannot_be_read_is_not_heard(packed: str | bytes) -> None:
    assert unpack(packed, "me") is None


def test_a_notice_survives_the_way() -> None:
    notice = Notice("run/1", "node", {"a": [1, None, "ж"]})
    assert unpack(pack("other", notice), "me") == notice
    assert unpack(pack("me", notice), "me") is None


@pytest.mark.parametrize(("lease_s", "beat_s"), [(1, 0.6), (1, 0), (-1, -1)])
def test_a_lease_that_no_beat_can_keep_is_refused(lease_s: float, beat_s: float) -> None:
    with pytest.raises(ValueError, match="too short"):
        Timing(lease_s, beat_s)
