"""When a schedule fires. Pure: a line, a zone and a time in, times out.

The lines are crontab's: five fields, Sunday is 0 or 7 (APScheduler, which works them out, begins its weeks
on Monday), and a line with days of the month and weekdays fires on both (crontab(5), "Note").

Where clocks change, a line for every hour (`*`) follows real time; a line for chosen hours fires once for
each time on the clock: at the first of a repeated one, at the end of the gap for a skipped one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger

from memory.models import Schedule

from .errors import BadRequest

# A server that was down at the time still fires within this many seconds of it, and then only once.
MISFIRE_GRACE_S = 3600

_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
# APScheduler reads the beginning of a part and overlooks a tail that it does not know.
_PART = re.compile(r"\*(/\d+)?|\d+(-\d+)?(/\d+)?|[a-z]{3}(-[a-z]{3})?|last", re.ASCII | re.IGNORECASE)
_WEEKDAYS = re.compile(
    r"(?P<first>\*|[0-7]|[a-z]{3})(-(?P<last>[0-7]|[a-z]{3}))?(/(?P<step>[1-7]))?", re.ASCII | re.IGNORECASE
)


@dataclass(frozen=True)
class Line:
    """A cron line in a zone. `fields` are worked out in real time if `hourly`, else as the clock shows it."""

    fields: BaseTrigger
    zone: ZoneInfo
    hourly: bool

    def after(self, at: datetime) -> Iterator[datetime]:
        """The times after `at`, each later than the one before, in UTC: two times of one zone with a clock
        that is put back compare as that clock shows them."""
        at = at.astimezone(UTC)
        for time in self._steady(at) if self.hourly else self._by_clock(at):
            if time > at:
                at = time
                yield time

    def _steady(self, at: datetime) -> Iterator[datetime]:
        while (shown := self._next(at)) is not None:
            at = shown.astimezone(UTC)
            if _clock(at, self.zone) == shown.replace(tzinfo=None):
                yield at

    def _by_clock(self, at: datetime) -> Iterator[datetime]:
        clock = _clock(at, self.zone).replace(tzinfo=UTC)
        while (shown := self._next(clock)) is not None:
            clock = shown
            yield _instant(shown.replace(tzinfo=None), self.zone)

    def _next(self, at: datetime) -> datetime | None:
        """APScheduler's first time after the whole second of `at`."""
        from_then = at.replace(microsecond=0) + timedelta(seconds=1)
        found: datetime | None = self.fields.get_next_fire_time(None, from_then)
        return found


@lru_cache(maxsize=4096)
def trigger_of(cron: str, timezone: str) -> Line:
    """Errors: BadRequest for a line of other than five valid fields or an unknown zone."""
    try:
        zone = ZoneInfo(timezone)
        minute, hour, day, month, weekday = _fields(cron)
        days = _days(day, _weekdays(weekday), either=day[0] != "*" != weekday[0])
        clock = {"minute": minute, "hour": hour, "month": month, "timezone": zone if hour == "*" else UTC}
        fields = OrTrigger([CronTrigger(**clock, day=one, day_of_week=other) for one, other in days])
    except (ValueError, KeyError, OSError) as error:
        raise BadRequest(f"the schedule {cron!r} in {timezone!r} means nothing: {error}") from error
    return Line(fields, zone, hourly=hour == "*")


def next_times(schedule: Schedule, after: datetime, count: int) -> tuple[datetime, ...]:
    """At most `count` times after `after`, in the schedule's zone; none while it is paused."""
    times = islice(_planned(schedule, after), count)
    return tuple(time.astimezone(ZoneInfo(schedule.timezone)) for time in times)


def missed(schedule: Schedule, since: datetime, now: datetime) -> datetime | None:
    """The latest time after `since` up to `now`, in UTC, unless that is longer ago than the grace."""
    oldest = max(since, now - timedelta(seconds=MISFIRE_GRACE_S))
    return max(takewhile(lambda time: time <= now, _planned(schedule, oldest)), default=None)


def fires(schedule: Schedule, after: datetime) -> bool:
    """Whether any time is left, were it not paused. Errors: those of `trigger_of`."""
    return next(_times(schedule, after), None) is not None


def _planned(schedule: Schedule, after: datetime) -> Iterator[datetime]:
    """No times for a row whose line or zone this version does not know: it holds up no other schedule."""
    try:
        return iter(()) if schedule.paused else _times(schedule, after)
    except BadRequest:
        return iter(())


def _times(schedule: Schedule, after: datetime) -> Iterator[datetime]:
    times, ends_at = trigger_of(schedule.cron, schedule.timezone).after(after), schedule.ends_at
    return takewhile(lambda time: ends_at is None or time <= ends_at, times)


def _days(day: str, weekday: str, *, either: bool) -> list[tuple[str, str]]:
    """The days of the month and of the week that must fit together, in turn."""
    return [(day, "*"), ("*", weekday)] if either else [(day, weekday)]


def _fields(cron: str) -> list[str]:
    fields = cron.split()
    if len(fields) != 5:
        raise ValueError(f"{len(fields)} fields in place of five")
    for part in ",".join(fields[:4]).split(","):
        if not _PART.fullmatch(part):
            raise ValueError(f"{part!r} is no part of a cron line")
    return fields


def _weekdays(field: str) -> str:
    """The crontab field as the days' names, which mean the same to everybody."""
    days = {day % 7 for part in field.split(",") for day in _range(part)}
    return ",".join(_DAYS[day] for day in sorted(days))


def _range(part: str) -> range:
    match = _WEEKDAYS.fullmatch(part)
    if match is None or (match["first"] == "*" and match["last"]):
        raise ValueError(f"{part!r} is no weekday")
    step = int(match["step"] or 1)
    if match["first"] == "*":
        return range(0, 7, step)
    first = _day(match["first"])
    last = _day(match["last"]) if match["last"] else 6 if match["step"] else first
    if last == 0 < first:
        last = 7
    if last < first:
        raise ValueError(f"{part!r} ends before it begins")
    return range(first, last + 1, step)


def _day(text: str) -> int:
    return int(text) if text.isdigit() else _DAYS.index(text.lower())


def _clock(at: datetime, zone: ZoneInfo) -> datetime:
    """What the zone's clock shows at that time, without a zone."""
    return at.astimezone(zone).replace(tzinfo=None, fold=0)


def _instant(clock: datetime, zone: ZoneInfo) -> datetime:
    """When the clock shows it (for the first time), or else jumps over it. In UTC."""
    late = clock.replace(tzinfo=zone).astimezone(UTC)
    if _clock(late, zone) == clock:
        return late
    early = clock.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return _jump(early, late, zone)


def _jump(early: datetime, late: datetime, zone: ZoneInfo) -> datetime:
    """The first second between the two with the offset of `late`."""
    offset = late.astimezone(zone).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = (early + (late - early) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == offset:
            late = middle
        else:
            early = middle
    return late
