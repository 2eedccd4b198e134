"""How a model's estimate and the rules make one value: docs/decisions/0009-judgement.md says why so.

A factor of value r that the model puts at m becomes r + share x (m - r): it moves by at most `share` (see
judgement), whatever the model says. What the rules do not know stays unknown, since there is no value to stay
near. The score, a weighted mean, cannot move further than the factors do. The share of a factor that is a
model's opinion is nothing that is known, so the confidence falls by share x weight.
"""

from __future__ import annotations

from typing import Any

from .asking import Judged
from .factors import Factor
from .judgement import Estimate, Verdict
from .risks import Warned
from .score import METHOD, combine
from .state import CompatibilityState

JUDGED_METHOD = f"{METHOD}+judgement/1"


def judged(state: CompatibilityState, verdict: Verdict | None, warned: Warned | None) -> CompatibilityState:
    """What of the pair's state the models change."""
    factors = _weighed(state["factors"], verdict) if verdict else state["factors"]
    opinions = [it for it in factors if "judged" in it]
    opinion = sum(it["weight"] * it["judged"]["share"] for it in opinions)
    return {
        "score": combine([_factor(it) for it in factors]).score,
        "confidence": round(state["confidence"] - opinion, 6),
        "factors": factors,
        "method": JUDGED_METHOD if opinions else METHOD,
        "risks": warned["risks"] if warned else [],
        "judged": [it["judged"] for it in (verdict, warned) if it is not None],
    }


def cited(found: CompatibilityState) -> set[str]:
    """Ids of the evidence that the models' words rest on."""
    reasons = [why for it in found["factors"] if "judged" in it for why in it["judged"]["reasons"]]
    return {id for it in (*reasons, *found["risks"]) for id in it["evidence"]}


def _weighed(factors: list[dict[str, Any]], verdict: Verdict) -> list[dict[str, Any]]:
    by_name = {it["factor"]: it for it in verdict["estimates"]}
    return [
        _moved(it, by_name[it["name"]], verdict["judged"]) if it["name"] in by_name else it for it in factors
    ]


def _moved(factor: dict[str, Any], estimate: Estimate, judged: Judged) -> dict[str, Any]:
    """Beside the value stands who moved it, from where, and why."""
    rules = factor["value"]
    if rules is None:
        return factor
    said = {
        "author": judged["author"],
        "prompt": judged["prompt"],
        "rules": rules,
        "model": estimate["value"],
        "share": estimate["share"],
        "reasons": estimate["reasons"],
    }
    return {**factor, "value": rules + estimate["share"] * (estimate["value"] - rules), "judged": said}


def _factor(shown: dict[str, Any]) -> Factor:
    return Factor(shown["name"], shown["value"], tuple(shown["evidence"]), tuple(shown["evidence_ids"]))
