"""Whether a person's decisions led where they should: the way through the graph, and its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..case import Case
from ..marks import Marks
from ..reviewer import Step
from ..scenes import Scene
from ..trajectories import Turns, flat, state, strict


class ReviewCase(Case):
    """plan: of the reviewer; theirs: fields of the deal that a person has put into the CRM before the first
    decision; turns: nodes of each turn, the parallel ones in the order of their names; ends: what the thread,
    the partnership, the deal and the effects must have at the end; refused: how many decisions."""

    kind: str
    scene: Scene
    plan: list[Step]
    theirs: dict[str, Any] | None = None
    turns: list[list[str]]
    ends: dict[str, Any]
    refused: int = 0

    @property
    def slices(self) -> Mapping[str, str]:
        return {"kind": self.kind}


@dataclass(frozen=True)
class Reviewed:
    """ends: in the form of the case; surprises: where the plan and what was asked went apart."""

    turns: Turns
    ends: Mapping[str, Any]
    surprises: Sequence[str]
    refused: int


def score(case: ReviewCase, got: Reviewed) -> Marks:
    way = strict(case.turns, [sorted_parallel(turn) for turn in got.turns])
    end = state(case.ends, got.ends)
    more = [*got.surprises]
    if got.refused != case.refused:
        more.append(f"{got.refused} decisions were refused, not {case.refused}")
    values = {"way": float(not way), "state": float(not end), "plan": float(not more)}
    values["right"] = float(not (way or end or more))
    return Marks(values, (*way, *end, *more), flat(got.turns))


def sorted_parallel(turn: Sequence[str]) -> list[str]:
    """The two questions to models are asked at once: whichever ends first, they are told by their names."""
    told = list(turn)
    for place in range(len(told) - 1):
        if told[place : place + 2] == ["warn", "judge"]:
            told[place : place + 2] = ["judge", "warn"]
    return told
