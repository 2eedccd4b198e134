"""What was left of a model's letter when Artel had held it against the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from agents.context import Style

from ..answers import Said
from ..case import Case
from ..marks import Marks
from ..scenes import Scene


class LetterCase(Case):
    """answers: the model's letter; lies: words of the sentences in it that the record does not show, by what
    is wrong with each; kept: words of those that it does; held: whether no rule was made or changed with this
    case in sight."""

    lang: Literal["ru", "en"]
    style: Style = "formal"
    scene: Scene
    answers: list[Said]
    lies: dict[str, str]
    kept: list[str]
    held: bool = False

    @property
    def slices(self) -> Mapping[str, str]:
        event = self.scene.news[0].type if self.scene.news else "none"
        part = "held out" if self.held else "tuned on"
        return {"lang": self.lang, "style": self.style, "event": event, "part": part}


@dataclass(frozen=True)
class Held:
    """note: what the reviewer is told of what was left out."""

    subject: str
    body: str
    note: str | None


def score(case: LetterCase, got: Held) -> Marks:
    """through: the share of the lies that stand in the letter; loose: their share of what stands there;
    kept: the share of the true sentences that does."""
    text = _spaced(f"{got.subject} {got.body}")
    through = [f"{kind}: {words}" for kind, words in case.lies.items() if words in text]
    lost = [words for words in case.kept if words not in text]
    stands = len(through) + len(case.kept) - len(lost)
    untold = [it for it in case.lies.values() if it not in text and it not in _spaced(got.note or "")]
    values = {
        "through": len(through) / len(case.lies),
        "loose": len(through) / max(1, stands),
        "kept": 1 - len(lost) / len(case.kept),
        "told": float(not untold),
    }
    wrong = {"got through": through, "lost": lost, "left out and not told": untold}
    return Marks(values, tuple(f"{what}: {it}" for what, lines in wrong.items() for it in lines))


def _spaced(text: str) -> str:
    """With plain blanks only: good typography has others."""
    return " ".join(text.split())
