"""Which pairs are worth a look: a few dozen for each company with news, never all pairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import chain, islice

from .ecosystem import Ecosystem, Pair, pair
from .score import Assessment

Nearest = Callable[[str, int], Sequence[tuple[str, float]]]

# How far each source of candidates looks: categories x members of one, and companies alike.
KINDS, MEMBERS, ALIKE = 10, 6, 5


def candidates(
    fresh: Collection[str], ecosystem: Ecosystem, nearest: Nearest, comentioned: Collection[Pair]
) -> set[Pair]:
    """Pairs with at least one company of `fresh` that are not linked yet; `nearest` is Vectors.nearest."""
    found = {
        pair(company, other)
        for company in fresh
        for other in chain(
            _by_category(company, ecosystem),
            _by_shared_integration(company, ecosystem),
            _by_likeness(company, ecosystem, nearest),
        )
        if other != company
    }
    named = {it for it in comentioned if it[0] in fresh or it[1] in fresh}
    return {it for it in found | named if not ecosystem.linked(*it)}


def rank(assessed: Mapping[Pair, Assessment], budget: int) -> list[Pair]:
    """The best `budget` pairs of known score; a company's first pair comes before the second of any."""
    scored = {it: found.score for it, found in assessed.items() if found.score is not None}
    seen: Counter[str] = Counter()
    places: dict[Pair, int] = {}
    for it in sorted(scored, key=lambda it: (-scored[it], it)):
        places[it] = max(seen[company] for company in it)
        seen.update(it)
    return list(islice(sorted(scored, key=lambda it: (places[it], -scored[it], it)), budget))


def _by_category(company: str, ecosystem: Ecosystem) -> Iterable[str]:
    """The best connected members of the categories that its own integrates with most."""
    kind = ecosystem.category.get(company)
    kinds = ecosystem.promising(kind)[:KINDS] if kind else []
    return chain.from_iterable(ecosystem.members(it)[:MEMBERS] for it in kinds)


def _by_shared_integration(company: str, ecosystem: Ecosystem) -> Iterable[str]:
    """Whoever integrates with what it integrates with."""
    return chain.from_iterable(ecosystem.partners[it] for it in ecosystem.partners.get(company, ()))


def _by_likeness(company: str, ecosystem: Ecosystem, nearest: Nearest) -> Iterable[str]:
    """Partners of companies like it, and companies like its partners: likeness itself makes competitors."""
    partners = ecosystem.partners
    for other, _ in nearest(company, ALIKE):
        yield from partners.get(other, ())
    for partner in partners.get(company, ()):
        yield from (other for other, _ in nearest(partner, ALIKE))
