"""Members on PostgreSQL: one connection holds the lock, beats and listens.

The lock is the session's, so it goes with the process or with the link; a pooler that hands a session to
several clients cannot be used here. Time is the server's, except in the process's own view of its lease.
"""

# ruff: noqa: S608 - the statements are put together from constants
from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from math import ceil
from typing import Any

import psycopg
from psycopg import AsyncConnection
from sqlalchemy import ARRAY, Connection, Text, bindparam, func, select, text
from sqlalchemy.engine import make_url

from ..db import LINK, Database, Memory, TenantSession
from ..notices import Notice
from ..statements import fetch
from .lease import FORGOTTEN_S, AlreadyJoined, Lease, Lost, Timing, end
from .wire import pack, unpack

_NAME_LIMIT = 63  # bytes; the server cuts longer names off

_KEY = "hashtextextended({}, 4702394921427289929)"
_HELD = (
    "EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    f" AND (classid::bigint << 32) | objid::bigint = {_KEY})"
)
_LOCK = f"SELECT pg_try_advisory_lock({_KEY.format('%s')})"
_ENTER = "INSERT INTO member (id, host, pid, joined_at, beat_at) VALUES (%s, %s, %s, now(), now())"
_LONG_DEAD = f"beat_at < now() - make_interval(secs => %s) AND NOT {_HELD.format('member.id')}"
_FORGET = f"DELETE FROM member WHERE {_LONG_DEAD}"
# Who was once too late stays too late: others may already have taken over what they held.
_BEAT = "UPDATE member SET beat_at = now() WHERE id = %s AND beat_at > now() - make_interval(secs => %s)"
_LEAVE = f"WITH gone AS (DELETE FROM member WHERE id = %s) SELECT pg_advisory_unlock({_KEY.format('%s')})"

_NOTIFY = select(func.pg_notify("artel", func.unnest(bindparam("packed", type_=ARRAY(Text)))))
_EXPIRE = text(
    "UPDATE member SET beat_at = to_timestamp(0) WHERE id = ANY(:ids)"
    " AND beat_at <= now() - make_interval(secs => :lease_s) RETURNING id"
)
_FREE = text(
    "SELECT asked.id, member.id IS NOT NULL AS known FROM unnest(CAST(:ids AS text[])) AS asked(id)"
    f" LEFT JOIN member ON member.id = asked.id WHERE NOT {_HELD.format('asked.id')}"
)
_TERMINATE = text(
    "SELECT application_name, pg_terminate_backend(pid, 2000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name = ANY(:names)"
)


def application_name(member: str) -> str:
    """What every connection of a member calls itself, so that others can end them when it is dead."""
    name = f"artel {member}"
    if len(name.encode()) > _NAME_LIMIT:
        raise ValueError(f"a member's id is at most {_NAME_LIMIT - len('artel ')} bytes long: {member}")
    return name


def notify(connection: Connection, member: str, notices: Sequence[Notice]) -> None:
    """Tell the others once the transaction of `connection` is committed; equal notices arrive as one.

    Errors: ValueError, for a notice of more than 7,500 bytes.
    """
    if notices:
        fetch(connection, _NOTIFY, {"packed": [pack(member, notice) for notice in notices]})


@asynccontextmanager
async def join(
    database: Database,
    member: str,
    hear: Callable[[Notice], None],
    timing: Timing,
    monotonic: Callable[[], float],
) -> AsyncIterator[PostgresCluster]:
    lease = Lease(timing.lease_s, monotonic)
    async with await _connect(database.url, member, timing) as connection:
        cluster = PostgresCluster(database, connection, member, hear, timing, lease)
        await cluster.enter()
        living = asyncio.create_task(cluster.live())
        try:
            yield cluster
        finally:
            await end(living)
            await cluster.leave()


async def _connect(url: str, member: str, timing: Timing) -> AsyncConnection[Any]:
    """A connection that notices a cut link, the client before the server: so nobody else gets the lock
    while this process still thinks that it holds it.
    """
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    patience = {
        "connect_timeout": max(2, ceil(timing.lease_s)),
        "tcp_user_timeout": round(min(4.0, timing.answer_s) * 1000),
    }
    named: dict[str, Any] = {**LINK, **patience, "application_name": application_name(member)}
    connection = await AsyncConnection.connect(plain, autocommit=True, **named)
    seconds = ceil(timing.lease_s)
    settings = {"idle": ceil(seconds / 2), "interval": 1, "count": ceil(seconds / 2)}
    for name, value in settings.items():
        await connection.execute(f"SET tcp_keepalives_{name} = {value}")
    await connection.execute(f"SET tcp_user_timeout = {seconds * 1000}")
    return connection


class PostgresCluster:
    """See Cluster. `live` runs as a task of its own from `enter` to `leave`."""

    def __init__(
        self,
        database: Database,
        connection: AsyncConnection[Any],
        member: str,
        hear: Callable[[Notice], None],
        timing: Timing,
        lease: Lease,
    ) -> None:
        self.member = member
        self.lost = lease.lost
        self.holds = lease.holds
        self._memory = Memory(database)
        self._connection = connection
        self._hear = hear
        self._timing = timing
        self._lease = lease
        self._seen_free: dict[str, float] = {}

    async def tell(self, notices: Sequence[Notice]) -> None:
        def announce(session: TenantSession) -> None:
            notify(session.connection(), self.member, notices)

        await self._memory.write(announce)

    async def dead(self, members: Collection[str]) -> set[str]:
        asked = sorted({*members} - {self.member})
        if not asked:
            return set()
        late, free = await self._memory.write(_look, asked, self._timing.lease_s)
        now = self._lease.now()
        for member in asked:
            if member not in free:
                self._seen_free.pop(member, None)
        seen = {member: self._seen_free.setdefault(member, now) for member in free}
        gone = {member for member, known in free.items() if not known}
        dead = late | gone | {member for member in seen if now - seen[member] >= self._timing.grace_s}
        return dead - await self._memory.write(_terminate, dead)

    async def enter(self) -> None:
        sent = self._lease.now()
        # What comes beside the answer to a beat.
        self._connection.add_notify_handler(lambda heard: self._told(heard.payload))
        await self._connection.execute("LISTEN artel")
        taken = await (await self._connection.execute(_LOCK, (self.member,))).fetchone()
        if taken != (True,):
            raise AlreadyJoined(self.member)
        await self._connection.execute(_ENTER, (self.member, socket.gethostname(), os.getpid()))
        await self._connection.execute(_FORGET, (FORGOTTEN_S,))
        self._lease.renew(sent)

    async def live(self) -> None:
        """Hear and beat in turn, until the place is lost."""
        try:
            while True:
                await self._listen()
                await self._beat()
        except (psycopg.Error, Lost):
            return
        finally:
            self.lost.set()

    async def leave(self) -> None:
        """Free the place at once. A connection that does not answer any more is left to the server."""
        with suppress(psycopg.Error):
            await self._ask(_LEAVE, (self.member, self.member))

    async def _listen(self) -> None:
        """Hear until it is time to beat. Of libpq itself, for psycopg's own way to wait costs each notice a
        millisecond, and a process hears its own notices too.
        """
        loop = asyncio.get_running_loop()
        broken: asyncio.Future[None] = loop.create_future()
        link = self._connection.fileno()
        loop.add_reader(link, self._read, broken)
        try:
            await asyncio.wait([broken], timeout=self._timing.beat_s)
        finally:
            loop.remove_reader(link)
        if broken.done():
            broken.result()

    def _read(self, broken: asyncio.Future[None]) -> None:
        try:
            self._connection.pgconn.consume_input()
            while told := self._connection.pgconn.notifies():
                self._told(told.extra)
        except psycopg.Error as error:
            if not broken.done():
                broken.set_exception(error)

    def _told(self, packed: str | bytes) -> None:
        if notice := unpack(packed, self.member):
            self._hear(notice)

    async def _beat(self) -> None:
        sent = self._lease.now()
        if not self.holds() or await self._ask(_BEAT, (self.member, self._timing.lease_s)) == 0:
            raise Lost
        self._lease.renew(sent)

    async def _ask(self, statement: str, values: tuple[Any, ...]) -> int:
        """How many rows it was. Without an answer in time it ends in psycopg.OperationalError."""
        late = asyncio.get_running_loop().call_later(self._timing.answer_s, self._hang_up)
        try:
            return (await self._connection.execute(statement.encode(), values)).rowcount
        finally:
            late.cancel()

    def _hang_up(self) -> None:
        # Cancelling would send the server a request first and wait for its answer, on a link that has none.
        self.lost.set()
        with suppress(OSError), socket.socket(fileno=os.dup(self._connection.fileno())) as link:
            link.shutdown(socket.SHUT_RDWR)


def _look(session: TenantSession, asked: list[str], lease_s: float) -> tuple[set[str], dict[str, bool]]:
    """Whose beat is too old, and whose lock is free: to those, whether they have a row."""
    connection = session.connection()
    late = connection.execute(_EXPIRE, {"ids": asked, "lease_s": lease_s}).scalars()
    free = connection.execute(_FREE, {"ids": asked})
    return {*late}, {row.id: row.known for row in free}


def _terminate(session: TenantSession, members: Collection[str]) -> set[str]:
    """End what the members' connections still do; the members of whom one would not end."""
    names = {application_name(member): member for member in members}
    ended = session.connection().execute(_TERMINATE, {"names": list(names)})
    return {names[name] for name, done in ended if not done}
