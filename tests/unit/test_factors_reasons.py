"""What a person reads of a pair: only what is known and speaks for it."""

from __future__ import annotations

from typing import Any

import pytest

from agents.compatibility.ecosystem import Ecosystem
from agents.compatibility.landscape import Landscape
from agents.compatibility.profile import Profile
from agents.compatibility.reasons import QUOTE_LENGTH, reasons, synergy_areas
from agents.compatibility.score import assess
from memory.models import Evidence, Signal
from tests.fakes.rows import NOW


def _pair(a: dict[str, Any], b: dict[str, Any]) -> tuple[Profile, Profile]:
    return Profile(id="a", name="Альфа", key="alfa", **a), Profile(id="b", name="Бета", key="beta", **b)


def _landscape(a: Profile, b: Profile) -> Landscape:
    kinds = {it.id: it.category for it in (a, b) if it.category}
    return Landscape({}, Ecosystem.of(kinds, ()), {it.id: it.name for it in (a, b)})


def _texts(a: Profile, b: Profile) -> list[str]:
    around = _landscape(a, b)
    return [it.text for it in reasons(a, b, assess(a, b, around.ecosystem), around, ())]


def test_nothing_is_said_of_what_is_unknown() -> None:
    assert _texts(*_pair({}, {})) == []


def test_partners_are_told_what_each_adds_to_the_other() -> None:
    a, b = _pair({"category": "crm"}, {"category": "telephony"})
    assert _texts(a, b) == [
        "Альфа (CRM) и Бета (телефония): звонки и записи разговоров в карточке сделки",
        "Разные категории: CRM и телефония",
    ]
    found = assess(a, b, _landscape(a, b).ecosystem)
    assert synergy_areas(a, b, found, "en") == [
        "calls and their recordings in the deal card",
        "the history of deals and contacts during the call",
    ]
    assert synergy_areas(b, a, found) == synergy_areas(a, b, found)


def test_nothing_speaks_for_competitors() -> None:
    assert _texts(*_pair({"category": "crm"}, {"category": "crm"})) == []


@pytest.mark.parametrize(
    ("names", "others", "said"),
    [
        (("go", "rust", "ada"), ("go", "rust", "ada"), ["Общее в стеке и интеграциях: ada, go, rust"]),
        (("go",), ("go",), ["Общее в стеке и интеграциях: go"]),
        (("go", "rust", "ada"), ("c", "d", "e"), []),
    ],
)
def test_a_common_stack_is_a_reason_and_its_absence_is_none(
    names: tuple[str, ...], others: tuple[str, ...], said: list[str]
) -> None:
    a, b = ({"technologies": {it: it for it in side}} for side in (names, others))
    assert _texts(*_pair(a, b)) == said


def test_news_comes_first_with_its_evidence_and_a_long_quote_is_cut() -> None:
    a, b = _pair({"category": "crm"}, {"category": "telephony"})
    told = {"company_id": "b", "article_id": "n", "evidence_id": "e", "created_at": NOW}
    signal, evidence = (
        Signal(id="s", type="funding", **told),
        Evidence(id="e", quote="ы" * 999, fetched_at=NOW),
    )
    around = _landscape(a, b)
    first = reasons(a, b, assess(a, b, around.ecosystem), around, [(signal, evidence)])[0]
    assert first.text.startswith("Бета: привлечение инвестиций — «ыыы")
    assert first.text.endswith("…»")
    assert len(first.text) < QUOTE_LENGTH + 50
    assert first.evidence == ("e",)
