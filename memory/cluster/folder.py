"""Members on SQLite: processes of one machine that meet in a folder beside the database's file.

The lock says exactly who lives. The lease is for those that live and stand still.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import ExitStack, asynccontextmanager, closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError
from sqlmodel import col, select

from ..db import Database, Memory, TenantSession
from ..models import Member
from ..notices import Notice
from .files import Meeting, Mouth
from .lease import FORGOTTEN_S, Lease, Lost, Timing, end
from .wire import LIMIT, pack, unpack

_NEVER = datetime.fromtimestamp(0, UTC)
_AT_ONCE = 64  # notices heard before the loop gets to do something else


@asynccontextmanager
async def join(
    database: Database,
    member: str,
    hear: Callable[[Notice], None],
    timing: Timing,
    clock: Callable[[], datetime],
    monotonic: Callable[[], float],
) -> AsyncIterator[FolderCluster]:
    lease = Lease(timing.lease_s, monotonic)
    with ExitStack() as stack:
        meeting = stack.enter_context(closing(_meeting(database.url)))
        ear = stack.enter_context(meeting.hold(member))
        cluster = FolderCluster(database, meeting, member, timing, lease, clock)
        await cluster.enter()
        living = asyncio.create_task(cluster.live(ear, hear))
        try:
            yield cluster
        finally:
            await end(living)
            await cluster.leave()


def _meeting(url: str) -> Meeting:
    return Meeting(Path(str(make_url(url).database)).absolute().parent / "members")


class FolderCluster:
    """See Cluster. `live` runs as a task of its own from `enter` to `leave`."""

    def __init__(
        self,
        database: Database,
        meeting: Meeting,
        member: str,
        timing: Timing,
        lease: Lease,
        clock: Callable[[], datetime],
    ) -> None:
        self.member = member
        self.lost = lease.lost
        self.holds = lease.holds
        self._memory = Memory(database)
        self._meeting = meeting
        self._timing = timing
        self._lease = lease
        self._clock = clock
        self._mouths: dict[str, Mouth] = {}

    async def tell(self, notices: Sequence[Notice]) -> None:
        packed = [pack(self.member, notice).encode() for notice in notices]
        others = self._meeting.listening() - {self.member}
        for other in self._mouths.keys() - others:
            self._forget(other)
        for other in others:
            if mouth := self._mouth(other):
                mouth.say(packed)

    async def dead(self, members: Collection[str]) -> set[str]:
        asked = {*members} - {self.member}
        free = {member for member in asked if self._meeting.is_free(member)}
        if held := asked - free:
            return free | await self._memory.write(self._expire, held)
        return free

    async def enter(self) -> None:
        sent = self._lease.now()
        await self._memory.write(self._enter)
        self._lease.renew(sent)

    async def live(self, ear: socket.socket, hear: Callable[[Notice], None]) -> None:
        """Hear and beat until the place is lost."""
        loop = asyncio.get_running_loop()
        loop.add_reader(ear.fileno(), self._listen, ear, hear)
        try:
            while True:
                await _wait(self.lost, self._timing.beat_s)
                await self._beat()
        except (Lost, TimeoutError):
            return
        finally:
            loop.remove_reader(ear.fileno())
            self.lost.set()

    async def leave(self) -> None:
        for other in [*self._mouths]:
            self._forget(other)
        with suppress(DatabaseError):
            await self._memory.write(self._leave)

    def _listen(self, ear: socket.socket, hear: Callable[[Notice], None]) -> None:
        with suppress(BlockingIOError):
            for _ in range(_AT_ONCE):
                if notice := unpack(ear.recv(LIMIT), self.member):
                    hear(notice)

    def _mouth(self, other: str) -> Mouth | None:
        """None: nobody is there any more."""
        if other not in self._mouths:
            try:
                self._mouths[other] = Mouth(self._meeting.connect(other), lambda: self._bury(other))
            except ConnectionRefusedError:
                self._meeting.remove(other, lock=False)
            except OSError:
                return None
        return self._mouths.get(other)

    def _bury(self, other: str) -> None:
        self._forget(other)
        self._meeting.remove(other, lock=False)

    def _forget(self, other: str) -> None:
        self._mouths.pop(other).close()

    async def _beat(self) -> None:
        """A beat that cannot be written (a full disk, a long transaction) may be made up within the lease."""
        sent = self._lease.now()
        if not self.holds():
            raise Lost
        with suppress(DatabaseError):
            async with asyncio.timeout(self._lease.left()):
                if not await self._memory.write(self._touch):
                    raise Lost
            self._lease.renew(sent)

    def _enter(self, session: TenantSession) -> None:
        now = self._clock()
        limit = now - timedelta(seconds=FORGOTTEN_S)
        rows = session.exec(select(Member.id).where(col(Member.beat_at) < limit))
        for member in {*rows} | self._meeting.untouched_since(limit.timestamp()):
            if member != self.member and self._meeting.is_free(member):
                self._meeting.remove(member)
                session.connection().execute(delete(Member).where(col(Member.id) == member))
        session.add(
            Member(id=self.member, host=socket.gethostname(), pid=os.getpid(), joined_at=now, beat_at=now)
        )

    def _touch(self, session: TenantSession) -> bool:
        """Whether the place was still ours. Who was once too late stays too late: others may already have
        taken over what they held.
        """
        connection = session.connection()
        now = self._clock()
        in_time = col(Member.beat_at) > now - timedelta(seconds=self._timing.lease_s)
        mine = update(Member).where(col(Member.id) == self.member, in_time)
        return connection.execute(mine.values(beat_at=now)).rowcount == 1

    def _expire(self, session: TenantSession, asked: set[str]) -> set[str]:
        connection = session.connection()
        late = col(Member.beat_at) <= self._clock() - timedelta(seconds=self._timing.lease_s)
        expired = update(Member).where(col(Member.id).in_(asked), late).values(beat_at=_NEVER)
        return {*connection.execute(expired.returning(col(Member.id))).scalars()}

    def _leave(self, session: TenantSession) -> None:
        session.connection().execute(delete(Member).where(col(Member.id) == self.member))


async def _wait(event: asyncio.Event, limit_s: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(limit_s):
            await event.wait()
