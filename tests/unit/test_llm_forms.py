"""Schemas in the vendors' forms, and what a vendor's error comes to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.llm.outcome import Outcome
from tools.llm.providers.faults import Fault, of_body, retry_after
from tools.llm.providers.schemas import closed, plain

TEXT = {"type": "string"}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "Sat, 21 Nov 2026 18:01:30 GMT", "date": "Sat, 21 Nov 2026 18:00:00 GMT"}, 90.0),
        ({"retry-after": "Sat, 21 Nov 2026 17:00:00 GMT", "date": "Sat, 21 Nov 2026 18:00:00 GMT"}, 0.0),
        ({"retry-after": "Sat, 21 Nov 2026 18:01:30 GMT"}, None),
        ({"retry-after": "Sat, 21 Nov 2026 18:01:30 -0000", "date": "Sat, 21 Nov 2026 18:00:00 GMT"}, 90.0),
    ],
)
def test_retry_after(headers: Mapping[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


@given(st.text())
def test_retry_after_reads_whatever_comes(said: str) -> None:
    seconds = retry_after({"retry-after": said, "date": said})
    assert seconds is None or 0 <= seconds < float("inf")


@pytest.mark.parametrize(
    ("said", "status", "outcome"),
    [
        ({"error": {"code": 402, "message": "no credits"}}, None, Outcome.OUT_OF_MONEY),
        ({"code": 429}, None, Outcome.RATE_LIMITED),
        ({"code": "insufficient_quota"}, 429, Outcome.OUT_OF_MONEY),
        ({"error": {"code": 403, "metadata": {"flagged_input": "…"}}}, 403, Outcome.FILTERED),
        ({"type": "error", "error": {"type": "overloaded_error"}}, 200, Outcome.UNAVAILABLE),
        ({"type": "error", "error": {"type": "rate_limit_error"}}, 200, Outcome.RATE_LIMITED),
        ({"error": "text"}, 500, Outcome.UNAVAILABLE),
        ("<html>", 502, Outcome.UNAVAILABLE),
        (None, 418, Outcome.BAD_REQUEST),
        (None, 302, Outcome.UNAVAILABLE),
        (["?"], None, Outcome.UNAVAILABLE),
        ({"code": 7.5, "metadata": "none", "message": None}, 500, Outcome.UNAVAILABLE),
    ],
)
def test_what_a_body_says(said: Any, status: int | None, outcome: Outcome) -> None:
    assert of_body(said, status, {}).outcome is outcome


@pytest.mark.parametrize(
    ("sentence", "over"),
    [
        ("prompt is too long: 210000 tokens > 200000 maximum", "10000"),
        (
            "This endpoint's maximum context length is 128000 tokens. However, you asked for 128500 tokens",
            "500",
        ),
    ],
)
def test_a_prompt_over_the_context_says_by_how_much(sentence: str, over: str) -> None:
    assert f"over the context by {over} tokens" in Fault(400, "bad", sentence).line


@given(st.text(min_size=1))
def test_a_line_repeats_no_sentence(sentence: str) -> None:
    said = f"quoted: {sentence}"
    line = Fault(400, said, said).line
    assert said not in line
    assert len(line.splitlines()) == 1


def test_closed_closes_every_object() -> None:
    inner = {"type": "object", "properties": {"properties": TEXT, "type": TEXT}, "required": ["type"]}
    schema = {
        "type": "object",
        "properties": {"inner": {"type": "array", "items": inner}},
        "$defs": {"A": inner},
    }
    strict = closed(schema)
    assert strict["required"] == ["inner"]
    for found in (strict["properties"]["inner"]["items"], strict["$defs"]["A"]):
        assert found == {**inner, "required": ["properties", "type"], "additionalProperties": False}


def test_plain_writes_references_out_and_chooses_of_unions() -> None:
    schema = {
        "$defs": {"A": {"type": "object", "properties": {"name": TEXT}}},
        "type": "object",
        "properties": {
            "a": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/A"}], "description": "кто"},
            "all": {"type": "array", "items": {"allOf": [{"$ref": "#/$defs/A"}]}},
            "free": {"type": "object"},
            "anyOf": TEXT,
        },
    }
    a = {"type": "object", "properties": {"name": TEXT}}
    assert plain(schema) == {
        "type": "object",
        "properties": {
            "a": {**a, "description": "кто"},
            "all": {"type": "array", "items": a},
            "free": {"type": "object", "properties": {}},
            "anyOf": TEXT,
        },
    }
