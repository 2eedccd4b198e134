"""Schedules fire once a time, through the real timer, into runs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from graphs.runtime.errors import BadRequest, NotFound
from graphs.runtime.services import Services, open_services
from graphs.runtime.settings import Settings
from memory import runs
from memory.models import Schedule, Trigger
from tests.fakes.graphs import build_asking


@pytest_asyncio.fixture
async def services(tmp_path: Path, clock: Callable[[], datetime]) -> AsyncIterator[Services]:
    settings = Settings(data_dir=tmp_path)
    async with open_services(
        settings, clock=clock, graphs={"scout": build_asking}, schedules=True
    ) as services:
        yield services


async def the_schedule(services: Services) -> Schedule:
    return (await services.scheduler.all())[0].schedule


async def test_the_first_schedule_is_every_quarter_of_an_hour(services: Services) -> None:
    planned = (await services.scheduler.all())[0]
    gaps = {
        later - earlier for earlier, later in zip(planned.next_times, planned.next_times[1:], strict=False)
    }
    assert gaps == {timedelta(minutes=15)}
    assert str(planned.next_times[0].tzinfo) == "Europe/Moscow"


async def test_the_timer_starts_a_run(services: Services) -> None:
    schedule = await the_schedule(services)
    with services.events.listen() as listener:
        services.scheduler._timer.modify_job(schedule.id, next_run_time=datetime.now(UTC))  # type: ignore[union-attr]
        async for event in listener:
            run = await services.runs.get(event.run_id)
            break
    assert run.trigger == Trigger.SCHEDULE
    assert run.key is not None
    assert run.key.startswith(f"cron:{schedule.id}:")


async def test_a_time_fires_once(services: Services) -> None:
    schedule, at = await the_schedule(services), datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    await services.scheduler._fire(schedule.id, at)
    await services.scheduler._fire(schedule.id, at)
    found = await services.runs.page()
    assert [run.key for run in found] == [f"cron:{schedule.id}:2026-11-21T12:00:00+00:00"]
    assert (await the_schedule(services)).last_run_id == found[0].id


async def test_a_paused_schedule_has_no_next_time(services: Services) -> None:
    schedule = await the_schedule(services)
    paused = await services.scheduler.pause(schedule.id, True, "person:test")
    assert paused.next_times == ()
    assert services.scheduler._timer.get_job(schedule.id) is None  # type: ignore[union-attr]
    assert (await services.scheduler.pause(schedule.id, False, "person:test")).next_times


async def test_run_now_is_a_persons_run(services: Services) -> None:
    schedule = await the_schedule(services)
    run = await services.scheduler.run_now(schedule.id, "person:test")
    assert (await services.runs.wait(run.id)).trigger == Trigger.PERSON
    assert await services.memory.read(runs.by_key, "none") is None


@pytest.mark.parametrize(
    ("cron", "zone"), [("x", "Europe/Moscow"), ("0 0 30 2 *", "Europe/Moscow"), ("0 0 * * *", "Mars/Base")]
)
async def test_a_line_that_means_nothing_changes_nothing(services: Services, cron: str, zone: str) -> None:
    schedule = await the_schedule(services)
    with pytest.raises(BadRequest):
        await services.scheduler.retime(schedule.id, cron, zone, "person:test")
    assert (await the_schedule(services)).cron == schedule.cron


async def test_summer_time_does_not_fire_twice_or_never(services: Services) -> None:
    schedule = await the_schedule(services)
    planned = await services.scheduler.retime(schedule.id, "30 2 * * *", "Europe/Berlin", "person:test")
    assert len({time.date() for time in planned.next_times}) == 3


async def test_an_unknown_schedule_is_said(services: Services) -> None:
    with pytest.raises(NotFound, match="no schedule 'x'"):
        await services.scheduler.run_now("x", "person:test")
