"""The ledger on both databases: never over a cap, nothing lost, whatever several processes do at once."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlmodel import col, select, update
from structlog.testing import capture_logs

from graphs.runtime.spending import Spending
from memory import budgets
from memory.db import Database, Memory, TenantSession
from memory.models import Budget, Usage
from tests.fakes.postgres import ROOT, fresh_database
from tests.fakes.rows import NOW
from tests.fakes.spender import CALLERS, MOST_RUB
from tools.llm.attempt import Attempt
from tools.llm.call import Tokens
from tools.llm.errors import OverBudget
from tools.llm.outcome import Outcome
from tools.llm.question import Asker

MOSCOW = ZoneInfo("Europe/Moscow")
ASKER = Asker("outreach")
OK = Attempt("gigachat", "GigaChat-2", Outcome.OK)
# Each test, and each example, spends on a day of its own.
_days = count()


@dataclass
class World:
    """Two processes on one database, one clock."""

    memories: tuple[Memory, Memory]
    now: datetime = field(default_factory=lambda: NOW + timedelta(days=next(_days)))

    @property
    def day(self) -> str:
        return self.now.astimezone(MOSCOW).date().isoformat()

    def spending(self, process: int = 0, cap: float | None = None) -> Spending:
        ids = (f"{self.day}:{process}:{number}" for number in count(next(_days) * 1000))
        return Spending(
            self.memories[process], cap=cap, zone=MOSCOW, clock=lambda: self.now, new_id=lambda: next(ids)
        )

    async def taken(self, agent: str = "outreach", day: str | None = None) -> float:
        return await self.memories[0].read(budgets.taken, agent, day or self.day)

    async def calls(self) -> list[Usage]:
        def of_the_day(session: TenantSession) -> list[Usage]:
            query = select(Usage).where(col(Usage.id).startswith(f"{self.day}:")).order_by(col(Usage.id))
            return list(session.exec(query))

        return await self.memories[0].read(of_the_day)

    async def recorded(self) -> int:
        return len(await self.calls())


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with fresh_database(request.param, request, tmp_path_factory.mktemp("spending")) as url:
        yield url


@pytest.fixture(scope="module")
def make(url: str) -> Iterator[Callable[[], World]]:
    one, other = Database(url), Database(url)
    yield lambda: World((Memory(one), Memory(other)))
    one.close()
    other.close()


@pytest.fixture
def world(make: Callable[[], World]) -> World:
    return make()


def at_once(waiting: Coroutine[Any, Any, Any]) -> Any:
    """What it answers without waiting for anything."""
    try:
        waiting.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("it waits")


async def until(measure: Callable[[], Awaitable[float]], value: float) -> None:
    async with asyncio.timeout(60):
        while await measure() != pytest.approx(value):  # noqa: ASYNC110 - what the database holds is no event
            await asyncio.sleep(0.01)


async def spend(spending: Spending, rub: float, cost: float, cap: float | None) -> None:
    spending.settle(ASKER, OK, await spending.reserve(ASKER, rub, cap), cost)


async def test_everything_that_fits_is_granted_and_no_more(world: World) -> None:
    one, other = world.spending(0), world.spending(1)
    for number in range(10):
        await spend((one, other)[number % 2], 1.0, 1.0, 10.0)
    with pytest.raises(OverBudget) as refused:
        await one.reserve(ASKER, 1.0, 10.0)
    assert str(refused.value) == (
        f"over the budget of agent outreach for {world.day}: 0.0000 of 10.00 RUB are left, "
        "the call may cost 1.0000"
    )
    await one.reserve(ASKER, 0.0, 10.0)
    await one.aclose()
    await other.aclose()
    assert await world.taken() == pytest.approx(10.0)


async def test_the_end_of_a_budget_is_no_whole_block(world: World) -> None:
    spending = world.spending()
    await spend(spending, 9.7, 9.7, 10.0)
    await spend(spending, 0.3, 0.3, 10.0)
    with pytest.raises(OverBudget):
        await spending.reserve(ASKER, 0.01, 10.0)
    await spending.aclose()


async def test_what_is_stopped_before_it_began_is_written_at_the_end(world: World) -> None:
    spending = world.spending()
    before = asyncio.all_tasks()
    at_once(spend(spending, 1.0, 1.0, None))
    reserving = asyncio.create_task(spending.reserve(ASKER, 1.0, 10.0))
    await asyncio.sleep(0)
    # As a loop does that ends: every task, also those that had no turn yet.
    begun = asyncio.all_tasks() - before
    for task in begun:
        task.cancel()
    await asyncio.wait(begun)
    await spending.aclose()
    assert reserving.cancelled()
    assert await world.recorded() == 1


async def test_the_cap_of_the_tenant_holds_for_all_agents(world: World) -> None:
    spending = world.spending(cap=5.0)
    for agent in ("scout", "outreach", "scout", "risk"):
        await spending.reserve(Asker(agent), 1.0, None if agent == "risk" else 100.0)
    refusal = f"of all agents for {world.day}: 1.0000 of 5.00 RUB are left, the call may cost 2.0000"
    with pytest.raises(OverBudget, match=refusal):
        await spending.reserve(ASKER, 2.0, 100.0)
    await spending.aclose()
    assert await world.taken("") == pytest.approx(4.0)
    # What the tenant's cap refused is not held back from the agent either.
    assert await world.taken("outreach") == pytest.approx(1.0)


async def test_without_caps_nothing_is_counted_but_recorded(world: World) -> None:
    spending = world.spending()
    at_once(spend(spending, 1e9, 3.0, None))
    await spending.aclose()
    assert (await world.taken(), await world.taken("")) == (0.0, 0.0)
    assert [call.cost_rub for call in await world.calls()] == [3.0]


async def test_what_a_call_did_not_cost_can_be_spent(world: World) -> None:
    spending = world.spending()
    for _ in range(11):
        await spend(spending, 5.0, 0.5, 10.0)
    await spending.aclose()
    assert await world.taken() == pytest.approx(5.5)


async def test_a_call_that_cost_more_than_it_could_is_told_so(world: World) -> None:
    spending = world.spending()
    await spend(spending, 1.0, 12.0, 10.0)
    await until(world.taken, 12.0)
    with pytest.raises(OverBudget):
        await spending.reserve(ASKER, 0.1, 10.0)
    await spending.aclose()
    assert await world.taken() == pytest.approx(12.0)


async def test_within_a_block_nobody_waits_for_the_database(world: World) -> None:
    spending = world.spending(cap=1000.0)
    await spend(spending, 1.0, 1.0, 1000.0)
    other = Memory(world.memories[1].database)
    with other.database.engine.begin() as held:
        held.execute(update(Budget).values(agent=Budget.agent))
        for _ in range(49):
            at_once(spend(spending, 1.0, 1.0, 1000.0))
    await spending.aclose()
    assert await world.taken() == pytest.approx(50.0)
    assert len(await world.calls()) == 50


async def test_a_block_that_comes_too_late_for_its_caller_is_not_lost(world: World) -> None:
    spending = world.spending()
    await spend(world.spending(1), 1.0, 1.0, 10.0)
    with world.memories[1].database.engine.begin() as held:
        held.execute(update(Budget).values(agent=Budget.agent))
        given_up = asyncio.create_task(spending.reserve(ASKER, 2.0, 10.0))
        await asyncio.sleep(0)
        given_up.cancel()
        with pytest.raises(asyncio.CancelledError):
            await given_up
    await spending.aclose()
    assert await world.taken() == pytest.approx(1.0)


async def test_what_comes_together_is_written_together(world: World) -> None:
    commits = 0

    def committed(connection: Any) -> None:
        nonlocal commits
        commits += 1

    spending = world.spending()
    engine = world.memories[0].database.engine
    event.listen(engine, "commit", committed)
    for _ in range(300):
        at_once(spend(spending, 1.0, 1.0, None))
    await spending.aclose()
    event.remove(engine, "commit", committed)
    assert (commits, len(await world.calls())) == (1, 300)


async def test_the_record_is_written_while_calls_go_on(world: World) -> None:
    spending = world.spending()
    at_once(spend(spending, 1.0, 1.0, None))
    await until(world.recorded, 1)
    at_once(spend(spending, 1.0, 1.0, None))
    await until(world.recorded, 2)
    await spending.aclose()


async def test_a_new_day_has_a_budget_of_its_own(world: World) -> None:
    first = world.day
    spending = world.spending(cap=100.0)
    world.now = world.now.replace(hour=20, minute=59)
    late = await spending.reserve(ASKER, 4.0, 10.0)
    await spend(spending, 5.0, 2.0, 10.0)
    world.now = world.now.replace(hour=21, minute=0)  # midnight in Moscow
    assert world.day > first
    await spend(spending, 10.0, 7.0, 10.0)
    spending.settle(ASKER, OK, late, 1.0)
    with pytest.raises(OverBudget):
        await spending.reserve(ASKER, 4.0, 10.0)
    # The old day is told at once, and not when the process ends.
    await until(lambda: world.taken(day=first), 3.0)
    await spending.aclose()
    for agent in ("", "outreach"):
        assert await world.taken(agent, first) == pytest.approx(3.0)
        assert await world.taken(agent) == pytest.approx(7.0)


async def test_the_record_tells_the_whole_call(world: World) -> None:
    spending = world.spending()
    asker = Asker("outreach", "thread", "question", "letter.ru@12")
    failure = "no\n answer\x00 \ud800here" + "!" * 1000
    failed = Attempt("yandexgpt", "lite", Outcome.UNAVAILABLE, failure, "key-1", 1.5, number=1)
    answered = Attempt("gigachat", "pro", Outcome.OK, "", "key-2", 0.5, Tokens(10, 20, 5), number=2)
    for attempt, cost in ((failed, 0.0), (answered, 2.5)):
        spending.settle(asker, attempt, 0.0, cost)
    await spending.aclose()
    first, second = (call.model_dump(exclude={"id", "tenant_id"}) for call in await world.calls())
    shared = {"agent": "outreach", "thread_id": "thread", "question_id": "question", "prompt": "letter.ru@12"}
    made = {"created_at": world.now, "tokens_in": 0, "tokens_out": 0, "cost_rub": 0.0, "message": None}
    message = "no answer here" + "!" * 486
    assert first == {
        **(shared | made | {"attempt": 1, "provider": "yandexgpt", "model": "lite", "key": "key-1"}),
        **{"outcome": "unavailable", "message": message, "latency_ms": 1500.0},
    }
    assert second == {
        **(shared | made | {"attempt": 2, "provider": "gigachat", "model": "pro", "key": "key-2"}),
        **{"outcome": "ok", "latency_ms": 500.0, "tokens_in": 10, "tokens_out": 20, "cost_rub": 2.5},
    }


async def test_what_cannot_be_written_now_is_written_later(world: World) -> None:
    spending, engine = world.spending(), world.memories[1].database.engine
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE usage RENAME TO gone")
    with capture_logs() as logs:

        async def logged() -> int:
            return len(logs)

        await spend(spending, 1.0, 1.0, 10.0)
        await until(logged, 1)
    assert logs[0]["event"] == "calls to models are not recorded yet"
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE gone RENAME TO usage")
    await spend(spending, 1.0, 1.0, 10.0)
    await spending.aclose()
    assert len(await world.calls()) == 2
    assert await world.taken() == pytest.approx(2.0)


@dataclass(frozen=True)
class Wish:
    """A call of one of two processes: what it may cost and what it does, when it comes and when it is given
    up, in turns of the loop."""

    process: int
    agent: str
    rub: float
    share: float
    after: int
    patience: int | None


RUB = st.one_of(st.sampled_from([0.0, 0.1, 1.0, 3.0]), st.floats(0, 6))
WISHES = st.lists(
    st.builds(
        Wish,
        process=st.integers(0, 1),
        agent=st.sampled_from(["scout", "outreach"]),
        rub=RUB,
        share=st.one_of(st.just(1.0), st.floats(0, 1)),
        after=st.integers(0, 4),
        patience=st.one_of(st.none(), st.integers(0, 6)),
    ),
    max_size=25,
)


async def _turns(number: int) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


async def _fulfil(wish: Wish, spending: Spending, cap: float | None) -> tuple[str, float] | None:
    await _turns(wish.after)
    asker = Asker(wish.agent)
    reserving = asyncio.create_task(spending.reserve(asker, wish.rub, cap))
    if wish.patience is not None:
        await _turns(wish.patience)
        reserving.cancel()
    try:
        reserved = await reserving
    except (OverBudget, asyncio.CancelledError):
        return None
    await _turns(wish.after)
    spending.settle(asker, OK, reserved, wish.rub * wish.share)
    return wish.agent, wish.rub * wish.share


@settings(max_examples=25)
@given(wishes=WISHES, cap=st.sampled_from([None, 2.0, 10.0]), whole=st.sampled_from([None, 3.0, 12.0]))
def test_no_cap_is_exceeded_and_nothing_is_lost(
    make: Callable[[], World], wishes: list[Wish], cap: float | None, whole: float | None
) -> None:
    world = make()

    async def live() -> None:
        processes = [world.spending(number, whole) for number in (0, 1)]
        done = await asyncio.gather(*(_fulfil(wish, processes[wish.process], cap) for wish in wishes))
        limits = [("scout", cap), ("outreach", cap), ("", whole)]
        for agent, most in limits:
            assert await world.taken(agent) <= (most or 0) + 1e-5
        for process in processes:
            await process.aclose()
        spent = [each for each in done if each]
        for agent, most in limits:
            costs = sum(cost for who, cost in spent if agent in ("", who)) if most else 0.0
            assert await world.taken(agent) == pytest.approx(costs, abs=1e-4)
        assert sorted(call.cost_rub for call in await world.calls()) == sorted(cost for _, cost in spent)

    asyncio.run(live())


def test_a_process_that_is_killed_never_leads_over_the_cap(url: str) -> None:
    cap, whole = 700.0, 600.0
    killed, lives = (_spender(url, cap, whole, calls) for calls in (60, 10**6))
    for process in (killed, lives):
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.stdin.write("go\n")
        process.stdin.flush()
    spent = [float(line) for line in killed.communicate()[0].split()]
    *rest, last = lives.communicate()[0].split()
    assert (killed.returncode, lives.returncode, last) == (-signal.SIGKILL, 0, "over")
    spent += [float(line) for line in rest]
    # What the killed one held is lost: a block and what its calls had reserved. The last call did not fit.
    assert whole - (0.05 * whole + CALLERS * MOST_RUB) - MOST_RUB < sum(spent) <= whole


def _spender(url: str, cap: float, whole: float, calls: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.fakes.spender", url, str(cap), str(whole), str(calls)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
