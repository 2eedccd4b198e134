"""Whatever order people, workers and clocks act in: the run service against a model of it (Hypothesis)."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from graphs.runtime.errors import AlreadyDecided, Conflict
from graphs.runtime.reviews import Verdict
from graphs.runtime.runs import Request
from graphs.runtime.services import Services, open_services
from graphs.runtime.settings import Settings
from memory import reviews, runs
from memory.models import DecisionType, Run, RunStatus, Trigger
from memory.reviews import Filter
from memory.rows import change
from tests.fakes.graphs import build_asking
from tests.fakes.sqlite import migrated_file

pytestmark = pytest.mark.untraced

STATUS = {"approve": "done", "edit": "done", "reject": "done", "respond": "waiting"}


class RunMachine(RuleBasedStateMachine):
    """The model: a thread's latest run and its status; which reviews are open."""

    threads = Bundle("threads")

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.stack = AsyncExitStack()
        self.ticks = count()
        self.expected: dict[str, str] = {}

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(asyncio.wait_for(work, 60))

    @initialize()
    def open(self) -> None:
        self.services: Services = self.run(self._open())

    async def _open(self) -> Services:
        started = datetime(2026, 11, 20, tzinfo=UTC)
        migrated_file(Path(self.folder.name))
        return await self.stack.enter_async_context(
            open_services(
                Settings(data_dir=Path(self.folder.name), prune_after_h=1),
                clock=lambda: started + timedelta(seconds=next(self.ticks)),
                graphs={"asking": build_asking},
            )
        )

    @rule(target=threads)
    def start(self) -> str:
        request = Request("asking", {"text": "x"}, Trigger.API, "person:a")
        run, new = self.run(self.services.runs.start(request))
        assert new and self.run(self.services.runs.wait(run.id)).status == "waiting"
        self.expected[run.thread_id] = "waiting"
        return run.thread_id

    @rule(thread=threads, answer=st.sampled_from(sorted(STATUS)))
    def decide(self, thread: str, answer: str) -> None:
        review = self.run(self._review(thread))
        if self.expected[thread] != "waiting":
            assert review is None
            return
        verdict = Verdict(DecisionType(answer), "person:a", message="because")
        _, run = self.run(self.services.reviews.decide(review.id, verdict))
        self.expected[thread] = self.run(self.services.runs.wait(run.id)).status
        assert self.expected[thread] == STATUS[answer]
        self._lose(review.id)

    def _lose(self, review_id: str) -> None:
        try:
            self.run(self.services.reviews.decide(review_id, Verdict(DecisionType.REJECT, "person:b")))
        except AlreadyDecided as lost:
            assert lost.by == "person:a"
        else:
            raise AssertionError("a review was decided twice")

    @rule(thread=threads)
    def again(self, thread: str) -> None:
        """A new input on the same thread: an unanswered question is withdrawn."""
        request = Request("asking", {"text": "y"}, Trigger.API, "person:a", thread_id=thread)
        run, _ = self.run(self.services.runs.start(request))
        assert self.run(self.services.runs.wait(run.id)).status == "waiting"
        self.expected[thread] = "waiting"

    @rule(thread=threads)
    def cancel(self, thread: str) -> None:
        newest = self.run(self.services.runs.page(thread_id=thread, limit=1))[0]
        if self.expected[thread] == "waiting":
            assert self.run(self.services.runs.cancel(newest.id, "person:a")).status == "cancelled"
            self.expected[thread] = "cancelled"
        else:
            try:
                self.run(self.services.runs.cancel(newest.id, "person:a"))
            except Conflict:
                return
            raise AssertionError("an ended run was cancelled")

    @rule()
    def crash(self) -> None:
        """Its owner dead, a claimed run comes back; then the whole process goes and comes again."""
        request = Request("asking", {"text": "x"}, Trigger.API, "person:a", queue="nobody")
        run, _ = self.run(self.services.runs.start(request))
        self.run(self.services.memory.write(self._die, run.id))
        self.run(self.stack.aclose())
        self.services = self.run(self._open())
        assert self.run(self.services.runs.wait(run.id)).status == "waiting"
        self.expected[run.thread_id] = "waiting"

    @staticmethod
    def _die(session: Any, run_id: str) -> None:
        (held,) = runs.claim(session, "dead", ["nobody"], 1, runs.Caps(), datetime.now(UTC))
        assert held.id == run_id
        assert change(session, Run, {"id": run_id}, {"queue": "default"}) == 1

    @rule()
    def prune(self) -> None:
        for _ in range(7200):
            next(self.ticks)
        self.run(self.services.housekeeper.tidy())

    @invariant()
    def agrees(self) -> None:
        for thread, status in self.expected.items():
            found = self.run(self.services.runs.page(thread_id=thread, limit=1))[0]
            assert found.status == status
        waiting = sum(status == RunStatus.WAITING for status in self.expected.values())
        if self.expected:
            assert self.run(self.services.reviews.count(Filter())) == waiting

    async def _review(self, thread: str) -> Any:
        open = await self.services.memory.read(reviews.page, Filter(thread_id=thread), "newest", 1)
        return open[0] if open else None

    def teardown(self) -> None:
        self.run(self.stack.aclose())
        self.loop.close()
        self.folder.cleanup()


TestRunMachine = RunMachine.TestCase
TestRunMachine.settings = settings(
    max_examples=8, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)
