"""Budgets on both databases: what is taken is taken once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from memory import budgets
from memory.db import Database, Memory, TenantSession
from memory.models import Tenant
from tests.fakes.postgres import fresh_database

DAY = "2026-11-20"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with fresh_database(request.param, request, tmp_path_factory.mktemp("budgets")) as url:
        yield url


@pytest.fixture
def two(url: str) -> Iterator[tuple[Memory, Memory]]:
    """Two processes of one tenant. Each test has agents of its own."""
    one, other = Database(url), Database(url)
    yield Memory(one), Memory(other)
    one.close()
    other.close()


@pytest.fixture
def memory(two: tuple[Memory, Memory]) -> Memory:
    return two[0]


async def test_the_cap_is_the_last_rouble_that_is_taken(memory: Memory) -> None:
    assert await memory.write(budgets.take, "cap", DAY, 6.0, 10.0)
    assert not await memory.write(budgets.take, "cap", DAY, 4.1, 10.0)
    assert await memory.write(budgets.take, "cap", DAY, 4.0, 10.0)
    assert not await memory.write(budgets.take, "cap", DAY, 0.01, 10.0)
    assert await memory.read(budgets.taken, "cap", DAY) == 10.0


async def test_the_first_take_of_a_day_may_be_too_much(memory: Memory) -> None:
    assert not await memory.write(budgets.take, "first", DAY, 11.0, 10.0)
    assert await memory.read(budgets.taken, "first", DAY) == 0.0


async def test_fractions_that_sum_to_the_cap_fit(memory: Memory) -> None:
    assert [await memory.write(budgets.take, "tenth", DAY, 0.1, 0.3) for _ in range(4)] == [True] * 3 + [
        False
    ]


async def test_what_is_given_back_can_be_taken_again(memory: Memory) -> None:
    await memory.write(budgets.take, "back", DAY, 10.0, 10.0)
    await memory.write(budgets.give_back, "back", DAY, 2.5)
    assert await memory.read(budgets.taken, "back", DAY) == 7.5
    assert await memory.write(budgets.take, "back", DAY, 2.5, 10.0)


async def test_money_that_is_gone_is_taken_over_the_cap(memory: Memory) -> None:
    assert await memory.write(budgets.take, "gone", DAY, 12.0, None)
    assert await memory.read(budgets.taken, "gone", DAY) == 12.0
    assert not await memory.write(budgets.take, "gone", DAY, 0.01, 10.0)


async def test_days_agents_and_tenants_have_budgets_of_their_own(memory: Memory) -> None:
    def settle(session: TenantSession) -> None:
        session.add(Tenant(id="other", name="Other"))

    await memory.write(settle)
    other = Memory(memory.database, "other")
    for whose, agent, day in ((memory, "own", DAY), (memory, "own", "2026-11-21"), (memory, "", DAY)):
        assert await whose.write(budgets.take, agent, day, 1.0, 1.0), (agent, day)
    assert await other.write(budgets.take, "own", DAY, 1.0, 1.0)
    assert await other.read(budgets.taken, "", DAY) == 0.0


async def test_two_processes_never_take_the_same_rouble(two: tuple[Memory, Memory]) -> None:
    takes = [memory.write(budgets.take, "race", DAY, 1.0, 25.0) for memory in two for _ in range(40)]
    granted = await asyncio.gather(*takes)
    assert sum(granted) == 25
    assert await two[0].read(budgets.taken, "race", DAY) == 25.0


async def test_two_processes_that_are_the_first_of_a_day_both_get_theirs(two: tuple[Memory, Memory]) -> None:
    for day in (f"2026-12-{number:02}" for number in range(1, 29)):
        takes = (memory.write(budgets.take, "first", day, 1.0, 4.0) for memory in two for _ in range(2))
        assert await asyncio.gather(*takes) == [True] * 4, day
