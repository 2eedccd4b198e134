"""A model's estimate moves a factor a little way, and the record says by whom, from where and why."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.compatibility.factors import WEIGHTS
from agents.compatibility.judgement import DESCRIBED, NAMED, Estimate, Verdict
from agents.compatibility.score import METHOD
from agents.compatibility.state import CompatibilityState
from agents.compatibility.weighing import JUDGED_METHOD, cited, judged

SHARE = st.floats(0, 1)
KNOWN = st.fixed_dictionaries({name: SHARE | st.none() for name in WEIGHTS}).filter(
    lambda values: values["complementarity"] is not None and values["no_competition"] is not None
)
WHY = [{"text": "Заказчик общий.", "evidence": ["e1"]}]


def scored(values: dict[str, float | None]) -> CompatibilityState:
    factors: list[dict[str, Any]] = [
        {"name": name, "weight": WEIGHTS[name], "value": value, "evidence": [], "evidence_ids": []}  # type: ignore[index]
        for name, value in values.items()
    ]
    known = [(it["weight"], it["value"]) for it in factors if it["value"] is not None]
    weight = sum(it for it, _ in known)
    return {
        "score": sum(it * value for it, value in known) / weight,
        "confidence": round(weight, 6),
        "factors": factors,
    }


def verdict(share: float, fit: float, rivalry: float) -> Verdict:
    estimates: list[Estimate] = [
        {"factor": "complementarity", "value": fit, "share": share, "reasons": WHY},
        {"factor": "no_competition", "value": 1 - rivalry, "share": share, "reasons": WHY},
    ]
    who = {"what": "judgement", "author": "acme judge-1", "prompt": "judgement.ru@1", "note": None}
    return {"judged": who, "estimates": estimates}  # type: ignore[typeddict-item]


@given(values=KNOWN, share=st.sampled_from([NAMED, DESCRIBED]), fit=SHARE, rivalry=SHARE)
def test_whatever_it_says_moves_a_factor_and_the_score_no_further_than_its_share(
    values: dict[str, float | None], share: float, fit: float, rivalry: float
) -> None:
    before = scored(values)
    after = judged(before, verdict(share, fit, rivalry), None)
    for old, new in zip(before["factors"], after["factors"], strict=True):
        if old["name"] in ("complementarity", "no_competition"):
            assert abs(new["value"] - old["value"]) <= share + 1e-9
            assert 0 <= new["value"] <= 1
            assert new["judged"]["rules"] == old["value"]
        else:
            assert new == old
    assert before["score"] is not None and after["score"] is not None
    assert abs(after["score"] - before["score"]) <= share + 1e-9


def test_a_judgement_is_the_lesser_part_of_any_factor() -> None:
    assert 0 < NAMED < DESCRIBED <= 0.2


@given(values=KNOWN, fit=SHARE)
def test_its_part_is_no_knowledge(values: dict[str, float | None], fit: float) -> None:
    before = scored(values)
    after = judged(before, verdict(DESCRIBED, fit, 0), None)
    assert after["confidence"] == pytest.approx(before["confidence"] - DESCRIBED * 0.3)
    assert after["method"] == JUDGED_METHOD
    assert cited(after) == {"e1"}


def test_what_the_rules_do_not_know_stays_unknown() -> None:
    before = scored({**dict.fromkeys(WEIGHTS, 0.5), "complementarity": None})
    after = judged(before, verdict(DESCRIBED, 1, 0), None)
    assert after["factors"][-1] == before["factors"][-1]
    assert after["confidence"] == pytest.approx(0.85 - DESCRIBED * 0.15)


def test_without_a_usable_opinion_the_rules_stand_and_who_was_asked_is_told() -> None:
    before = scored(dict.fromkeys(WEIGHTS, 0.5))
    nothing = Verdict(judged=verdict(0, 0, 0)["judged"], estimates=[])
    after = judged(before, nothing, None)
    assert {name: after[name] for name in before} == before  # type: ignore[literal-required]
    assert (after["method"], after["judged"], after["risks"]) == (METHOD, [nothing["judged"]], [])
