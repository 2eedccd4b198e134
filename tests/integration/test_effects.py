"""Effects happen once: whatever fails or dies on the way, and however many ask at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memory import effects
from memory.db import Database, Memory
from memory.models import Effect, Tenant

Clock = Callable[[], datetime]
_keys = count()


@pytest.fixture
def memory(empty_database: str) -> Iterator[Memory]:
    """Once on each backend: on PostgreSQL two writers are really at work at the same time."""
    database = Database(empty_database)
    yield Memory(database)
    database.close()


class Died(BaseException):
    """Stands for a process that was killed: nothing catches it on the way."""


class World:
    """What everybody can see. Its performer is idempotent by key, as every performer must be.

    A step of `script` says what happens to one attempt: it fails or dies, before or after the world
    has seen the effect, or dies after performing but before that is recorded ("unrecorded").
    """

    def __init__(self, key: str, script: list[str], clock: Clock) -> None:
        self.key, self.script, self._clock = key, script, clock
        self.seen: dict[str, int] = {}
        self.looks = 0

    async def perform(self) -> dict[str, Any]:
        step = self.script[0]
        self._interrupt(step, "before")
        await asyncio.sleep(0)
        self.seen.setdefault(self.key, len(self.seen) + 1)
        self._interrupt(step, "after")
        return {"number": self.seen[self.key]}

    def clock(self) -> datetime:
        self.looks += 1
        if self.script[0] == "unrecorded" and self.looks == 2:
            raise Died
        return self._clock()

    def _interrupt(self, step: str, moment: str) -> None:
        if step == f"fails {moment}":
            raise ConnectionError(f"the other side\nfailed {moment}")
        if step == f"dies {moment}":
            raise Died

    async def attempt(self, memory: Memory) -> dict[str, Any]:
        self.looks = 0
        try:
            return await effects.once(
                memory,
                key=self.key,
                kind="letter",
                thread_id=self.key,
                payload={"to": "ООО «Ромашка»"},
                perform=self.perform,
                clock=self.clock,
            )
        finally:
            self.script = self.script[1:]

    async def row(self, memory: Memory) -> Effect:
        (row,) = await memory.read(effects.effects_of, self.key)
        return row


STEPS = ("fails before", "fails after", "dies before", "dies after", "unrecorded", "works")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(script=st.lists(st.sampled_from(STEPS), max_size=6))
def test_whatever_fails_or_dies_the_effect_is_seen_once(
    script: list[str], memory: Memory, clock: Clock
) -> None:
    async def live() -> None:
        world = World(f"letter:{next(_keys)}", [*script, "works", "works"], clock)
        attempts = world.script.index("works") + 1
        for _ in range(attempts - 1):
            with pytest.raises((Died, ConnectionError)):
                await world.attempt(memory)
            assert (await world.row(memory)).status != "done"
        while world.script:
            assert await world.attempt(memory) == {"number": 1}
        row = await world.row(memory)
        assert world.seen == {world.key: 1}
        assert (row.status, row.attempts, row.result) == ("done", attempts, {"number": 1})

    asyncio.run(live())


async def test_a_failure_is_kept_in_one_line_and_raised(memory: Memory, clock: Clock) -> None:
    world = World("letter:f", ["fails before", "works"], clock)
    with pytest.raises(ConnectionError):
        await world.attempt(memory)
    row = await world.row(memory)
    assert (row.status, row.error) == ("failed", "ConnectionError: the other side failed before")
    await world.attempt(memory)
    assert ((await world.row(memory)).status, (await world.row(memory)).error) == ("done", None)


async def test_a_death_in_the_middle_leaves_the_row_pending(memory: Memory, clock: Clock) -> None:
    world = World("letter:d", ["dies after", "works"], clock)
    with pytest.raises(Died):
        await world.attempt(memory)
    row = await world.row(memory)
    assert (row.status, row.attempts, row.done_at, row.payload) == (
        "pending",
        1,
        None,
        {"to": "ООО «Ромашка»"},
    )


async def test_callers_at_the_same_time_perform_once_and_get_one_result(memory: Memory, clock: Clock) -> None:
    performed = 0

    async def perform() -> dict[str, Any]:
        nonlocal performed
        performed += 1
        await asyncio.sleep(0)
        return {"number": performed}

    async def ask() -> dict[str, Any]:
        return await effects.once(
            memory, key="crm:1", kind="crm", thread_id="t", payload={}, perform=perform, clock=clock
        )

    assert await asyncio.gather(*(ask() for _ in range(8))) == [{"number": 1}] * 8
    assert await memory.read(effects.count, kind="crm") == 1
    assert await memory.read(effects.count, kind="letter") == 0


async def test_two_event_loops_share_a_database_without_harm(memory: Memory, clock: Clock) -> None:
    """Two loops stand for two processes: they may both perform, but one result is kept and told."""
    seen: dict[str, int] = {}
    numbers = count(1)

    async def perform() -> dict[str, Any]:
        seen.setdefault("crm:2", next(numbers))
        return {"number": seen["crm:2"], "by": next(numbers)}

    async def ask() -> dict[str, Any]:
        return await effects.once(
            memory, key="crm:2", kind="crm", thread_id="t", payload={}, perform=perform, clock=clock
        )

    results = await asyncio.gather(*(asyncio.to_thread(lambda: asyncio.run(ask())) for _ in range(4)))
    assert all(result == results[0] for result in results)
    assert await memory.read(effects.count, kind="crm") == 1


async def test_tenants_do_not_share_keys(memory: Memory, clock: Clock) -> None:
    other = Memory(memory.database, "other")
    await memory.write(lambda session: session.add(Tenant(id="other", name="other")))
    for owner in (memory, other):
        world = World("letter:same", ["works"], clock)
        await world.attempt(owner)
        assert world.seen == {"letter:same": 1}
