"""What kind of software a company sells and which markets it serves, by rules that stand in taxonomy.yaml."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tools import yamls

Lang = Literal["ru", "en"]

# Below these a sample is no nearer than chance, or two samples are equally near: the category stays unknown.
NEAREST_AT_LEAST = 0.45
NEAREST_BY = 0.05


@dataclass(frozen=True)
class Category:
    """A kind of business software: see the head of taxonomy.yaml."""

    key: str
    label: Mapping[str, str]
    sample: str
    hub: float
    brings: Mapping[str, str]
    place: Mapping[str, str]


@dataclass(frozen=True)
class _Rules:
    pattern: re.Pattern[str]
    meanings: tuple[frozenset[str], ...]

    def find(self, text: str | None) -> list[frozenset[str]]:
        """What each keyword of the text means, in reading order; of overlapping ones the longest counts."""
        plain = (text or "").casefold().replace("ё", "е")
        return [self.meanings[(match.lastindex or 1) - 1] for match in self.pattern.finditer(plain)]


@cache
def categories() -> Mapping[str, Category]:
    return {
        key: Category(
            key, {"ru": it["ru"], "en": it["en"]}, it["sample"], it["hub"], it["brings"], it["place"]
        )
        for key, it in _data()["categories"].items()
    }


@lru_cache(maxsize=65_536)
def categorise(industry: str | None, description: str | None) -> str | None:
    """The canonical category, or None when no rule matches.

    What the source calls its category decides; when that means several things or none, the description does.
    """
    named = _first_of_each(_category_rules().find(industry))
    described = _category_rules().find(description)
    if len(named) > 1:
        votes = Counter(key for meaning in described for key in meaning if key in named)
        return max(named, key=lambda key: (votes[key], -named.index(key)))
    return next(iter(named or _first_of_each(described)), None)


@lru_cache(maxsize=65_536)
def markets_in(text: str | None) -> frozenset[str]:
    """Labels of the markets that a text says it serves."""
    found = frozenset().union(*_market_rules().find(text))
    return frozenset(_data()["markets"][key]["ru"] for key in found)


def samples() -> Mapping[str, str]:
    """What a product of each category says about itself, to be encoded for `nearest`."""
    return {key: category.sample for key, category in categories().items()}


def nearest(vector: NDArray[np.float32], keys: tuple[str, ...], vectors: NDArray[np.float32]) -> str | None:
    """The category whose sample is nearest to `vector` (d,) among `vectors` (n, d), all L2-normalised."""
    cosines = vectors @ vector
    second, first = np.argsort(cosines)[-2:]
    clear = cosines[first] >= NEAREST_AT_LEAST and cosines[first] - cosines[second] >= NEAREST_BY
    return keys[first] if clear else None


def _first_of_each(meanings: list[frozenset[str]]) -> list[str]:
    order = list(categories())
    return list(dict.fromkeys(key for meaning in meanings for key in sorted(meaning, key=order.index)))


@cache
def _data() -> dict[str, Any]:
    loaded: dict[str, Any] = yamls.load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
    return loaded


@cache
def _category_rules() -> _Rules:
    return _compile(_data()["categories"])


@cache
def _market_rules() -> _Rules:
    return _compile(_data()["markets"])


def _compile(entries: Mapping[str, Mapping[str, Any]]) -> _Rules:
    meanings: dict[tuple[str, bool], set[str]] = {}
    for key, entry in entries.items():
        for whole, field in ((True, "words"), (False, "stems")):
            for keyword in entry.get(field, ()):
                meanings.setdefault((keyword.replace("ё", "е"), whole), set()).add(key)
    # The longest first: «отраслевая CRM» is one keyword, not a CRM.
    ordered = sorted(meanings, key=lambda keyword: (-len(keyword[0]), not keyword[1], keyword[0]))
    endings = {True: r"(?!\w)", False: r"\w*"}
    parts = (f"({re.escape(text)}){endings[whole]}" for text, whole in ordered)
    return _Rules(
        re.compile(rf"(?<!\w)(?:{'|'.join(parts)})"), tuple(frozenset(meanings[it]) for it in ordered)
    )
