"""Remarks: what code can do is done, what it cannot is named and never dropped in silence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.context import Policy, Sender
from agents.outreach.remark import Change, read
from agents.outreach.state import OutreachState
from agents.outreach.task import next_task

POLICY = Policy(0.6, 20, "ru", "formal", Sender("Мария", "Артель", "a@artel.example"))


@pytest.mark.parametrize(
    ("remark", "change"),
    [
        ("короче", Change(shorter=True)),
        ("Сделайте покороче, пожалуйста", Change(shorter=True)),
        ("Shorten it", Change(shorter=True)),
        ("дружелюбнее", Change(style="friendly")),
        ("менее формально", Change(unread=("менее формально",))),
        ("неформальный тон", Change(style="friendly")),
        ("Официальнее!", Change(style="formal")),
        ("формальнее", Change(style="formal")),
        ("more formal", Change(style="formal")),
        ("техничнее", Change(style="technical")),
        ("на английском", Change(lang="en")),
        ("Переведи на английский язык", Change(lang="en")),
        ("in English, please", Change(lang="en")),
        ("по-русски", Change(lang="ru")),
        ("короче и дружелюбнее, на английском", Change("friendly", "en", True)),
        ("дружелюбнее; нет, официальнее", Change("friendly", unread=("нет", "официальнее")[:1])),
        ("упомяните скидку", Change(unread=("упомяните скидку",))),
        ("короче, и упомяните скидку 20 %", Change(shorter=True, unread=("упомяните скидку 20 %",))),
        ("не короче", Change(unread=("не короче",))),
        ("слишком официально", Change(unread=("слишком официально",))),
        (
            "make it shorter, don't translate to English",
            Change(shorter=True, unread=("don't translate to English",)),
        ),
    ],
)
def test_a_remark_is_read(remark: str, change: Change) -> None:
    found = read(remark)
    if remark == "дружелюбнее; нет, официальнее":
        assert found.style == "formal" and found.unread == ("нет",)
    else:
        assert found == change


@given(st.text(max_size=60))
def test_every_word_is_either_understood_or_named(remark: str) -> None:
    change = read(remark)
    nothing_done = change.style is None and change.lang is None and not change.shorter
    assert change.unread or not nothing_done or not any(map(str.isalpha, remark)) or _only_filler(remark)


def test_what_was_chosen_stays_through_the_next_remark() -> None:
    state: OutreachState = {"thread_id": "t", "remark": "короче, на английском"}
    first = next_task(state, POLICY)
    assert (first.version, first.lang, first.style, first.short) == (1, "en", "formal", True)

    state |= {
        "draft_version": 1,
        "lang": first.lang,
        "style": first.style,
        "short": True,
        "remark": "friendlier",
    }
    second = next_task(state, POLICY)
    assert (second.version, second.lang, second.style, second.short) == (2, "en", "friendly", True)
    assert second.unread == ()
    assert second.limits.body < 1400


def test_shorter_than_short_is_something_no_template_can_do() -> None:
    state: OutreachState = {"thread_id": "t", "draft_version": 2, "short": True, "remark": "ещё короче"}
    assert next_task(state, POLICY).unread == ("ещё короче",)


def test_without_a_remark_the_policy_decides_and_the_id_is_that_of_the_version() -> None:
    task = next_task({"thread_id": "t"}, POLICY)
    assert (task.version, task.lang, task.style, task.short, task.remark) == (1, "ru", "formal", False, None)
    again = next_task({"thread_id": "t", "draft_version": 1, "remark": "короче"}, POLICY)
    assert task.draft_id == next_task({"thread_id": "t"}, POLICY).draft_id != again.draft_id


def _only_filler(remark: str) -> bool:
    return read(f"упомяните {remark}").unread != () and read(remark) == Change()
