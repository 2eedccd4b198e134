"""The door of a provider: its limits hold whatever comes, everybody gets in, nobody waits for the greedy."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.llm.call import CallFailed, Key
from tools.llm.door import Door, Limit
from tools.llm.outcome import Outcome

KEYS = [Key("one", "a"), Key("two", "b")]


def now() -> float:
    return asyncio.get_running_loop().time()


class Inside:
    """Who is inside by each key, and the most there have been."""

    def __init__(self) -> None:
        self.now: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.order: list[str] = []

    async def visit(self, door: Door, who: str, stays: int) -> None:
        async with door.enter(who) as key:
            self.order.append(who)
            self.now[key.name] += 1
            self.most[key.name] = max(self.most[key.name], self.now[key.name])
            try:
                for _ in range(stays):
                    await asyncio.sleep(0)
            finally:
                self.now[key.name] -= 1


@given(
    st.integers(1, 4),
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5), st.booleans()), max_size=60),
)
def test_everybody_gets_in_and_no_key_is_overfull(at_once: int, visits: list[tuple[str, int, bool]]) -> None:
    async def story() -> Inside:
        door, inside = Door(KEYS, Limit(at_once), now), Inside()
        tasks = [
            (asyncio.create_task(inside.visit(door, who, stays)), gives_up) for who, stays, gives_up in visits
        ]
        await asyncio.sleep(0)
        for task, gives_up in tasks:
            if gives_up:
                task.cancel()
        await asyncio.wait_for(asyncio.gather(*(task for task, _ in tasks), return_exceptions=True), 10)
        async with door.enter("last"):
            pass
        return inside

    inside = asyncio.run(story())
    assert max(inside.most.values(), default=0) <= at_once
    assert len(inside.order) >= sum(not gives_up for *_, gives_up in visits)


async def test_lines_are_served_in_turn() -> None:
    door, inside = Door(KEYS[:1], Limit(1), now), Inside()
    async with door.enter("first"):
        many = [asyncio.create_task(inside.visit(door, "greedy", 0)) for _ in range(50)]
        await asyncio.sleep(0)
        few = [asyncio.create_task(inside.visit(door, "modest", 0)) for _ in range(2)]
        await asyncio.sleep(0)
    await asyncio.gather(*many, *few)
    assert inside.order[:4] in (["greedy", "modest"] * 2, ["modest", "greedy"] * 2)


async def test_a_rate_is_kept() -> None:
    door, times = Door(KEYS[:1], Limit(10, per_second=100), now), []
    for _ in range(6):
        async with door.enter("a"):
            times.append(now())
    assert times[-1] - times[0] >= 0.05 - 0.001


async def test_a_limited_key_rests_and_the_other_is_used() -> None:
    door = Door(KEYS, Limit(5), now)
    door.told(KEYS[0], Outcome.RATE_LIMITED, 100.0)
    assert door.ready_s() == 0
    for _ in range(5):
        async with door.enter("a") as key:
            assert key is KEYS[1]
    door.told(KEYS[1], Outcome.RATE_LIMITED, 50.0)
    assert 49 < door.ready_s() <= 50


async def test_a_rested_key_wakes_who_waits() -> None:
    door = Door(KEYS[:1], Limit(1), now)
    door.told(KEYS[0], Outcome.RATE_LIMITED, 0.05)
    async with asyncio.timeout(5), door.enter("a") as key:
        assert key is KEYS[0]


async def test_no_key_that_is_taken_is_said_at_once() -> None:
    door = Door(KEYS, Limit(1), now)
    door.told(KEYS[0], Outcome.UNAUTHORISED, None)
    door.told(KEYS[1], Outcome.OUT_OF_MONEY, None)
    with pytest.raises(CallFailed, match="no key is taken: one, two") as caught:
        async with door.enter("a"):
            pass
    assert caught.value.outcome is Outcome.UNAUTHORISED
    assert "a" not in {*caught.value.message.split()} and "secret" not in repr(KEYS[0])
