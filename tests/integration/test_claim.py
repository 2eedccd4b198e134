"""What one claim takes from any queue, against the rule said in Python, on both databases (Hypothesis)."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from memory import runs
from memory.db import Database, Memory, TenantSession
from memory.models import Run, RunStatus
from memory.runs import Caps
from tests.fakes.clock import NOON
from tests.fakes.graphs import PATIENCE_S
from tests.fakes.postgres import fresh_postgres

QUEUES = ("default", "slow")


@dataclass(frozen=True)
class Row:
    """A run; wait: minutes until it may start, None when at once; before: claims that it had already."""

    running: bool
    thread: str
    queue: str
    priority: int
    provider: str | None
    wait: int | None
    before: int

    def stored(self, number: int) -> Run:
        return Run(
            id=f"{number:03}",
            thread_id=self.thread,
            graph="work",
            trigger="api",
            status=RunStatus.RUNNING if self.running else RunStatus.QUEUED,
            owner="other" if self.running else None,
            queue=self.queue,
            priority=self.priority,
            provider=self.provider,
            not_before=None if self.wait is None else NOON + timedelta(minutes=self.wait),
            attempts=self.before,
            created_at=NOON,
        )

    @property
    def due(self) -> bool:
        return self.wait is None or self.wait <= 0


rows = st.lists(
    st.builds(
        Row,
        running=st.booleans(),
        thread=st.sampled_from("abcdef"),
        queue=st.sampled_from(QUEUES),
        priority=st.sampled_from([0, 10]),
        provider=st.sampled_from([None, "x", "y"]),
        wait=st.sampled_from([None, None, -1, 5]),
        before=st.integers(0, 1),
    ),
    max_size=10,
)
caps = st.builds(
    Caps,
    tenant=st.none() | st.integers(1, 5),
    providers=st.dictionaries(st.sampled_from(["x", "y"]), st.integers(1, 2), max_size=2),
)


def test_a_claim_takes_what_may_run_in_its_order(empty_database: str) -> None:
    database = Database(empty_database)

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(rows=rows, caps=caps, limit=st.integers(1, 4), queues=st.sampled_from([QUEUES, ("slow",)]))
    def check(rows: list[Row], caps: Caps, limit: int, queues: Sequence[str]) -> None:
        numbered = dict(enumerate(one_running_a_thread(rows)))
        expected = [f"{number:03}" for number in claimable(numbered, caps, queues)]
        expected = expected[: 1 if caps else limit]
        assert asyncio.run(Memory(database).write(claimed, numbered, caps, limit, queues)) == expected

    try:
        check()
    finally:
        database.close()


def claimed(
    session: TenantSession, rows: dict[int, Row], caps: Caps, limit: int, queues: Sequence[str]
) -> list[str]:
    session.connection().execute(text("DELETE FROM run"))
    session.add_all(row.stored(number) for number, row in rows.items())
    session.flush()
    taken = runs.claim(session, "me", queues, limit, caps, NOON)
    assert all((run.status, run.owner) == (RunStatus.RUNNING, "me") for run in taken)
    return [run.id for run in taken]


def one_running_a_thread(rows: list[Row]) -> list[Row]:
    """What the database allows at all."""
    threads: set[str] = set()
    kept = []
    for row in rows:
        if not (row.running and row.thread in threads):
            kept.append(row)
        if row.running:
            threads.add(row.thread)
    return kept


def claimable(rows: dict[int, Row], caps: Caps, queues: Sequence[str]) -> list[int]:
    """The runs that one claim may take, the most urgent first."""
    running = [row for row in rows.values() if row.running]
    providers = Counter(row.provider for row in running)

    def may_run(number: int, row: Row) -> bool:
        free = not any(
            other.running or (earlier < number and (other.before or other.due))
            for earlier, other in rows.items()
            if other.thread == row.thread and other is not row
        )
        room = caps.tenant is None or len(running) < caps.tenant
        room = room and providers[row.provider] < caps.providers.get(row.provider or "", 1000)
        return not row.running and row.due and row.queue in queues and free and room

    found = [number for number, row in rows.items() if may_run(number, row)]
    return sorted(found, key=lambda number: (rows[number].priority, number))


async def test_two_claims_at_once_share_a_cap(postgres_server: str, postgres_template: str) -> None:
    """The second looks only when the first is committed: else both would take the last place."""
    with fresh_postgres(postgres_server, postgres_template) as url:
        database = Database(url)
        memory, second_done = Memory(database), threading.Event()
        loop = asyncio.get_running_loop()
        rows = {number: Row(False, f"t{number}", "default", 0, None, None, 0) for number in range(2)}

        def claim(session: TenantSession) -> list[Run]:
            return runs.claim(session, "me", QUEUES, 1, Caps(tenant=1), NOON)

        async def second() -> list[Run]:
            try:
                return await memory.write(claim)
            finally:
                second_done.set()

        def first(session: TenantSession) -> tuple[list[Run], Future[list[Run]]]:
            taken, other = claim(session), asyncio.run_coroutine_threadsafe(second(), loop)
            waits = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            while not second_done.is_set() and not session.connection().execute(waits).scalar():
                pass
            return taken, other

        try:
            await memory.write(lambda session: session.add_all(row.stored(id) for id, row in rows.items()))
            async with asyncio.timeout(PATIENCE_S):
                taken, other = await memory.write(first)
                beside: list[Run] = await asyncio.wrap_future(other)
                assert (len(taken), len(beside)) == (1, 0)
        finally:
            database.close()
