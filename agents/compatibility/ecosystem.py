"""Who integrates with whom, and how likely a link is between two products of these categories.

A degree-corrected block model (Karrer & Newman 2011, arXiv:1008.3926) with Gamma priors: the number of links
of a category pair is Poisson around pairs x base rate x lift, and a product's own popularity multiplies it.
Both are posterior means, so a handful of links moves them little and no links at all leave the prior.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations_with_replacement

from .priors import average_lift, prior_lift

Pair = tuple[str, str]

# Strength of the priors, in links: that many observed ones weigh as much as general knowledge does.
LIFT_STRENGTH = 4.0
POPULARITY_STRENGTH = 2.0
# Until the market has so many pairs, what an average pair is comes from the priors too.
MARKET_STRENGTH = 100


def pair(a: str, b: str) -> Pair:
    return (a, b) if a < b else (b, a)


@dataclass(frozen=True)
class Link:
    """The expectation for one pair, learned from every other one.

    lift: how many times likelier than an average pair; rate: probability of a link, None when no link is
    known anywhere; peers: the links seen between the two categories; degrees: links of a and of b.
    """

    lift: float
    rate: float | None
    peers: tuple[Pair, ...]
    degrees: tuple[int, int]


@dataclass(frozen=True)
class Ecosystem:
    """category: of each company where it is known; partners: whom each integrates with (symmetric)."""

    category: Mapping[str, str]
    partners: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, category: Mapping[str, str], links: Iterable[Pair]) -> Ecosystem:
        partners: dict[str, set[str]] = {}
        for a, b in links:
            partners.setdefault(a, set()).add(b)
            partners.setdefault(b, set()).add(a)
        return cls(dict(category), {key: frozenset(found) for key, found in partners.items()})

    def with_categories(self, more: Mapping[str, str]) -> Ecosystem:
        """The same links with the categories of these companies set."""
        merged = {**self.category, **more}
        return self if merged == self.category else Ecosystem(merged, self.partners)

    def linked(self, a: str, b: str) -> bool:
        return b in self.partners.get(a, ())

    def expect(self, a: str, b: str) -> Link | None:
        """None when a category is unknown. Whether a and b are linked themselves changes nothing."""
        if a not in self.category or b not in self.category:
            return None
        own = int(self.linked(a, b))
        kinds = pair(self.category[a], self.category[b])
        base = (self._total - own) / self._expected_lifts
        lift = self._lift(kinds, base, own)
        popularity = self._popularity(a, kinds, base, own) * self._popularity(b, kinds, base, own)
        degrees = (self.degree(a) - own, self.degree(b) - own)
        rate = min(1.0, base * lift * popularity) if base else None
        peers = tuple(it for it in self._links.get(kinds, ()) if it != pair(a, b))
        return Link(lift * popularity / self._average, rate, peers, degrees)

    def degree(self, company: str) -> int:
        """How many companies of a known category it integrates with."""
        return sum(other in self.category for other in self.partners.get(company, ()))

    def promising(self, kind: str) -> list[str]:
        """The other categories, the likeliest to integrate with this one first."""
        base = self._total / self._expected_lifts
        others = sorted(other for other in self._sizes if other != kind)
        return sorted(others, key=lambda other: -self._lift(pair(kind, other), base))

    def members(self, kind: str) -> list[str]:
        """The companies of a category, the best connected first."""
        return self._members.get(kind, [])

    def _lift(self, kinds: Pair, base: float, own: int = 0) -> float:
        expected = base * self._pairs(kinds)
        links = len(self._links.get(kinds, ())) - own
        return (links + LIFT_STRENGTH) / (expected + LIFT_STRENGTH / prior_lift(*kinds))

    def _popularity(self, company: str, kinds: Pair, base: float, own: int) -> float:
        mine = self.category[company]
        expected = sum(
            base
            * (size - (other == mine))
            * self._lift(pair(mine, other), base, own if pair(mine, other) == kinds else 0)
            for other, size in self._sizes.items()
        )
        return (self.degree(company) - own + POPULARITY_STRENGTH) / (expected + POPULARITY_STRENGTH)

    def _pairs(self, kinds: Pair) -> int:
        a, b = (self._sizes[kind] for kind in kinds)
        return a * b if kinds[0] != kinds[1] else a * (a - 1) // 2

    @cached_property
    def _sizes(self) -> Counter[str]:
        return Counter(self.category.values())

    @cached_property
    def _members(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for company in sorted(self.category, key=lambda it: (-self.degree(it), it)):
            found.setdefault(self.category[company], []).append(company)
        return found

    @cached_property
    def _links(self) -> dict[Pair, list[Pair]]:
        found: dict[Pair, list[Pair]] = {}
        known = self.category
        for a, b in sorted((a, b) for a, others in self.partners.items() for b in others if a < b):
            if a in known and b in known:
                found.setdefault(pair(known[a], known[b]), []).append((a, b))
        return found

    @cached_property
    def _total(self) -> int:
        return sum(map(len, self._links.values()))

    @cached_property
    def _expected_lifts(self) -> float:
        """Links that the priors alone would expect, in units of the base rate."""
        kinds = combinations_with_replacement(sorted(self._sizes), 2)
        return sum(self._pairs(it) * prior_lift(*it) for it in kinds) or 1.0

    @cached_property
    def _average(self) -> float:
        """The prior lift of an average pair of this market."""
        companies = len(self.category)
        pairs = companies * (companies - 1) / 2
        return (self._expected_lifts + MARKET_STRENGTH * average_lift()) / (pairs + MARKET_STRENGTH)
