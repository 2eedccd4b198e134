"""Schedules fire once a time, whichever process looks first, and nothing that is due is lost or doubled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from graphs.runtime.errors import BadRequest, Conflict, NotFound
from graphs.runtime.firing import Firing, request_of
from graphs.runtime.options import Options
from graphs.runtime.scheduler import Changes, NewSchedule
from graphs.runtime.services import Services, open_services
from graphs.runtime.settings import Settings
from memory import audit, runs, schedules
from memory.ids import derived
from memory.models import Run, RunStatus, Schedule, Trigger
from memory.schedules import Filter
from tests.fakes.clock import NOON, Hands
from tests.fakes.graphs import build_asking, build_failing
from tests.fakes.served import served
from tests.fakes.sqlite import migrated_file

QUARTERLY = NewSchedule("asking", "*/15 * * * *", "Europe/Moscow", name="quarterly", input={"text": "x"})
GRAPHS = {"asking": build_asking, "failing": build_failing}


@asynccontextmanager
async def opened(folder: Path, url: str, hands: Hands, *, schedules: bool = False) -> AsyncIterator[Services]:
    settings = Settings(data_dir=folder, database_url=url or migrated_file(folder))
    async with open_services(settings, clock=hands, graphs=GRAPHS, schedules=schedules) as services:
        yield services


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest_asyncio.fixture
async def services(tmp_path: Path, hands: Hands) -> AsyncIterator[Services]:
    async with opened(tmp_path, "", hands) as services:
        yield services


def firing_of(services: Services) -> Firing:
    return Firing(services.runs, services.events, services.clock)


async def keys(services: Services) -> list[str | None]:
    return sorted(str(run.key) for run in await services.runs.page())


def key_of(schedule: Schedule, time: str) -> str:
    return f"cron:{schedule.id}:2026-11-21T{time}+00:00"


async def started(services: Services, key: str) -> Run:
    """The run of the key, as soon as this process hears of it."""
    with services.events.listen() as listener:
        async with asyncio.timeout(20):
            while (run := await services.memory.read(runs.by_key, key)) is None:
                await listener.next()
    return run


async def actions(services: Services, id: str) -> list[tuple[str, str]]:
    entries = await services.memory.read(audit.entries, "schedule", id)
    return [(entry.action, entry.actor) for entry in entries]


async def test_the_first_schedule_is_every_quarter_of_an_hour(services: Services) -> None:
    (planned,) = await services.scheduler.all()
    assert [f"{time:%H:%M}" for time in planned.next_times] == ["15:15", "15:30", "15:45"]
    assert str(planned.next_times[0].tzinfo) == "Europe/Moscow"


async def test_a_time_is_fired_when_it_comes(tmp_path: Path, empty_database: str, hands: Hands) -> None:
    async with opened(tmp_path, empty_database, hands, schedules=True) as services:
        schedule = (await services.scheduler.create(QUARTERLY, "person:test")).schedule
        hands.now = NOON + timedelta(minutes=14, seconds=59.9)
        await services.scheduler.change(schedule.id, {"input": {"text": "y"}}, "person:test")
        hands.now = NOON + timedelta(minutes=15)
        run = await started(services, key_of(schedule, "12:15:00"))
    assert (run.trigger, run.graph, run.input) == (Trigger.SCHEDULE, "asking", {"text": "y"})


async def test_a_change_in_another_process_is_heard(
    tmp_path: Path, empty_database: str, hands: Hands
) -> None:
    async with (
        opened(tmp_path, empty_database, hands, schedules=True) as firing,
        opened(tmp_path, empty_database, hands) as other,
    ):
        schedule = (await other.scheduler.create(QUARTERLY, "person:test")).schedule
        hands.now = NOON + timedelta(minutes=14, seconds=59.9)
        await other.scheduler.change(schedule.id, {"name": "often"}, "person:test")
        hands.now = NOON + timedelta(minutes=15)
        run = await started(firing, key_of(schedule, "12:15:00"))
    assert run.trigger == Trigger.SCHEDULE


async def test_many_schedulers_fire_a_time_once(tmp_path: Path, empty_database: str, hands: Hands) -> None:
    async with (
        opened(tmp_path, empty_database, hands) as one,
        opened(tmp_path, empty_database, hands) as other,
    ):
        schedule = (await one.scheduler.create(QUARTERLY, "person:test")).schedule
        hands.now = NOON + timedelta(minutes=15, seconds=1)
        looks = [firing_of(services).look() for services in (one, other) * 4]
        assert set(await asyncio.gather(*looks)) == {NOON + timedelta(minutes=30)}
        mine = [run for run in await one.runs.page() if run.key == key_of(schedule, "12:15:00")]
        assert len(mine) == 1
        planned = await other.scheduler.get(schedule.id)
    assert (planned.schedule.last_run_id, planned.schedule.last_fired_at) == (
        mine[0].id,
        NOON + timedelta(minutes=15),
    )


@pytest.mark.parametrize(
    ("away", "fired"),
    [
        (timedelta(minutes=14), []),
        (timedelta(minutes=20), ["12:15:00"]),
        (timedelta(minutes=50), ["12:45:00"]),
        (timedelta(days=3, minutes=7), []),
    ],
)
async def test_what_was_missed_while_nobody_ran_fires_once(
    tmp_path: Path, empty_database: str, hands: Hands, away: timedelta, fired: list[str]
) -> None:
    new = replace(QUARTERLY, ends_at=NOON + timedelta(hours=1))
    async with opened(tmp_path, empty_database, hands) as services:
        schedule = (await services.scheduler.create(new, "person:test")).schedule
        await services.scheduler.delete((await services.scheduler.all())[1].schedule.id, "person:test")
    hands.now = NOON + away
    for _ in range(2):
        async with opened(tmp_path, empty_database, hands, schedules=True) as services:
            for time in fired:
                await started(services, key_of(schedule, time))
            await firing_of(services).look()
            assert await keys(services) == [key_of(schedule, time) for time in fired]


@pytest.mark.parametrize("changes", [{"cron": "10 * * * *", "timezone": "Europe/Moscow"}, {"paused": False}])
async def test_a_time_before_a_change_was_not_missed(
    services: Services, hands: Hands, changes: Changes
) -> None:
    id = (await services.scheduler.create(replace(QUARTERLY, paused=True), "person:test")).schedule.id
    hands.now = NOON + timedelta(minutes=17)
    await services.scheduler.change(id, {"paused": False, **changes}, "person:test")
    hands.now = NOON + timedelta(minutes=18)
    await firing_of(services).look()
    assert [key for key in await keys(services) if id in str(key)] == []


async def test_a_paused_or_ended_schedule_does_not_fire(services: Services, hands: Hands) -> None:
    ending = replace(QUARTERLY, name="ending", ends_at=NOON + timedelta(minutes=15))
    ended = (await services.scheduler.create(ending, "person:test")).schedule
    paused = (await services.scheduler.create(replace(QUARTERLY, paused=True), "person:test")).schedule
    firing = firing_of(services)
    for minutes in (16, 31, 46):
        hands.now = NOON + timedelta(minutes=minutes)
        await firing.look()
    assert [key for key in await keys(services) if ended.id in str(key)] == [key_of(ended, "12:15:00")]
    assert [key for key in await keys(services) if paused.id in str(key)] == []
    assert (await services.scheduler.get(ended.id)).next_times == ()


async def test_a_schedule_that_cannot_fire_is_logged_once_and_holds_up_no_other(
    services: Services, hands: Hands
) -> None:
    gone = replace(QUARTERLY, graph="gone", name="a gone graph")
    id = (await services.scheduler.create(gone, "person:test")).schedule.id
    good = (await services.scheduler.create(QUARTERLY, "person:test")).schedule
    await services.memory.write(schedules.ensure, _foreign("b unknown line", cron="0 0 * * mon#2"))
    await services.memory.write(schedules.ensure, _foreign("c unknown options", options={"of": "later"}))
    firing = firing_of(services)
    hands.now = NOON + timedelta(minutes=15)
    with capture_logs() as logged:
        await firing.look()
        await firing.look()
    assert [entry["schedule_id"] for entry in logged if entry["log_level"] == "error"] == [
        id,
        "c unknown options",
        # The first schedule's graph is not served here.
        derived("schedule", "scout"),
    ]
    assert await keys(services) == [key_of(good, "12:15:00")]
    hands.now = NOON + timedelta(minutes=30)
    await firing.look()
    assert await keys(services) == [key_of(good, "12:15:00"), key_of(good, "12:30:00")]


def _foreign(name: str, **values: Any) -> Schedule:
    """A row that another version of the program left."""
    return Schedule(
        **{"id": name, "name": name, "graph": "asking", "cron": "*/15 * * * *", "created_at": NOON, **values}
    )


async def test_a_schedule_says_what_became_of_its_last_run(services: Services, hands: Hands) -> None:
    schedule = (
        await services.scheduler.create(replace(QUARTERLY, graph="failing", name="f"), "person:test")
    ).schedule
    assert (await services.scheduler.get(schedule.id)).last is None
    hands.now = NOON + timedelta(minutes=15)
    await firing_of(services).look()
    run = await services.runs.wait((await services.scheduler.get(schedule.id)).schedule.last_run_id or "")
    last = (await services.scheduler.get(schedule.id)).last
    assert last is not None
    assert (last.id, last.status) == (run.id, RunStatus.FAILED)
    assert "the node could not do it" in str(last.error)


async def test_what_was_last_never_goes_back(tmp_path: Path, empty_database: str, hands: Hands) -> None:
    async with opened(tmp_path, empty_database, hands) as services:
        schedule = (await services.scheduler.create(QUARTERLY, "person:test")).schedule
        earlier = await services.scheduler.run_now(schedule.id, "person:test")
        later = await services.scheduler.run_now(schedule.id, "person:test")
        for run, at in ((later, NOON + timedelta(hours=1)), (earlier, NOON)):
            await services.memory.write(schedules.ran, schedule.id, run.id, at=at)
        kept = (await services.scheduler.get(schedule.id)).schedule
    assert (kept.last_run_id, kept.last_fired_at) == (later.id, NOON + timedelta(hours=1))


async def test_run_now_is_a_persons_run_and_settles_no_time(services: Services, hands: Hands) -> None:
    schedule = (await services.scheduler.create(QUARTERLY, "person:test")).schedule
    hands.now = NOON + timedelta(minutes=16)
    run = await services.scheduler.run_now(schedule.id, "person:maria")
    assert (run.trigger, run.key, run.input) == (Trigger.PERSON, None, {"text": "x"})
    kept = (await services.scheduler.get(schedule.id)).schedule
    assert (kept.last_run_id, kept.last_fired_at) == (run.id, None)
    await firing_of(services).look()
    assert key_of(schedule, "12:15:00") in await keys(services)
    assert await actions(services, schedule.id) == [
        ("schedule.create", "person:test"),
        ("schedule.run", "person:maria"),
    ]


@pytest.mark.parametrize(
    ("thread", "given", "used"),
    [(None, "reject", "reject"), ("t", "reject", "enqueue"), ("t", "rollback", "rollback")],
)
async def test_runs_on_a_schedules_thread_wait_for_each_other(
    services: Services, thread: str | None, given: Any, used: str
) -> None:
    options = Options(multitask=given, config={"tags": ["a"]})
    new = replace(QUARTERLY, thread_id=thread, assistant_id="a", options=options, meta={"why": "test"})
    schedule = (await services.scheduler.create(new, "person:test")).schedule
    request = request_of(schedule, Trigger.SCHEDULE, "schedule:quarterly", "k")
    assert request.options == options.model_copy(update={"multitask": used})
    assert (request.thread_id, request.assistant_id, request.meta) == (thread, "a", {"why": "test"})


async def test_stop_lets_what_is_fired_be_noted(tmp_path: Path, hands: Hands) -> None:
    async with opened(tmp_path, "", hands) as services:
        schedule = (await services.scheduler.create(QUARTERLY, "person:test")).schedule
        hands.now = NOON + timedelta(minutes=15)
        services.scheduler.start()
        run = await started(services, key_of(schedule, "12:15:00"))
        await services.scheduler.stop()
        assert (await services.scheduler.get(schedule.id)).schedule.last_run_id == run.id
        hands.now = NOON + timedelta(minutes=30)
        services.scheduler.start()
        await services.scheduler.stop()
        await services.scheduler.stop()


@pytest.mark.parametrize(
    "changes",
    [
        {"cron": "x", "timezone": "Europe/Moscow"},
        {"cron": "0 0 30 2 *", "timezone": "Europe/Moscow"},
        {"cron": "0 0 * * *", "timezone": "Mars/Base"},
        {"ends_at": NOON},
    ],
)
async def test_a_line_that_never_fires_changes_nothing(services: Services, changes: Changes) -> None:
    with pytest.raises(BadRequest):
        await services.scheduler.create(replace(QUARTERLY, **changes), "person:test")
    schedule = (await services.scheduler.create(QUARTERLY, "person:test")).schedule
    with pytest.raises(BadRequest):
        await services.scheduler.change(schedule.id, changes, "person:test")
    kept = (await services.scheduler.get(schedule.id)).schedule
    assert kept.model_dump() == schedule.model_dump()
    assert await actions(services, schedule.id) == [("schedule.create", "person:test")]


async def test_what_is_done_to_a_schedule_is_audited(
    tmp_path: Path, empty_database: str, hands: Hands
) -> None:
    async with opened(tmp_path, empty_database, hands) as services:
        id = (await services.scheduler.create(QUARTERLY, "person:test")).schedule.id
        assert (await services.scheduler.pause(id, True, "person:test")).next_times == ()
        assert len((await services.scheduler.pause(id, False, "person:test")).next_times) == 3
        timing: Changes = {"cron": "0 9 * * 1", "timezone": "Europe/Berlin"}
        assert {at.isoweekday() for at in (await services.scheduler.change(id, timing, "p")).next_times} == {
            1
        }
        whole: Changes = {"name": "n", "options": Options(multitask="enqueue"), "ends_at": None}
        changed = (await services.scheduler.change(id, whole, "p")).schedule
        assert (changed.name, changed.options) == ("n", {"multitask": "enqueue"})
        await services.scheduler.delete(id, "p")
        with pytest.raises(NotFound):
            await services.scheduler.get(id)
        assert [action.removeprefix("schedule.") for action, _ in await actions(services, id)] == [
            "create",
            "pause",
            "resume",
            "retime",
            "change",
            "delete",
        ]


async def test_a_name_is_used_once(tmp_path: Path, empty_database: str, hands: Hands) -> None:
    async with opened(tmp_path, empty_database, hands) as services:
        id = (await services.scheduler.create(QUARTERLY, "person:test")).schedule.id
        with pytest.raises(Conflict, match="'quarterly' already"):
            await services.scheduler.create(QUARTERLY, "person:test")
        with pytest.raises(Conflict, match="'scout' already"):
            await services.scheduler.change(id, {"name": "scout"}, "person:test")
        unnamed = (await services.scheduler.create(replace(QUARTERLY, name=None), "person:test")).schedule
        assert unnamed.name == unnamed.id


async def test_a_deleted_first_schedule_stays_deleted(tmp_path: Path, hands: Hands) -> None:
    async with opened(tmp_path, "", hands) as services:
        (first,) = await services.scheduler.all()
        await services.scheduler.change(first.schedule.id, {"name": "renamed"}, "person:test")
    async with opened(tmp_path, "", hands) as services:
        assert [one.schedule.name for one in await services.scheduler.all()] == ["renamed"]
        await services.scheduler.delete(first.schedule.id, "person:test")
    async with opened(tmp_path, "", hands) as services:
        assert await services.scheduler.all() == []


async def test_schedules_are_searched(tmp_path: Path, empty_database: str, hands: Hands) -> None:
    async with opened(tmp_path, empty_database, hands) as services:
        for number in range(4):
            new = replace(
                QUARTERLY,
                name=f"s{number}",
                thread_id=f"t{number % 2}",
                assistant_id="a",
                paused=number == 3,
                meta={"n": {"is": number}},
            )
            await services.scheduler.create(new, "person:test")

        async def names(filter: Filter, **page: Any) -> list[str]:
            found = await services.scheduler.search(filter, **page)
            return [planned.schedule.name for planned in found]

        assert await names(Filter()) == ["s0", "s1", "s2", "s3", "scout"]
        assert await names(Filter(), limit=2, offset=1) == ["s1", "s2"]
        assert await names(Filter(assistant_id="a"), sort="id", descending=True, limit=1) == ["s3"]
        assert await names(Filter(thread_id="t1")) == ["s1", "s3"]
        assert await names(Filter(thread_id="t1", paused=False)) == ["s1"]
        assert await names(Filter(graph="scout")) == ["scout"]
        assert await names(Filter(meta={"n": {"is": 2}})) == ["s2"]
        assert await services.scheduler.count(Filter(assistant_id="a")) == 4


async def test_an_unknown_schedule_is_said(services: Services) -> None:
    for doing in (
        services.scheduler.run_now("x", "p"),
        services.scheduler.delete("x", "p"),
        services.scheduler.pause("x", True, "p"),
        services.scheduler.get("x"),
    ):
        with pytest.raises(NotFound, match="no schedule 'x'"):
            await doing


async def test_a_schedule_over_http(tmp_path: Path) -> None:
    body = {"name": "nightly", "graph": "failing", "cron": "30 2 * * 0", "input": {"text": "x"}}
    async with served(tmp_path) as api:
        answer = await api.client.post("schedules", json=body)
        added = answer.json()
        assert (answer.status_code, answer.headers["location"]) == (201, f"/api/v1/schedules/{added['id']}")
        assert {**added, **body, "timezone": "Europe/Moscow", "last_run": None} == added
        assert {datetime.fromisoformat(at).isoweekday() for at in added["next_times"]} == {7}
        one = f"schedules/{added['id']}"
        run = (await api.client.post(f"{one}/run")).json()
        assert (await api.client.get(one)).json()["last_run"]["id"] == run["id"]
        changed = await api.client.patch(one, json={"paused": True, "ends_at": "2099-01-01T00:00:00+03:00"})
        assert (changed.json()["next_times"], changed.json()["name"]) == ([], "nightly")
        assert (await api.client.delete(one)).status_code == 204
        assert (await api.client.get(one)).status_code == 404
        assert (await api.client.get(f"runs/{run['id']}")).status_code == 200


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"cron": "0 0 30 2 *"}, 422),
        ({"cron": "0 0 * * 8"}, 422),
        ({"timezone": "Mars/Base"}, 422),
        ({"ends_at": "2000-01-01T00:00:00Z"}, 422),
        ({"ends_at": "2099-01-01T00:00:00"}, 422),
        ({"name": ""}, 422),
        ({"colour": "red"}, 422),
        ({"graph": "nowhere"}, 404),
        ({"name": "scout"}, 409),
    ],
)
async def test_a_schedule_that_is_none_is_refused(
    tmp_path: Path, change: dict[str, str], status: int
) -> None:
    body = {"name": "nightly", "graph": "failing", "cron": "30 2 * * 0"}
    async with served(tmp_path) as api:
        assert (await api.client.post("schedules", json={**body, **change})).status_code == status
        assert len((await api.client.get("schedules")).json()["items"]) == 1
