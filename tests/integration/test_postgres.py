"""The same runtime on PostgreSQL by one setting: business rows, queue and checkpoints in one database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from graphs.runtime.reviews import Verdict
from graphs.runtime.runs import Request
from graphs.runtime.services import open_services
from graphs.runtime.settings import Settings
from memory.models import DecisionType, RunStatus, Trigger
from memory.reviews import Filter
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
