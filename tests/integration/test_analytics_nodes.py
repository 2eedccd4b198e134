"""The last node: the decision's outcome on record, and a forecast that learns from what closed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from langgraph.graph import START, StateGraph

from agents.analytics import fitted as fitting
from agents.analytics.nodes import analytics
from agents.analytics.state import AnalyticsState
from agents.context import Context
from memory import audit, outcomes, partnerships
from memory.db import Memory, TenantSession
from memory.models import Outcome
from memory.outcomes import PartnershipUnknown, Stamp, record_outcome
from tests.fakes.pairs import context, decided, pair, signal
from tests.fakes.rows import NOW

Clock = Callable[[], datetime]
DAY = timedelta(days=1)


async def run(memory: Memory, clock: Clock, id: str = "p", thread: str = "t") -> dict[str, Any]:
    graph = StateGraph(AnalyticsState, context_schema=Context)
    graph.add_node(analytics)
    graph.add_edge(START, "analytics")
    state: AnalyticsState = {"partnership_id": id, "thread_id": thread}
    return await graph.compile().ainvoke(state, context=context(memory, clock))


def closed(session: TenantSession, n: int) -> None:
    """n closed pairs, won wherever the score is high."""
    for number in range(n):
        won = number % 2 == 0
        id = f"closed-{number}"
        pair(session, id, score=0.9 - number / 1000 if won else 0.2 + number / 1000)
        record_outcome(session, id, Outcome.WON if won else Outcome.LOST, None, "person:anna", NOW + DAY)


async def test_below_ten_outcomes_the_answer_is_unknown(memory: Memory, clock: Clock) -> None:
    await memory.write(pair, "p", probability=0.9)
    await memory.write(decided, "p", "t", type="reject")
    await memory.write(closed, 9)
    answer = await run(memory, clock)
    assert answer["probability"] is None
    assert answer["probability_reason"] == "закрыто партнёрств: 9, для прогноза нужно 10"
    row = await memory.read(partnerships.get, "p")
    assert row is not None
    assert row.probability is None
    (entry,) = await memory.read(audit.entries, "partnership", "p")
    assert (entry.actor, entry.action) == ("agent:analytics", "decision.outcome")
    assert {name: entry.detail[name] for name in ("decision", "by", "reason", "score")} == {
        "decision": "reject",
        "by": "person:anna",
        "reason": "не наш рынок",
        "score": 0.7,
    }
    assert entry.detail["forecast"]["probability"] is None


async def test_above_ten_it_learns_and_a_repeat_adds_nothing(memory: Memory, clock: Clock) -> None:
    await memory.write(closed, 12)
    for id, score in (("good", 0.95), ("bad", 0.1)):
        await memory.write(pair, id, score=score)
        await memory.write(decided, id, id)
    good, again, bad = [await run(memory, clock, id, id) for id in ("good", "good", "bad")]
    assert good == again
    assert good["probability"] > 0.5 > bad["probability"]
    row = await memory.read(partnerships.get, "good")
    assert row is not None
    assert row.probability == good["probability"]
    assert len(await memory.read(audit.entries, "partnership", "good")) == 1


async def test_the_model_is_fitted_once_for_the_same_outcomes(memory: Memory, clock: Clock) -> None:
    await memory.write(closed, 10)
    first, _ = await fitting.fitted(memory)
    assert first is not None
    assert (await fitting.fitted(memory))[0] is first
    await memory.write(record_outcome, "closed-0", Outcome.LOST, None, "person:anna", NOW + 2 * DAY)
    second, number = await fitting.fitted(memory)
    assert second is not None
    assert second is not first
    assert (second.base_rate, number) == (0.4, 10)


async def test_an_outcome_closes_the_partnership_once(memory: Memory, clock: Clock) -> None:
    await memory.write(pair, "p")
    for _ in range(2):
        await memory.write(record_outcome, "p", Outcome.WON, 900_000, "person:anna", clock())
    row = await memory.read(partnerships.get, "p")
    assert row is not None
    assert (row.status, row.outcome, row.value_rub) == ("active", "won", 900_000)
    assert await memory.read(outcomes.stamp) == Stamp(1, row.closed_at)
    (entry,) = await memory.read(audit.entries, "partnership", "p")
    assert (entry.actor, entry.action, entry.detail) == (
        "person:anna",
        "partnership.won",
        {"value_rub": 900_000},
    )
    await memory.write(record_outcome, "p", Outcome.LOST, None, "person:anna", clock())
    row = await memory.read(partnerships.get, "p")
    assert row is not None
    assert (row.status, row.outcome, row.value_rub) == ("rejected", "lost", None)


async def test_the_outcome_of_nothing_is_refused(memory: Memory, clock: Clock) -> None:
    with pytest.raises(PartnershipUnknown, match="nobody"):
        await memory.write(record_outcome, "nobody", Outcome.WON, None, "person:anna", clock())
    assert await memory.read(outcomes.stamp) == Stamp(0, None)


async def test_a_case_knows_nothing_from_after_its_decision(memory: Memory) -> None:
    await memory.write(pair, "p")
    await memory.write(decided, "p", "t1", type="respond", after=DAY)
    await memory.write(decided, "p", "t2", after=2 * DAY)
    await memory.write(signal, "a-p", "launch", known_at=NOW, happened_on=date(2026, 11, 12))
    await memory.write(signal, "b-p", "funding", known_at=NOW + DAY)
    await memory.write(signal, "b-p", "hiring", known_at=NOW + 3 * DAY)
    await memory.write(record_outcome, "p", Outcome.WON, None, "person:anna", NOW + 4 * DAY)
    await memory.write(decided, "p", "t3", after=5 * DAY)
    (case,) = await memory.read(outcomes.closed)
    assert sorted(case.signals) == [("funding", 1.0), ("launch", 10.0)]
    assert (case.rounds, case.days, case.won) == (2, 2.0, True)
    assert case.factors == {"tech": 0.5, "market": None}


async def test_a_pair_that_nobody_decided_on_is_seen_as_of_its_creation(memory: Memory) -> None:
    await memory.write(pair, "p")
    await memory.write(signal, "a-p", "launch", known_at=NOW + DAY)
    case = await memory.read(outcomes.case, "p")
    assert (case.rounds, case.days, list(case.signals), case.won) == (0, None, [], None)
