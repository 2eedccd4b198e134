"""Cron lines: crontab's weekdays, clocks that change, times missed. Against a search of every minute."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise, takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.runtime.cron import MISFIRE_GRACE_S, missed, next_times, trigger_of
from graphs.runtime.errors import BadRequest
from memory.models import Schedule

pytestmark = pytest.mark.untraced

SUNDAY = datetime(2026, 11, 22, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
# Zones and a moment shortly before their clocks change: Lord Howe's by half an hour, Havana's at midnight.
CHANGES = [
    ("Europe/Berlin", datetime(2026, 3, 28, 12, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 24, 12, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 3, 7, 12, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 10, 31, 12, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 10, 3, 0, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 0, tzinfo=UTC)),
    ("America/Havana", datetime(2026, 3, 7, 12, tzinfo=UTC)),
    ("America/Havana", datetime(2026, 10, 31, 12, tzinfo=UTC)),
    ("Europe/Moscow", datetime(2026, 10, 24, 12, tzinfo=UTC)),
]
SPAN = timedelta(hours=36)


def schedule(cron: str, timezone: str = "Europe/Moscow", **values: object) -> Schedule:
    return Schedule(id="s", name="s", graph="g", cron=cron, timezone=timezone, created_at=SUNDAY, **values)


def days_of(weekday: str) -> set[int]:
    """ISO weekdays (Monday 1, Sunday 7) on which the line fires in a week."""
    times = trigger_of(f"0 12 * * {weekday}", "Europe/Moscow").after(SUNDAY)
    return {time.isoweekday() for time in takewhile(lambda time: time < SUNDAY + timedelta(7), times)}


@pytest.mark.parametrize(
    ("weekday", "days"),
    [
        ("0", {7}),
        ("7", {7}),
        ("1", {1}),
        ("6", {6}),
        ("sun", {7}),
        ("MON", {1}),
        ("1-5", {1, 2, 3, 4, 5}),
        ("mon-fri", {1, 2, 3, 4, 5}),
        ("5-7", {5, 6, 7}),
        ("fri-sun", {5, 6, 7}),
        ("0-2", {7, 1, 2}),
        ("0,6", {6, 7}),
        ("0-7", {1, 2, 3, 4, 5, 6, 7}),
        ("*", {1, 2, 3, 4, 5, 6, 7}),
        ("*/2", {7, 2, 4, 6}),
        ("*/7", {7}),
        ("1-5/2", {1, 3, 5}),
        ("5-6/2", {5}),
        ("2/2", {2, 4, 6}),
        ("mon,wed-thu,7", {1, 3, 4, 7}),
    ],
)
def test_weekdays_are_crontabs(weekday: str, days: set[int]) -> None:
    assert days_of(weekday) == days


@pytest.mark.parametrize(
    "cron",
    [
        "",
        "x",
        "* * * *",
        "0 0 30 2 * *",
        "60 * * * *",
        "* 24 * * *",
        "* * * * 8",
        "* * * * 5-2",
        "* * * * */0",
        "* * * * *-2",
        "* * * * mon#2",
        "* * * * monday",
        "* * * * ",
        "* * * * 1,",
        "* * * jan-mar/2 *",
        "* * 1st * *",
        "١ * * * *",
    ],
)
def test_a_line_that_is_none_is_refused(cron: str) -> None:
    with pytest.raises(BadRequest, match="means nothing"):
        trigger_of(cron, "Europe/Moscow")


@pytest.mark.parametrize("timezone", ["", "Mars/Base", "../etc/passwd", "/etc/passwd", "x\0y", "Europe"])
def test_a_zone_that_is_none_is_refused(timezone: str) -> None:
    with pytest.raises(BadRequest, match="means nothing"):
        trigger_of("* * * * *", timezone)


@pytest.mark.parametrize("cron", ["0 0 30 2 *", "0 0 31 4,6,9,11 *", "* * 31 2 *"])
def test_a_day_that_never_comes_has_no_times(cron: str) -> None:
    assert next_times(schedule(cron), SUNDAY, 3) == ()


@pytest.mark.parametrize(
    ("cron", "days"),
    [
        ("0 12 1,15 * fri", [27, 1, 4, 11, 15]),
        ("0 12 13 * */6", [13, 13]),
        ("0 12 */10 * mon", [21, 11]),
        ("0 12 last * 0", [29, 30, 6]),
    ],
)
def test_days_of_the_month_and_weekdays_are_crontabs(cron: str, days: list[int]) -> None:
    """Either is enough, unless one begins with a star (crontab(5))."""
    times = next_times(schedule(cron), SUNDAY + timedelta(days=1), len(days))
    assert [time.day for time in times] == days


def test_a_leap_day_comes() -> None:
    assert [time.year for time in next_times(schedule("0 0 29 2 *"), SUNDAY, 2)] == [2028, 2032]


@dataclass(frozen=True)
class Choice:
    """A line, and the minutes and hours that it means."""

    line: str
    minutes: frozenset[int]
    hours: frozenset[int]

    def fits(self, clock: datetime) -> bool:
        return clock.minute in self.minutes and clock.hour in self.hours

    @property
    def hourly(self) -> bool:
        return self.line.split()[1] == "*"


@st.composite
def choices(draw: st.DrawFn) -> Choice:
    minute, minutes = draw(_field(60))
    hour, hours = draw(_field(24))
    return Choice(f"{minute} {hour} * * *", minutes, hours)


@st.composite
def _field(draw: st.DrawFn, size: int) -> tuple[str, frozenset[int]]:
    kind = draw(st.sampled_from(["*", "step", "list", "range"]))
    if kind == "*":
        return "*", frozenset(range(size))
    if kind == "step":
        step = draw(st.integers(1, size - 1))
        return f"*/{step}", frozenset(range(0, size, step))
    if kind == "range":
        first = draw(st.integers(0, size - 1))
        last = draw(st.integers(first, size - 1))
        return f"{first}-{last}", frozenset(range(first, last + 1))
    some = draw(st.frozensets(st.integers(0, size - 1), min_size=1, max_size=4))
    return ",".join(map(str, some)), some


def searched(choice: Choice, zone: ZoneInfo, start: datetime) -> Iterator[datetime]:
    """Every minute of the span asked: does the clock show a time of the line, or has it just skipped one?"""
    time, before = start, start.astimezone(zone).replace(tzinfo=None)
    while (time := time + MINUTE) <= start + SPAN:
        local = time.astimezone(zone)
        clock = local.replace(tzinfo=None, fold=0)
        skipped = [before + MINUTE * n for n in range(1, (clock - before) // MINUTE)]
        if choice.hourly:
            fires = choice.fits(clock)
        else:
            fires = (choice.fits(clock) and not local.fold) or any(map(choice.fits, skipped))
        if fires:
            yield time
        before = clock


def between(choice: Choice, zone: str, start: datetime, end: datetime) -> list[datetime]:
    return list(takewhile(lambda time: time <= end, trigger_of(choice.line, zone).after(start)))


@settings(max_examples=200, deadline=None)
@given(choices(), st.sampled_from(CHANGES), st.integers(0, 240))
def test_times_are_those_of_a_search_where_clocks_change(
    choice: Choice, change: tuple[str, datetime], minutes: int
) -> None:
    zone, start = ZoneInfo(change[0]), change[1] + MINUTE * minutes
    found = between(choice, change[0], start, start + SPAN)
    assert all(earlier < later for earlier, later in pairwise(found))
    assert found == list(searched(choice, zone, start))


@settings(max_examples=100, deadline=None)
@given(choices(), st.sampled_from(CHANGES), st.integers(0, 35))
def test_times_do_not_depend_on_where_the_asking_begins(
    choice: Choice, change: tuple[str, datetime], hours: int
) -> None:
    """A scheduler that was restarted goes on with the times that the one before it would have had."""
    later, end = change[1] + timedelta(hours=hours, seconds=30.5), change[1] + SPAN
    whole = between(choice, change[0], change[1], end)
    assert between(choice, change[0], later, end) == [time for time in whole if time > later]


def test_a_repeated_hour_fires_once_and_a_skipped_one_at_its_end() -> None:
    nightly = schedule("30 2 * * *", "Europe/Berlin")
    spring = next_times(nightly, datetime(2026, 3, 28, tzinfo=UTC), 3)
    autumn = next_times(nightly, datetime(2026, 10, 24, tzinfo=UTC), 3)
    assert [time.isoformat() for time in spring] == [
        "2026-03-28T02:30:00+01:00",
        "2026-03-29T03:00:00+02:00",
        "2026-03-30T02:30:00+02:00",
    ]
    assert [time.isoformat() for time in autumn] == [
        "2026-10-24T02:30:00+02:00",
        "2026-10-25T02:30:00+02:00",
        "2026-10-26T02:30:00+01:00",
    ]


def test_every_quarter_of_an_hour_goes_on_while_clocks_change() -> None:
    often = schedule("*/15 * * * *", "Europe/Berlin")
    for day in (datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)):
        times = [time.astimezone(UTC) for time in next_times(often, day, 100)]
        assert {later - earlier for earlier, later in pairwise(times)} == {timedelta(minutes=15)}


def test_the_end_is_the_last_time_and_a_pause_has_none() -> None:
    ending = schedule("0 * * * *", ends_at=SUNDAY + timedelta(hours=2))
    assert next_times(ending, SUNDAY, 3) == (SUNDAY + timedelta(hours=1), SUNDAY + timedelta(hours=2))
    assert missed(ending, SUNDAY, SUNDAY + timedelta(hours=2, minutes=30)) == ending.ends_at
    paused = schedule("0 * * * *", paused=True)
    assert next_times(paused, SUNDAY, 3) == ()
    assert missed(paused, SUNDAY, SUNDAY + timedelta(hours=2)) is None


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from(["*/7 * * * *", "*/15 * * * *", "0 */2 * * *", "30 2 * * *"]),
    st.integers(0, 100_000),
    st.integers(0, 20_000),
)
def test_what_was_missed_is_the_latest_time_within_the_grace(cron: str, since_s: int, later_s: int) -> None:
    one = schedule(cron)
    since = SUNDAY + timedelta(seconds=since_s)
    now = since + timedelta(seconds=later_s)
    times = [time for time in next_times(one, since, 50) if time <= now]
    due = [time for time in times if time > now - timedelta(seconds=MISFIRE_GRACE_S)]
    assert missed(one, since, now) == (due[-1] if due else None)
