"""Whether a process that was killed left a trace, once another has carried on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field

from ..articles import Article
from ..case import Case
from ..marks import Marks
from ..reviewer import Step
from ..scenes import Scene

Graph = Literal["scout", "partnership"]


class DurabilityCase(Case):
    """point: where the process kills itself, `before:NODE`, `after:NODE` (its work done, its checkpoint not
    yet written), `mail` or `crm` (the effect happened, and nobody has noted that) or `decided` (a decision is
    on disk and nothing resumed). theirs: see scorers/review.py."""

    graph: Graph
    point: str = Field(pattern=r"^(before:\w+|after:\w+|mail|crm|decided)$")
    scene: Scene
    articles: tuple[Article, ...] = ()
    plan: tuple[Step, ...] = ()
    theirs: dict[str, Any] | None = None

    @property
    def slices(self) -> Mapping[str, str]:
        return {"graph": self.graph, "when": self.point.partition(":")[0]}


@dataclass(frozen=True)
class World:
    """The world at the end, without times. state: of threads, partnerships, drafts, deals, as lines; effects:
    the key and the status of each; letters: how many lie in the outbox."""

    state: Sequence[str]
    effects: Sequence[str]
    letters: int


@dataclass(frozen=True)
class Survived:
    """killed: whether the process died at the point at all."""

    killed: bool
    undisturbed: World
    after: World


def score(case: DurabilityCase, got: Survived) -> Marks:
    lost = sorted(Counter(got.undisturbed.state) - Counter(got.after.state))
    more = sorted(Counter(got.after.state) - Counter(got.undisturbed.state))
    often = [f"{key} {times} times" for key, times in Counter(got.after.effects).items() if times > 1]
    if sorted(got.after.effects) != sorted(got.undisturbed.effects):
        often.append(f"effects {sorted(got.after.effects)}, not {sorted(got.undisturbed.effects)}")
    if got.after.letters != got.undisturbed.letters:
        often.append(f"{got.after.letters} letters, not {got.undisturbed.letters}")
    late = [] if got.killed else [f"it did not die at {case.point}"]
    why = (*late, *often, *(f"- {it}" for it in lost), *(f"+ {it}" for it in more))
    values = {"same": float(not (lost or more)), "once": float(not often), "killed": float(got.killed)}
    return Marks({**values, "right": min(values.values())}, why)
