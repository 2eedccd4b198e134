"""What is hidden from whoever may not read personal data, however the answer is cut."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.privacy import HIDDEN, _Events, _Json, masked

ID = "01a20028-bd1b-7531-aced-1699b587c02f"


@pytest.mark.parametrize(
    ("value", "left"),
    [
        ({"to_name": "Иван Петров", "to_email": None}, {"to_name": HIDDEN, "to_email": None}),
        ({"a": [{"contact_email": "a@b.ru"}]}, {"a": [{"contact_email": HIDDEN}]}),
        ("Пишите на ivan.petrov@firma.ru или звоните", f"Пишите на {HIDDEN} или звоните"),
        ("Телефон: +7 912 345-67-89.", f"Телефон: {HIDDEN}."),
        ({"id": ID, "at": "2026-11-21T12:00:00Z", "inn": "7736207543"}, None),
        ({"score": 0.5, "n": 79123456789, "on": True, "none": None, "text": "ИНН 7736207543"}, None),
    ],
)
def test_personal_data_is_hidden_and_nothing_else(value: Any, left: Any) -> None:
    assert masked(value) == (value if left is None else left)


TOLD = {"to_email": "ivan@firma.ru", "text": "почта ivan@firma.ru\nда", "id": ID}


@given(st.lists(st.integers(0, 200), max_size=8))
def test_an_answer_is_masked_however_it_is_cut(cuts: list[int]) -> None:
    whole = b"\n\n" + json.dumps(TOLD, ensure_ascii=False).encode()
    rewrite, told = _Json(), b""
    for part, last in _cut(whole, cuts):
        told += rewrite(part, last)
    assert json.loads(told) == masked(TOLD)


@given(st.lists(st.integers(0, 400), max_size=8))
def test_events_are_masked_however_they_are_cut(cuts: list[int]) -> None:
    frame = b"event: values\ndata: " + json.dumps(TOLD, ensure_ascii=False).encode() + b"\nid: 1\n\n"
    rewrite, told = _Events(), b""
    for part, last in _cut(frame + b": ping\n\n" + frame, cuts):
        told += rewrite(part, last)
    lines = told.decode().split("\n")
    assert [line for line in lines if not line.startswith("data")] == [
        *("event: values", "id: 1", "", ": ping", "", "event: values", "id: 1", "", "")
    ]
    assert [json.loads(line[6:]) for line in lines if line.startswith("data")] == [masked(TOLD)] * 2


def test_an_event_is_told_as_soon_as_it_is_whole() -> None:
    assert _Events()(b'event: node\ndata: {"node":"a"}\n\n', False) == b'event: node\ndata: {"node":"a"}\n\n'


def _cut(whole: bytes, cuts: list[int]) -> list[tuple[bytes, bool]]:
    places = [0, *sorted(min(cut, len(whole)) for cut in cuts), len(whole)]
    parts = [whole[start:end] for start, end in pairwise(places)]
    return [(part, number == len(parts) - 1) for number, part in enumerate(parts)]
