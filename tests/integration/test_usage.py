"""The sums of calls on both databases, against the same sums in Python."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from memory import usage
from memory.db import Database, TenantSession
from memory.models import Usage
from memory.usage import ANSWERED, DIMENSIONS, Dimension, Total
from tests.fakes.postgres import fresh_database

MOSCOW = ZoneInfo("Europe/Moscow")
MIDNIGHT = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)  # in Moscow


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with fresh_database(request.param, request, tmp_path_factory.mktemp("usage")) as url:
        database = Database(url)
        yield database
        database.close()


def _quarter(aside: timedelta, number: int) -> datetime:
    return MIDNIGHT + aside + timedelta(minutes=15 * number)


CALL: dict[str, Any] = {"agent": "scout", "provider": "gigachat", "model": "small"}
CALLS = st.fixed_dictionaries(
    {
        "agent": st.sampled_from(["scout", "outreach"]),
        "provider": st.sampled_from(["gigachat", "yandexgpt"]),
        "model": st.sampled_from(["small", "large"]),
        "attempt": st.integers(1, 3),
        "outcome": st.sampled_from(["ok", "truncated", "filtered", "timed_out", "given_up"]),
        "tokens_in": st.integers(0, 1000),
        "tokens_out": st.integers(0, 1000),
        "cost_rub": st.integers(0, 1000).map(lambda parts: parts / 128),
        "latency_ms": st.integers(0, 4000).map(float),
        # Around midnight in several zones, and the last moment before it.
        "created_at": st.builds(
            _quarter,
            st.sampled_from([timedelta(microseconds=-1), timedelta(), timedelta(hours=8)]),
            st.integers(-13, 3),
        ),
    }
)


@settings(max_examples=40)
@given(
    calls=st.lists(CALLS, max_size=12),
    by=st.sets(st.sampled_from(DIMENSIONS)),
    zone=st.sampled_from([UTC, MOSCOW, ZoneInfo("Asia/Kathmandu"), ZoneInfo("America/New_York")]),
)
@example(calls=[CALL | {"created_at": MIDNIGHT - timedelta(microseconds=1)}], by={"day"}, zone=MOSCOW)
def test_sums_are_those_of_the_calls(
    database: Database, calls: list[dict[str, Any]], by: set[Dimension], zone: ZoneInfo
) -> None:
    rows = [Usage(id=str(number), **call) for number, call in enumerate(calls)]
    since = MIDNIGHT - timedelta(hours=3)
    with TenantSession(database.engine, info={"tenant": "default"}) as session:
        usage.record(session, *rows)
        found = usage.totals(session, since, by, zone)
    kept = [row for row in rows if row.created_at >= since]
    assert {_key(total, by): total for total in found} == _expected(kept, by, zone)
    order = [(total.day or "", total.cost_rub) for total in found]
    assert order == sorted(order, reverse=True)


def _key(total: Total, by: set[Dimension]) -> tuple[str | None, ...]:
    return tuple(getattr(total, name) for name in DIMENSIONS if name in by)


def _expected(calls: Sequence[Usage], by: set[Dimension], zone: ZoneInfo) -> dict[tuple[str, ...], Total]:
    groups: dict[tuple[str, ...], list[Usage]] = defaultdict(list)
    for call in calls:
        told = {"day": call.created_at.astimezone(zone).date().isoformat(), **call.model_dump()}
        groups[tuple(told[name] for name in DIMENSIONS if name in by)].append(call)
    return {key: _total(dict(zip(_apart(by), key, strict=True)), group) for key, group in groups.items()}


def _apart(by: set[Dimension]) -> list[str]:
    return [name for name in DIMENSIONS if name in by]


def _total(key: dict[str, str], calls: list[Usage]) -> Total:
    answered = [call for call in calls if call.outcome in ANSWERED]
    return Total(
        provider=key.get("provider"),
        agent=key.get("agent"),
        day=key.get("day"),
        model=key.get("model"),
        calls=len(calls),
        failures=sum(call.outcome in ("filtered", "timed_out") for call in calls),
        fallbacks=sum(call.attempt > 1 for call in answered),
        tokens_in=sum(call.tokens_in for call in calls),
        tokens_out=sum(call.tokens_out for call in calls),
        cost_rub=sum(call.cost_rub for call in calls),
        latency_ms=sum(call.latency_ms for call in answered) / len(answered) if answered else None,
    )
