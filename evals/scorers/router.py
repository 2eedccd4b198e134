"""Whether a question went to the models it should have, in that order, and cost what it should have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, Field

from ..answers import Reaction
from ..case import Case
from ..marks import Marks

Way = Literal["object", "letter", "text", "tools", "stream"]
# Of a kopeck: floats are not money.
EXACT = 1e-6


class Question(BaseModel, frozen=True, extra="forbid"):
    """way: what is wanted of the answer, an object or a letter as agents ask for it, or what the router can
    besides. by: provider/model that must answer, `templates`, or the name of the error; attempts: all that
    must have been tried, in order, `provider/model outcome` and `, not asked` where nothing was sent;
    kopecks: of all of them; said: the answer."""

    way: Way
    text: str
    agent: str = "outreach"
    thread: str | None = None
    by: str
    attempts: list[str]
    kopecks: float
    said: str = ""


class RouterCase(Case):
    """policies: the file of policies; budget_rub: of all agents, 0: any; reactions: of each vendor, one a
    request; private: words of the questions that no vendor may read."""

    lang: Literal["ru", "en"]
    kind: str
    policies: dict[str, Any]
    budget_rub: float = 0
    reactions: dict[str, list[Reaction]]
    questions: list[Question] = Field(min_length=1)
    private: tuple[str, ...] = ()

    @property
    def slices(self) -> Mapping[str, str]:
        return {"lang": self.lang, "kind": self.kind, "way": self.questions[0].way}


@dataclass(frozen=True)
class Came:
    """What came of a question, in the form in which it is expected."""

    by: str
    attempts: Sequence[str]
    kopecks: float
    said: str


def score(case: RouterCase, came: Sequence[Came]) -> Marks:
    """Of each case: 1 where all of its questions are right."""
    told = list(zip(case.questions, came, strict=True))
    wrong = {
        "provider": [_differ("answered", it.by, got.by) for it, got in told if it.by != got.by],
        "order": [
            _differ("tried", it.attempts, got.attempts) for it, got in told if it.attempts != [*got.attempts]
        ],
        "cost": [
            _differ("kopecks", it.kopecks, got.kopecks)
            for it, got in told
            if abs(it.kopecks - got.kopecks) > EXACT
        ],
        "said": [_differ("said", it.said, got.said) for it, got in told if it.said != got.said],
    }
    values = {name: float(not lines) for name, lines in wrong.items()}
    values["right"] = min(values.values())
    return Marks(values, tuple(line for lines in wrong.values() for line in lines))


def _differ(what: str, wanted: object, got: object) -> str:
    return f"{what} {got}, not {wanted}"
