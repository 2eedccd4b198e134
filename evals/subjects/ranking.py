"""Every pair of the vendors as compatibility scores it; made once, and told company by company."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.compatibility.score import assess

from ..dataset import FOLDER
from ..measures import Numbers, numbers
from ..scorers.ranking import Ranked, RankingCase
from ..vendors import Market, market
from ..world import World


@dataclass(frozen=True)
class Scored:
    market: Market
    scores: Numbers
    rates: Numbers


async def rank(case: RankingCase, world: World) -> Ranked:
    scored = await world.once("market", lambda: _scored(world))
    pairs = scored.market.pairs
    mine = np.array([case.id in it for it in pairs])
    own = np.array([case.id == it[0] for it in pairs])[mine]
    return Ranked(scored.market.linked[mine], scored.scores[mine], scored.rates[mine], own)


async def _scored(world: World) -> Scored:
    async with world.artel() as artel:
        found = await market(FOLDER / "companies", artel.context.vectors)
    profiles, around = found.landscape.profiles, found.landscape.ecosystem
    scores = numbers(assess(profiles[a], profiles[b], around).score for a, b in found.pairs)
    expected = [around.expect(a, b) for a, b in found.pairs]
    return Scored(found, scores, numbers(it.rate if it else None for it in expected))
