"""The same runtime on PostgreSQL by one setting: business rows, queue and checkpoints in one database."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from graphs.runtime.reviews import Verdict
from graphs.runtime.runs import Request
from graphs.runtime.services import open_services
from graphs.runtime.settings import Settings
from memory.db import Database, Memory, TenantSession
from memory.models import DecisionType, RunStatus, Thread, Trigger
from memory.reviews import Filter
from memory.rows import change, find
from tests.fakes.graphs import build_asking
from tests.fakes.postgres import fresh_postgres


async def test_a_run_waits_is_decided_and_ends(
    postgres_server: str, tmp_path: Path, clock: Callable[[], datetime]
) -> None:
    with fresh_postgres(postgres_server) as url:
        settings = Settings(data_dir=tmp_path, database_url=url)
        async with open_services(settings, clock=clock, graphs={"asking": build_asking}) as services:
            request = Request("asking", {"text": "x"}, Trigger.API, "person:test", key="k")
            run, _ = await services.runs.start(request)
            assert (await services.runs.wait(run.id)).status == RunStatus.WAITING
        async with open_services(settings, clock=clock, graphs={"asking": build_asking}) as services:
            assert (await services.runs.start(request))[1] is False
            review = (await services.reviews.page(Filter(), "score", 1))[0]
            verdict = Verdict(DecisionType.APPROVE, "person:test")
            _, resumed = await services.reviews.decide(review.id, verdict)
            assert (await services.runs.wait(resumed.id)).result["answer"] == "approve"


async def test_a_deadlock_is_solved_by_doing_one_of_the_two_again(
    postgres_server: str, postgres_template: str, clock: Callable[[], datetime]
) -> None:
    """Both lock a thread, meet, and want the other's: the first times, before the server ends one."""
    both = threading.Barrier(2)
    tries: list[str] = []

    def swap(session: TenantSession, first: str, second: str) -> None:
        tries.append(first)
        change(session, Thread, {"id": first}, {"graph": first})
        with suppress(threading.BrokenBarrierError):
            both.wait(timeout=2)
        change(session, Thread, {"id": second}, {"graph": first})

    with fresh_postgres(postgres_server, postgres_template) as url:
        database = Database(url)
        memory = Memory(database)
        for id in ("a", "b"):
            await memory.write(lambda session, id=id: session.add(_thread(id, clock())))
        await asyncio.gather(memory.write(swap, "a", "b"), memory.write(swap, "b", "a"))
        graphs = {(await memory.read(find, Thread, {"id": id})).graph for id in ("a", "b")}
        database.close()
    assert len(tries) == 3, "one of them was done again"
    assert len(graphs) == 1, "the last of them has changed both"


def _thread(id: str, now: datetime) -> Thread:
    return Thread(id=id, created_at=now, updated_at=now)
