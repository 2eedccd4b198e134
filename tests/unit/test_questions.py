"""Reviews speak LangChain's batched human-in-the-loop form, checked against LangChain's own types."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from langchain.agents.middleware.human_in_the_loop import HITLRequest, HITLResponse
from langgraph.types import Interrupt
from pydantic import TypeAdapter

from graphs.runtime.questions import allowed, answer, review_for
from memory.models import DecisionType, Review, ReviewKind, Run
from tests.fakes.graphs import QUESTION

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture
def review() -> Review:
    run = Run(id="r", thread_id="t", graph="asking", trigger="api", created_at=NOW)
    return review_for(run, Interrupt(value=QUESTION, id="i"), id="v", now=NOW)


def test_a_question_is_langchains_request(review: Review) -> None:
    TypeAdapter(HITLRequest).validate_python(review.request)
    assert (review.kind, review.title, review.interrupt_id) == (ReviewKind.OUTREACH, "A question", "i")
    assert allowed(review) == ["approve", "edit", "reject", "respond"]


@pytest.mark.parametrize("type", list(DecisionType))
def test_an_answer_is_langchains_response(review: Review, type: DecisionType) -> None:
    resume = answer(review, type, args={"subject": "s"}, message="m")
    assert list(resume) == ["i"]
    TypeAdapter(HITLResponse).validate_python(resume["i"])
    assert resume["i"]["decisions"][0]["type"] == type


def test_an_edit_keeps_what_it_does_not_change(review: Review) -> None:
    decision = answer(review, DecisionType.EDIT, args={"subject": "s"})["i"]["decisions"][0]
    assert decision["edited_action"] == {"name": "send_letter", "args": {"note": "?", "subject": "s"}}
