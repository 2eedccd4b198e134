"""What is hidden from whoever may not read personal data, however the answer is cut."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from itertools import pairwise
from threading import current_thread, main_thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.privacy import HIDDEN, Discretion, Frames, Json
from tools.llm.residency import Detector
from tools.tagger import natasha

ID = "01a20028-bd1b-7531-aced-1699b587c02f"


@pytest.fixture(scope="module")
def discretion() -> Discretion:
    return Discretion(Detector())


@pytest.mark.parametrize(
    ("value", "left"),
    [
        ({"to_name": "Иван Петров", "to_email": None}, {"to_name": HIDDEN, "to_email": None}),
        ({"a": [{"contact_email": "a@b.ru"}]}, {"a": [{"contact_email": HIDDEN}]}),
        ("Пишите на ivan.petrov@firma.ru или звоните", f"Пишите на {HIDDEN} или звоните"),
        ("Телефон: +7 912 345-67-89.", f"Телефон: {HIDDEN}."),
        ("Здравствуйте, Мария Сергеевна! Пишет Anna Smith.", f"Здравствуйте, {HIDDEN}! Пишет {HIDDEN}."),
        ({"quote": ["Об этом сказал Никита Соколов"]}, {"quote": [f"Об этом сказал {HIDDEN}"]}),
        ({"actor": "person:ivan@firma.ru", "login": "ivan@firma.ru"}, None),
        ({"id": ID, "at": "2026-11-21T12:00:00Z", "inn": "7736207543"}, None),
        ({"score": 0.5, "n": 79123456789, "on": True, "none": None, "text": "ИНН 7736207543"}, None),
    ],
)
def test_personal_data_is_hidden_and_nothing_else(discretion: Discretion, value: Any, left: Any) -> None:
    assert discretion.masked_now(value) == (value if left is None else left)


def test_a_company_that_is_called_as_a_person_is_shown_where_the_answer_names_it(
    discretion: Discretion,
) -> None:
    body = "Лаборатория Касперского и Никита Соколов"
    told = {"companies": [{"name": "Лаборатория Касперского"}], "body": body}
    assert discretion.masked_now(told)["body"] == f"Лаборатория Касперского и {HIDDEN}"
    assert discretion.masked_now({"body": body})["body"] == f"Лаборатория {HIDDEN} и {HIDDEN}"
    title = {"title": "Лаборатория Касперского × Альфа"}
    assert discretion.masked_now(title) == title


async def test_a_text_is_looked_into_once_and_not_on_the_event_loop() -> None:
    looked: list[tuple[str, bool]] = []

    def tagger(texts: Sequence[str]) -> list[list[tuple[int, int, str]]]:
        looked.extend((text, current_thread() is main_thread()) for text in texts)
        return natasha(texts)

    discretion = Discretion(Detector(tagger))
    value = {"body": "Об этом сказал Глюкозов Пётр"}
    first, second = [await discretion.masked(value) for _ in range(2)]
    assert first == second == {"body": f"Об этом сказал {HIDDEN}"}
    assert looked == [("Об этом сказал Глюкозов Пётр", False)]


TOLD = {"to_email": "ivan@firma.ru", "text": "почта ivan@firma.ru\nда", "id": ID}


@given(st.lists(st.integers(0, 200), max_size=8))
def test_an_answer_is_masked_however_it_is_cut(discretion: Discretion, cuts: list[int]) -> None:
    whole = b"\n\n" + json.dumps(TOLD, ensure_ascii=False).encode()
    assert json.loads(asyncio.run(_sent(Json(discretion), whole, cuts))) == discretion.masked_now(TOLD)


@given(st.lists(st.integers(0, 400), max_size=8))
def test_events_are_masked_however_they_are_cut(discretion: Discretion, cuts: list[int]) -> None:
    frame = b"event: values\ndata: " + json.dumps(TOLD, ensure_ascii=False).encode() + b"\nid: 1\n\n"
    told = asyncio.run(_sent(Frames(discretion), frame + b": ping\n\n" + frame, cuts))
    lines = told.decode().split("\n")
    assert [line for line in lines if not line.startswith("data")] == [
        *("event: values", "id: 1", "", ": ping", "", "event: values", "id: 1", "", "")
    ]
    hidden = discretion.masked_now(TOLD)
    assert [json.loads(line[6:]) for line in lines if line.startswith("data")] == [hidden] * 2


async def test_an_event_is_told_as_soon_as_it_is_whole(discretion: Discretion) -> None:
    frame = b'event: node\ndata: {"node":"a"}\n\n'
    assert await Frames(discretion)(frame, False) == frame


async def _sent(rewrite: Json | Frames, whole: bytes, cuts: list[int]) -> bytes:
    return b"".join([await rewrite(part, last) for part, last in _cut(whole, cuts)])


def _cut(whole: bytes, cuts: list[int]) -> list[tuple[bytes, bool]]:
    places = [0, *sorted(min(cut, len(whole)) for cut in cuts), len(whole)]
    parts = [whole[start:end] for start, end in pairwise(places)]
    return [(part, number == len(parts) - 1) for number, part in enumerate(parts)]
