"""Whether a letter says what the record shows, in its language and style, and nothing private.

Independent of the product's own checks: what a letter may say is counted here from the case.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ..case import Case
from ..marks import Marks
from ..scenes import Scene

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_LINK = re.compile(r"https?://[^\s»”)]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"\+?\d(?:[\s()-]*\d){9,}")
_LETTER = re.compile(r"[^\W\d_]")
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
# Words that only one of the styles has.
_CASUAL = re.compile(r"\b(?:давайте|похоже|хорошего дня|let us(?! know)|have a good day)\b", re.IGNORECASE)


class OutreachCase(Case):
    """remark: what a person asks for after the first version; private: words of the scene that are nobody
    else's business; sender: who signs; required: phrases of every letter; most: characters of the body."""

    lang: Literal["ru", "en"]
    style: Literal["formal", "friendly", "technical"]
    scene: Scene
    remark: str | None = None
    private: tuple[str, ...] = ()
    required: list[str]
    most: int

    @property
    def slices(self) -> Mapping[str, str]:
        event = self.scene.news[0].type if self.scene.news else "none"
        return {"lang": self.lang, "style": self.style, "event": event}


@dataclass(frozen=True)
class Written:
    subject: str
    body: str
    claims: Sequence[Mapping[str, object]]
    evidence: frozenset[str]


def score(case: OutreachCase, got: Written) -> Marks:
    text = _spaced(f"{got.subject} {got.body}")
    loose, told = _loose(case, got)
    failed = {
        "language": _language(case, got.body),
        "style": bool(_CASUAL.search(text)) == (case.style == "friendly"),
        "length": len(got.body) <= case.most and len(got.subject) <= 90,
        "phrases": all(it in text for it in case.required),
        "private": not [it for it in case.private if it in text] and not _PHONE.search(text),
    }
    values = {name: float(ok) for name, ok in failed.items()} | {"loose": len(loose) / max(1, told)}
    wrong = [f"wrong {name}" for name, ok in failed.items() if not ok]
    return Marks(values, (*wrong, *(f"not grounded: {it}" for it in loose)))


def _spaced(text: str) -> str:
    """With plain blanks only: good typography has others."""
    return " ".join(text.split())


def _loose(case: OutreachCase, got: Written) -> tuple[list[str], int]:
    """Numbers and addresses that the scene does not have, and claims without evidence; of how many."""
    said = case.scene.model_dump_json() + " ".join(case.required)
    text = f"{got.subject}\n{got.body}"
    found = [*_NUMBER.findall(_LINK.sub("", text)), *_LINK.findall(text)]
    loose = [it for it in found if it.rstrip(".,") not in said]
    bare = [str(it["text"]) for it in got.claims if not _shown(it, got.evidence)]
    return loose + bare, len(found) + len(got.claims)


def _shown(claim: Mapping[str, object], evidence: frozenset[str]) -> bool:
    ids = claim["evidence"]
    return isinstance(ids, list) and bool(ids) and set(ids) <= evidence


def _language(case: OutreachCase, body: str) -> bool:
    """Most letters are of the language's alphabet: names and quotations may be of the other."""
    letters = _LETTER.findall(body)
    russian = len([it for it in letters if _CYRILLIC.match(it)]) / max(1, len(letters))
    return russian >= 0.6 if case.lang == "ru" else russian <= 0.4
