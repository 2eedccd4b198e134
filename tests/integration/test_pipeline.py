"""The embedded CRM: one deal a key, versions that refuse a stale writer, repeats that change nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from memory.db import Database, Memory
from memory.pipeline import DealChanged, DealInvalid, DealUnknown, LocalPipeline, Stage, list_deals, move

Clock = Callable[[], datetime]
FIELDS: dict[str, Any] = {
    "title": "amoCRM × Контур",
    "stage": "contacted",
    "company": "amoCRM",
    "partner": "Контур",
    "score": 0.8,
    "value_rub": None,
    "note": "Письмо: «О партнёрстве»",
}


@pytest.fixture
def memory(empty_database: str) -> Iterator[Memory]:
    """Once on each backend: on PostgreSQL two writers are really at work at the same time."""
    database = Database(empty_database)
    yield Memory(database)
    database.close()


@pytest.fixture
def crm(memory: Memory, clock: Clock) -> LocalPipeline:
    return LocalPipeline(memory, clock)


async def test_a_new_deal_is_found_by_its_key(crm: LocalPipeline) -> None:
    assert await crm.find("p1") is None
    created = await crm.put("p1", FIELDS, expected_version=None)
    assert created == {"key": "p1", "version": 1, **FIELDS}
    assert await crm.find("p1") == created


async def test_a_repeat_gives_the_same_version_whatever_version_it_expects(
    crm: LocalPipeline, memory: Memory
) -> None:
    for expected in (None, None, 1, 7):
        assert (await crm.put("p1", FIELDS, expected_version=expected))["version"] == 1
    changed = {"stage": "in_discussion"}
    for _ in range(2):
        assert (await crm.put("p1", changed, expected_version=1))["version"] == 2
    assert len(await memory.read(list_deals)) == 1


async def test_a_stale_writer_is_refused_and_changes_nothing(
    crm: LocalPipeline, memory: Memory, clock: Clock
) -> None:
    await crm.put("p1", FIELDS, expected_version=None)
    await memory.write(move, "p1", Stage.IN_DISCUSSION, clock())
    for stale in (1, None):
        with pytest.raises(DealChanged, match="p1"):
            await crm.put("p1", {"stage": "lost"}, expected_version=stale)
    found = await crm.find("p1")
    assert found is not None
    assert (found["stage"], found["version"]) == ("in_discussion", 2)


async def test_a_deal_that_is_gone_is_a_change(crm: LocalPipeline) -> None:
    with pytest.raises(DealChanged):
        await crm.put("p1", FIELDS, expected_version=3)
    assert await crm.find("p1") is None


async def test_of_two_writers_at_once_one_wins(crm: LocalPipeline) -> None:
    await crm.put("p1", FIELDS, expected_version=None)
    answers = await asyncio.gather(
        *(crm.put("p1", {"note": f"писал {n}"}, expected_version=1) for n in range(4)), return_exceptions=True
    )
    assert sum(isinstance(answer, DealChanged) for answer in answers) == 3
    found = await crm.find("p1")
    assert found is not None
    assert found["version"] == 2


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({**FIELDS, "colour": "red"}, "no field colour"),
        ({**FIELDS, "stage": "maybe"}, "no stage 'maybe'"),
        ({"stage": "contacted"}, "needs company, partner, title"),
    ],
)
async def test_what_a_deal_does_not_have_is_refused(
    crm: LocalPipeline, fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(DealInvalid, match=message):
        await crm.put("p1", fields, expected_version=None)
    assert await crm.find("p1") is None


async def test_people_list_and_move_deals(crm: LocalPipeline, memory: Memory, clock: Clock) -> None:
    for key in ("p1", "p2"):
        await crm.put(key, FIELDS, expected_version=None)
    moved = await memory.write(move, "p1", Stage.WON, clock())
    assert (moved.stage, moved.version) == ("won", 2)
    assert [deal.key for deal in await memory.read(list_deals)] == ["p1", "p2"]
    assert [deal.key for deal in await memory.read(list_deals, stage=Stage.CONTACTED)] == ["p2"]
    with pytest.raises(DealUnknown, match="p9"):
        await memory.write(move, "p9", Stage.WON, clock())
