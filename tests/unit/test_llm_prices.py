"""What a call may cost and whether it fits: everything that is sent counts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from langchain_core.messages import AIMessage, HumanMessage

from tests.fakes.llm.asking import FIND, NESTED
from tools.llm.call import Call
from tools.llm.catalogue import CHARACTERS_A_TOKEN, Card
from tools.llm.fitting import fitted

CARD = Card(input_rub=1.0, output_rub=2.0, context=1000)
PLAIN = Call([HumanMessage("Кто вы?")], max_tokens=10)
CALLED = AIMessage("", tool_calls=[{"name": "find", "args": {"name": "Ромашка" * 50}, "id": "1"}])


def test_a_plain_call_costs_its_text_and_the_longest_answer() -> None:
    assert CARD.estimate(PLAIN) == len("Кто вы?") // CHARACTERS_A_TOKEN + 1 + 10 * 2


@pytest.mark.parametrize(
    ("more", "characters"),
    [
        ({"tools": [FIND]}, 100),
        ({"schema": NESTED}, 300),
        ({"messages": [*PLAIN.messages, CALLED]}, 350),
    ],
)
def test_tools_and_schema_count(more: dict[str, object], characters: int) -> None:
    call = replace(PLAIN, **more)  # type: ignore[arg-type]
    tokens = characters / CHARACTERS_A_TOKEN
    assert CARD.estimate(call) >= CARD.estimate(PLAIN) + tokens
    assert CARD.excess(call) >= CARD.excess(PLAIN) + tokens


def test_what_is_cut_makes_room_for_tools() -> None:
    long = replace(PLAIN, messages=[HumanMessage("слово " * 1000)], tools=[FIND])
    assert CARD.excess(fitted(long, CARD)) <= 0
