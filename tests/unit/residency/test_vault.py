"""Placeholders come back as values, whole or in pieces, as models write them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage

from tools.llm.residency import Kind, Vault


def vault() -> Vault:
    made = Vault()
    assert made.put(Kind.PERSON, "Иван Петров") == "⟦PERSON_1⟧"
    assert made.put(Kind.PERSON, "Анна") == "⟦PERSON_2⟧"
    assert made.put(Kind.PHONE, "+7 912 345-67-89") == "⟦PHONE_1⟧"
    return made


def test_one_value_has_one_placeholder() -> None:
    made = vault()
    assert made.put(Kind.PERSON, "Иван Петров") == "⟦PERSON_1⟧"
    assert len(made) == 3


TOLERATED = {
    "⟦PERSON_1⟧": "Иван Петров",
    "⟦PERSON_1⟧у": "Иван Петрову",
    "⟦Person_1⟧": "Иван Петров",
    "⟦ person 1 ⟧": "Иван Петров",
    "⟦PERSON-1⟧": "Иван Петров",
    "⟦PERSON1⟧": "Иван Петров",
    "⟦PERSON\\_1⟧": "Иван Петров",
    "⟦PERSON_1": "Иван Петров",
    "⟦PERSON_1, да": "Иван Петров, да",
    "PERSON_1⟧": "Иван Петров",
    "PERSON_1": "Иван Петров",
    "[PERSON_1]": "Иван Петров",
    "⟦PERSON_1]": "Иван Петров",
    "**⟦PERSON_1⟧**": "**Иван Петров**",
    "⟦⟦PERSON_1⟧⟧": "⟦Иван Петров⟧",
    "⟦PERSON_1⟧⟦PERSON_2⟧": "Иван ПетровАнна",
    "\\u27e6PERSON_1\\u27e7": "Иван Петров",
    "⟦PERSON_12⟧": "⟦PERSON_12⟧",
    "PERSON_12": "PERSON_12",
    "person_1": "person_1",
    "Person 1": "Person 1",
    "XPERSON_1": "XPERSON_1",
    "PERSON_1st": "PERSON_1st",
    "⟦CARD_1⟧": "⟦CARD_1⟧",
    "⟦": "⟦",
    "⟦PER": "⟦PER",
    "[PERSON_1": "[Иван Петров",
}


@pytest.mark.parametrize(("said", "meant"), TOLERATED.items())
def test_what_models_make_of_a_placeholder(said: str, meant: str) -> None:
    assert vault().restore(f"Письмо для {said}.") == f"Письмо для {meant}."


def test_an_unknown_placeholder_is_left_and_told() -> None:
    message = vault().restore_message(AIMessage("⟦PERSON_9⟧ и ⟦PERSON_1⟧"))
    assert message.content == "⟦PERSON_9⟧ и Иван Петров"
    assert message.response_metadata["unknown_placeholders"] == ["⟦PERSON_9⟧"]


def test_arguments_of_tools_and_parts_are_restored() -> None:
    call = {
        "name": "call",
        "args": {"who": "⟦PERSON_1⟧", "⟦PERSON_2⟧": ["⟦PHONE_1⟧", 1]},
        "id": "1",
        "type": "tool_call",
    }
    raw = json.dumps({"who": "⟦PERSON_1⟧"})
    message = AIMessage(
        [{"type": "text", "text": "⟦PERSON_2⟧"}, "⟦PERSON_1⟧"],
        tool_calls=[call],
        additional_kwargs={"tool_calls": [{"function": {"arguments": raw}}]},
    )
    restored = vault().restore_message(message)
    assert restored.content == [{"type": "text", "text": "Анна"}, "Иван Петров"]
    assert restored.tool_calls[0]["args"] == {"who": "Иван Петров", "Анна": ["+7 912 345-67-89", 1]}
    assert json.loads(restored.additional_kwargs["tool_calls"][0]["function"]["arguments"]) == {
        "who": "Иван Петров"
    }
    assert message.tool_calls[0]["args"]["who"] == "⟦PERSON_1⟧"


said = st.lists(
    st.one_of(
        st.sampled_from(
            [*TOLERATED, "P", "PE", "[", "⟦", "⟧", "_1", "\\", "\\u27", " ", "1", "PERSON", "PHONE_1", "[["]
        ),
        st.text(max_size=6),
    ),
    max_size=6,
).map("".join)


@given(said, st.data())
def test_a_stream_says_what_the_whole_says_wherever_it_is_cut(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=4)))
    assert _streamed(text, cuts) == vault().restore(text)


@pytest.mark.parametrize("said", TOLERATED)
def test_a_stream_may_be_cut_at_every_place(said: str) -> None:
    text = f"Для {said} [и] PERSON_2: {said}, P"
    whole = vault().restore(text)
    assert {_streamed(text, [cut]) for cut in range(len(text))} == {whole}
    assert _streamed(text, list(range(len(text)))) == whole


def _streamed(text: str, cuts: list[int]) -> str:
    restorer = vault().stream()
    pieces = [text[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    return "".join([*map(restorer.feed, pieces), restorer.end()])


@pytest.mark.parametrize(
    ("fed", "now"),
    [
        ("Для ⟦PERS", "Для "),
        ("Для ⟦PERSON_1⟧", "Для Иван Петров"),
        ("Для ⟦PERSON_1⟧ и", "Для Иван Петров и"),
        ("Для ⟦CARD", "Для ⟦CARD"),
        ("Для PA", "Для PA"),
        ("Для A", "Для A"),
        ("API", "API"),
        ("Привет", "Привет"),
    ],
)
def test_no_more_is_held_back_than_could_become_a_placeholder(fed: str, now: str) -> None:
    assert vault().stream().feed(fed) == now


def test_an_empty_vault_holds_nothing_back() -> None:
    assert Vault().stream().feed("⟦PERSON_1") == "⟦PERSON_1"


def test_a_vault_does_not_show_what_it_holds() -> None:
    assert repr(vault()) == "Vault(PERSON: 2, PHONE: 1)"
