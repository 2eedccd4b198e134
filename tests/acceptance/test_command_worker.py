"""`artel worker`: a process that executes what others start, from the queues that it is told."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

from graphs.runtime.runs import Request
from graphs.runtime.services import open_services
from graphs.runtime.settings import Settings
from memory.models import RunStatus, Trigger

from .conftest import ARTEL, TIMEOUT_S, environment


async def test_it_serves_its_queue_and_leaves_the_others(tmp_path: Path) -> None:
    asked = Request("scout", {}, Trigger.API, "person:test", queue="aside")
    async with open_services(Settings(data_dir=tmp_path, concurrency=0)) as desk:
        other, _ = await desk.runs.start(Request("scout", {}, Trigger.API, "person:test"))
        worker = await asyncio.create_subprocess_exec(
            ARTEL,
            *("worker", "--queue", "aside", "--concurrency", "2"),
            env=environment(tmp_path),
            stdout=asyncio.subprocess.PIPE,
        )
        assert worker.stdout is not None and b"2" in await worker.stdout.readline()
        run, _ = await desk.runs.start(asked)
        async with asyncio.timeout(TIMEOUT_S):
            assert (await desk.runs.wait(run.id)).status == RunStatus.DONE
        assert (await desk.runs.get(other.id)).status == RunStatus.QUEUED
        worker.send_signal(signal.SIGTERM)
        assert await worker.wait() == 0
