"""Webhooks of ended runs on both databases: taken once, tried again until they are, never lost."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlmodel import select
from structlog.testing import capture_logs

from graphs.runtime.deliveries import BACKOFF_S, GRACE_S, Deliverer
from graphs.runtime.events import Events
from memory import deliveries
from memory.db import Database, Memory, TenantSession
from memory.models import Delivery, DeliveryStatus, Run, Trigger
from memory.rows import change
from tests.conftest import START
from tests.fakes.hook import CLOSE, HELD, OK, Answer, FakeHook, redirect
from tools.webhooks import Webhooks

SECRET = b"a secret of at least 24 bytes"
AN_HOUR = BACKOFF_S[1]
TIMEOUT_S = 10.0


@pytest.fixture
def database(empty_database: str) -> Iterator[Database]:
    with opened(empty_database) as database:
        yield database


@contextmanager
def opened(url: str) -> Iterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        database.close()


@dataclass
class Clock:
    """Stands still until it is moved."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Process:
    """What one process has: its view of the database, its events, its deliverer."""

    memory: Memory
    deliverer: Deliverer
    events: Events
    clock: Clock
    running: asyncio.Task[None] | None = None

    def start(self) -> asyncio.Task[None]:
        self.running = asyncio.create_task(self.deliverer.run())
        return self.running

    def notice(self) -> None:
        self.events.publish(deliveries.DUE)

    async def row(self, id: str = "d-0") -> Delivery:
        return (await self.memory.read(rows))[id]

    async def when(self, id: str = "d-0", **told: Any) -> Delivery:
        """The row, once its columns have these values."""

        async def reached() -> bool:
            row = await self.row(id)
            return all(getattr(row, name) == value for name, value in told.items())

        await until(reached)
        return await self.row(id)


@dataclass
class Stage:
    """A database, and what processes on it share."""

    database: Database
    clock: Clock = field(default_factory=Clock)

    @asynccontextmanager
    async def process(self, *allowed: FakeHook, **options: Any) -> AsyncIterator[Process]:
        with opened(self.database.url) as database:
            memory, events = Memory(database), Events()
            timeout_s = options.pop("timeout_s", TIMEOUT_S)
            webhooks = Webhooks(SECRET, frozenset(hook.host for hook in allowed), timeout_s)
            deliverer = Deliverer(memory, webhooks, events, self.clock, Random(1), **options)
            process = Process(memory, deliverer, events, self.clock)
            yield process
            deliverer.stop()
            if process.running and not process.running.cancelled():
                await process.running
            await webhooks.aclose()

    async def open(self, url: str, count: int = 1, **payload: Any) -> None:
        for number in range(count):
            await Memory(self.database).write(ended, number, url, payload, self.clock())


def ended(session: TenantSession, number: int, url: str, payload: dict[str, Any], now: datetime) -> None:
    run = Run(id=f"r-{number}", thread_id=f"t-{number}", graph="scout", trigger=Trigger.API, created_at=now)
    session.merge(run)
    deliveries.open_delivery(session, delivery(number, run.id, url, payload, now))


def delivery(number: int, run_id: str, url: str, payload: dict[str, Any], now: datetime) -> Delivery:
    return Delivery(id=f"d-{number}", run_id=run_id, url=url, payload=payload, next_at=now, created_at=now)


def rows(session: TenantSession) -> dict[str, Delivery]:
    return {row.id: row for row in session.exec(select(Delivery))}


async def until(reached: Callable[[], Awaitable[bool]]) -> None:
    """What happens in other tasks and threads, looked at until it is so."""
    for _ in range(6_000):
        if await reached():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it did not come to be")


async def called(hook: FakeHook, times: int) -> None:
    async def reached() -> bool:
        return len(hook.calls) >= times

    await until(reached)


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)


async def test_a_delivery_that_waits_is_made(stage: Stage) -> None:
    with FakeHook() as hook:
        await stage.open(hook.url, run_id="r-0", status="done")
        async with stage.process(hook) as process:
            process.start()
            row = await process.when(status=DeliveryStatus.DONE)
    assert (row.attempts, row.error, row.done_at) == (1, None, START)
    assert [(call.id, call.body) for call in hook.calls] == [("d-0", b'{"run_id":"r-0","status":"done"}')]


async def test_a_notice_wakes_the_deliverer(stage: Stage) -> None:
    with FakeHook() as hook:
        async with stage.process(hook) as process:
            process.start()
            await asyncio.sleep(0)  # it listens from its first step on
            await stage.open(hook.url)
            process.notice()
            await process.when(status=DeliveryStatus.DONE)


async def test_a_run_is_told_of_once(stage: Stage) -> None:
    memory = Memory(stage.database)
    await stage.open("http://a.example/")
    await memory.write(deliveries.open_delivery, delivery(7, "r-0", "http://b.example/", {}, START))
    assert [row.url for row in (await memory.read(rows)).values()] == ["http://a.example/"]


async def test_it_is_tried_again_until_it_is_taken_under_one_id(stage: Stage) -> None:
    answers = (Answer(500), CLOSE, Answer(404), redirect("http://10.0.0.1/"), OK)
    with FakeHook(*answers) as hook:
        await stage.open(hook.url)
        async with stage.process(hook) as process:
            process.start()
            for attempts in range(1, len(answers)):
                await process.when(attempts=attempts, status=DeliveryStatus.PENDING)
                await until_failed(process, attempts)
                row = await process.row()
                assert stage.clock() < row.next_at <= stage.clock() + timedelta(seconds=AN_HOUR)
                stage.clock.now = row.next_at
                process.notice()
            row = await process.when(status=DeliveryStatus.DONE)
    assert (row.attempts, row.error) == (len(answers), None)
    assert {call.id for call in hook.calls} == {"d-0"}
    assert len({call.headers["webhook-timestamp"] for call in hook.calls}) == len(answers)
    assert len({call.headers["webhook-signature"] for call in hook.calls}) == len(answers)


async def until_failed(process: Process, attempts: int) -> None:
    """Attempt number `attempts` is written down: the lease has made room for the next time."""
    lease = timedelta(seconds=TIMEOUT_S + GRACE_S)

    async def reached() -> bool:
        row = await process.row()
        return row.error is not None and row.next_at != process.clock() + lease

    await until(reached)


async def test_it_is_given_up_after_so_many_attempts(stage: Stage) -> None:
    with FakeHook(Answer(500)) as hook:
        await stage.open(hook.url)
        async with stage.process(hook, max_attempts=3) as process:
            process.start()
            for attempts in (1, 2):
                await process.when(attempts=attempts)
                await until_failed(process, attempts)
                stage.clock.forward(AN_HOUR)
                process.notice()
            row = await process.when(status=DeliveryStatus.FAILED)
            stage.clock.forward(AN_HOUR)
            assert await process.memory.read(deliveries.next_due) is None
    assert (row.attempts, row.done_at, row.error) == (3, None, f"{hook.url}: answered 500")
    assert len(hook.calls) == 3


@pytest.mark.parametrize("asked", [120, 86_000])
async def test_the_receiver_says_when_to_come_back(stage: Stage, asked: int) -> None:
    with FakeHook(Answer(429, {"Retry-After": str(asked)}), OK) as hook:
        await stage.open(hook.url)
        async with stage.process(hook) as process:
            process.start()
            row = await process.when(next_at=START + timedelta(seconds=asked))
            assert row.error is not None and "429" in row.error


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/hook", "http://localhost:9/", "ftp://example.com/"])
async def test_a_refused_address_is_given_up_at_once_with_its_reason(stage: Stage, url: str) -> None:
    await stage.open(url)
    async with stage.process() as process:
        process.start()
        row = await process.when(status=DeliveryStatus.FAILED)
    assert row.attempts == 1
    assert row.error is not None and url in row.error


async def test_gone_is_given_up_at_once(stage: Stage) -> None:
    with FakeHook(Answer(410)) as hook:
        await stage.open(hook.url)
        async with stage.process(hook) as process:
            process.start()
            assert (await process.when(status=DeliveryStatus.FAILED)).attempts == 1
    assert len(hook.calls) == 1


async def test_a_call_that_cannot_be_made_does_not_end_the_others(stage: Stage) -> None:
    with FakeHook() as hook:
        await stage.open(hook.url, count=2)
        await Memory(stage.database).write(_rename, "d-0", "d-ё")  # no header can say that
        async with stage.process(hook, max_attempts=1) as process:
            process.start()
            await process.when("d-1", status=DeliveryStatus.DONE)
            assert (await process.when("d-ё", status=DeliveryStatus.FAILED)).error
    assert [call.id for call in hook.calls] == ["d-1"]


def _rename(session: TenantSession, old: str, new: str) -> None:
    change(session, Delivery, {"id": old}, {"id": new})


async def test_the_deliverer_outlives_a_database_that_is_away(stage: Stage) -> None:
    with FakeHook() as hook, capture_logs() as logs:
        await stage.open(hook.url)
        async with stage.process(hook) as process:
            with away(stage.database):
                process.start()
                await logged(logs, "webhooks wait for the database")
            process.notice()
            await process.when(status=DeliveryStatus.DONE)
    assert len(hook.calls) == 1


async def test_what_could_not_be_written_down_is_repeated_under_the_same_id(stage: Stage) -> None:
    with FakeHook(HELD, OK) as hook, capture_logs() as logs:
        await stage.open(hook.url)
        async with stage.process(hook) as process:
            process.start()
            await called(hook, 1)
            with away(stage.database):
                hook.release()
                await logged(logs, "webhook not written down")
            stage.clock.forward(TIMEOUT_S + GRACE_S)
            process.notice()
            assert (await process.when(status=DeliveryStatus.DONE)).attempts == 2
    assert [call.id for call in hook.calls] == ["d-0", "d-0"]


@contextmanager
def away(database: Database) -> Iterator[None]:
    """Every query of deliveries fails."""
    for old, new in (("delivery", "away"), ("away", "delivery")):
        with database.engine.begin() as connection:
            connection.exec_driver_sql(f"ALTER TABLE {old} RENAME TO {new}")
        if new == "away":
            yield


async def logged(logs: Sequence[Mapping[str, Any]], event: str) -> None:
    async def reached() -> bool:
        return any(entry["event"] == event for entry in logs)

    await until(reached)


async def test_one_that_hangs_holds_up_nobody_else(stage: Stage) -> None:
    with FakeHook(HELD) as slow, FakeHook() as quick:
        await stage.open(slow.url)
        async with stage.process(slow, quick, at_once=2) as process:
            process.start()
            await called(slow, 1)
            await Memory(stage.database).write(ended, 1, quick.url, {}, START)
            await Memory(stage.database).write(ended, 2, quick.url, {}, START)
            process.notice()
            await process.when("d-1", status=DeliveryStatus.DONE)
            await process.when("d-2", status=DeliveryStatus.DONE)
            assert (await process.row("d-0")).status == DeliveryStatus.PENDING
            slow.release()
            await process.when("d-0", status=DeliveryStatus.DONE)


async def test_no_more_than_so_many_at_once(stage: Stage) -> None:
    with FakeHook(HELD) as hook:
        await stage.open(hook.url, count=5)
        async with stage.process(hook, at_once=2) as process:
            process.start()
            await called(hook, 2)
            process.notice()
            started = [row.id for row in (await process.memory.read(rows)).values() if row.attempts]
            assert (len(started), len(hook.calls)) == (2, 2)
            hook.release()
            for number in range(5):
                await process.when(f"d-{number}", status=DeliveryStatus.DONE)
    assert Counter(call.id for call in hook.calls) == {f"d-{number}": 1 for number in range(5)}


async def test_stop_lets_the_calls_under_way_end(stage: Stage) -> None:
    with FakeHook(HELD) as hook:
        await stage.open(hook.url, count=2)
        async with stage.process(hook, at_once=1) as process:
            running = process.start()
            await called(hook, 1)
            process.deliverer.stop()
            hook.release()
            await running
            left = {row.id: (row.status, row.attempts) for row in (await process.memory.read(rows)).values()}
            assert left == {"d-0": (DeliveryStatus.DONE, 1), "d-1": (DeliveryStatus.PENDING, 0)}


async def test_what_a_dead_process_had_taken_is_repeated_when_its_claim_has_run_out(stage: Stage) -> None:
    with FakeHook(HELD, OK) as hook:
        await stage.open(hook.url)
        async with stage.process(hook) as dead, stage.process(hook) as other:
            running = dead.start()
            await called(hook, 1)
            running.cancel()
            await asyncio.wait([running])
            stage.clock.forward(TIMEOUT_S + GRACE_S - 1)
            assert await other.memory.write(deliveries.claim_due, stage.clock(), stage.clock(), 9) == []
            stage.clock.forward(1)
            other.start()
            assert (await other.when(status=DeliveryStatus.DONE)).attempts == 2
    assert [call.id for call in hook.calls] == ["d-0", "d-0"]


async def test_two_processes_deliver_once(stage: Stage) -> None:
    count = 40
    with FakeHook() as hook:
        await stage.open(hook.url, count=count)
        async with stage.process(hook, at_once=4) as one, stage.process(hook, at_once=4) as two:
            one.start()
            two.start()
            for number in range(count):
                await one.when(f"d-{number}", status=DeliveryStatus.DONE)
    assert Counter(call.id for call in hook.calls) == {f"d-{number}": 1 for number in range(count)}


async def test_claims_at_one_instant_share_nothing(stage: Stage) -> None:
    await stage.open("http://a.example/", count=30)
    later = START + timedelta(minutes=1)
    claimers = 6
    with ThreadPoolExecutor(claimers) as threads:
        taken = list(threads.map(lambda _: _claims(stage.database.url, later), range(claimers)))
    assert sorted(id for ids in taken for id in ids) == sorted(f"d-{number}" for number in range(30))


def _claims(url: str, until: datetime) -> list[str]:
    """What one process is handed until there is nothing left."""

    async def claims() -> list[str]:
        with opened(url) as database:
            taken: list[str] = []
            while (await Memory(database).read(deliveries.next_due)) == START:
                rows = await Memory(database).write(deliveries.claim_due, START, until, 4)
                taken += [row.id for row in rows]
            return taken

    return asyncio.run(claims())


async def test_the_oldest_are_claimed_first(stage: Stage) -> None:
    for number in (2, 0, 1):
        await Memory(stage.database).write(
            ended, number, "http://a.example/", {}, START + timedelta(seconds=number)
        )
    now, memory = START + timedelta(seconds=1), Memory(stage.database)
    assert await memory.read(deliveries.next_due) == START
    (first,) = await memory.write(deliveries.claim_due, now, now + timedelta(hours=1), 1)
    rest = await memory.write(deliveries.claim_due, now, now + timedelta(hours=1), 9)
    assert (first.id, [row.id for row in rest]) == ("d-0", ["d-1"])
    assert await memory.read(deliveries.next_due) == START + timedelta(seconds=2)


async def test_a_late_loser_changes_nothing_and_a_late_winner_counts(stage: Stage) -> None:
    await stage.open("http://a.example/")
    memory, later = Memory(stage.database), START + timedelta(hours=1)
    await memory.write(deliveries.claim_due, START, START, 1)
    await memory.write(deliveries.claim_due, START, later, 1)
    assert not await memory.write(deliveries.failed, "d-0", 1, "late", None)
    assert (await memory.read(rows))["d-0"].next_at == later
    assert await memory.write(deliveries.failed, "d-0", 2, "no", None)
    assert await memory.write(deliveries.done, "d-0", later)
    assert not await memory.write(deliveries.done, "d-0", later)
    row = (await memory.read(rows))["d-0"]
    assert (row.status, row.error, row.done_at) == (DeliveryStatus.DONE, None, later)


async def test_another_tenants_deliveries_are_not_touched(stage: Stage) -> None:
    await stage.open("http://a.example/")
    stranger = Memory(stage.database, "stranger")
    assert await stranger.read(deliveries.next_due) is None
    assert await stranger.write(deliveries.claim_due, START, START, 9) == []
    assert not await stranger.write(deliveries.done, "d-0", START)
