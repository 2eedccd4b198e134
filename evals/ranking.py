"""How well compatibility ranks real partners above other pairs: `python -m evals.ranking [folder]`.

The folder holds companies/vendors.csv, companies/integration_pairs.csv and
pairs/competitors_oss_alternatives.csv. Every pair that is not listed counts as a negative, though many of
them only are unlisted: the truth is understated. Baselines are computed in the same run on the same pairs;
a published one was measured on more pairs than the project carries.
"""

from __future__ import annotations

import argparse
import asyncio
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from agents.compatibility.ecosystem import Ecosystem, pair
from agents.compatibility.score import Assessment, assess
from memory.db import Database, Memory
from memory.embeddings import CachedEmbeddings, UniversalSentenceEmbeddings
from memory.schema import upgrade
from memory.vectors import Vectors

from . import rivalry, vendors
from .measures import Numbers, auc, balanced, brier, ece, ndcg, numbers
from .report import Row, show
from .vendors import Market

DATASETS = Path(__file__).parent / "datasets"


def run(folder: Path = DATASETS) -> list[Row]:
    """Every measure. Nothing is drawn at random: the same data give the same rows."""
    return asyncio.run(_run(folder))


async def _run(folder: Path) -> list[Row]:
    with TemporaryDirectory() as scratch:
        url = f"sqlite:///{Path(scratch) / 'eval.db'}"
        upgrade(url)
        database = Database(url)
        try:
            memory = Memory(database)
            vectors = Vectors(memory, CachedEmbeddings(UniversalSentenceEmbeddings(), memory))
            market = await vendors.market(folder / "companies", vectors)
            competitors = folder / "pairs" / "competitors_oss_alternatives.csv"
            return [*_partners(market), *_calibration(market), *await rivalry.measure(competitors, vectors)]
        finally:
            database.close()


def _partners(market: Market) -> list[Row]:
    """A pair's own link is never known when the pair is scored."""
    linked, either = market.linked, market.linked | market.rivals
    scores = numbers(it.score for it in _assess(market, market.landscape.ecosystem))
    cosines, rates, degrees = _cosines(market), _category_rates(market), _degrees(market)
    simple = (
        f"category rate {auc(linked, rates):.3f} (published 0.776), degree {auc(linked, degrees):.3f} (0.65)"
    )
    cosine = f"cosine {auc(linked, cosines):.3f} (0.54)"
    within = f"cosine {auc(linked, cosines, either):.3f} (0.145)"
    return [
        Row("partners: AUC, score", auc(linked, scores), f">= 0.80; {simple}; {cosine}"),
        Row("partners: AUC, score, the company new to us", _cold(market), f"{cosine}"),
        Row("partners: AUC, score, no integration known", _untaught(market), "general knowledge alone"),
        Row("partners: AUC, score, against one category", auc(linked, scores, either), within),
        Row("partners: nDCG@10, score", _ndcg(market, scores), f"cosine {_ndcg(market, cosines):.3f}"),
    ]


def _calibration(market: Market) -> list[Row]:
    """Of the probability of a link among all pairs, and of complementarity among as many links as others."""
    linked, around = market.linked, market.landscape.ecosystem
    expected = [around.expect(a, b) for a, b in market.pairs]
    rates = numbers(it.rate if it else None for it in expected)
    values = numbers(it.factor("complementarity").value for it in _assess(market, around))
    constant = np.full(len(linked), linked.mean())
    return [
        Row("partners: ECE, probability of a link", ece(linked, rates), "<= 0.10"),
        Row(
            "partners: Brier, probability of a link",
            brier(linked, rates),
            f"base rate {brier(linked, constant):.4f}",
        ),
        Row("partners: ECE, complementarity, balanced", ece(linked, values, balanced(linked)), ""),
    ]


def _assess(market: Market, around: Ecosystem) -> list[Assessment]:
    profiles = market.landscape.profiles
    return [assess(profiles[a], profiles[b], around) for a, b in market.pairs]


def _cold(market: Market) -> float:
    """Each company in turn has no known link at all; its pairs are judged, every pair once from each side."""
    profiles, known = market.landscape.profiles, market.landscape.ecosystem
    scores, linked = [], []
    for company in profiles:
        around = Ecosystem.of(known.category, [it for it in market.links if company not in it])
        for (a, b), is_linked in zip(market.pairs, market.linked, strict=True):
            if company in (a, b):
                scores.append(assess(profiles[a], profiles[b], around).score)
                linked.append(is_linked)
    return auc(np.array(linked), numbers(scores))


def _untaught(market: Market) -> float:
    found = _assess(market, Ecosystem.of(market.landscape.ecosystem.category, ()))
    return auc(market.linked, numbers(it.score for it in found))


def _ndcg(market: Market, values: Numbers) -> float:
    """Mean over the companies with a known link of nDCG@10 among all the others."""
    found = []
    for company in market.landscape.profiles:
        mine = np.array([company in it for it in market.pairs])
        if market.linked[mine].any():
            found.append(ndcg(market.linked[mine], values[mine]))
    return float(np.mean(found))


def _cosines(market: Market) -> Numbers:
    profiles = market.landscape.profiles
    vectors = {id: it.vector for id, it in profiles.items()}
    return numbers(
        None if (x := vectors[a]) is None or (y := vectors[b]) is None else float(x @ y)
        for a, b in market.pairs
    )


def _degrees(market: Market) -> Numbers:
    """The product of both companies' links, the pair's own left out."""
    degree = market.landscape.ecosystem.degree
    pairs = zip(market.pairs, market.linked, strict=True)
    return numbers((degree(a) - int(own)) * (degree(b) - int(own)) for (a, b), own in pairs)


def _category_rates(market: Market) -> Numbers:
    """Links over pairs of the same two categories, the pair itself left out."""
    kind = market.landscape.ecosystem.category
    kinds = [pair(kind.get(a, ""), kind.get(b, "")) for a, b in market.pairs]
    total = Counter(kinds)
    links = Counter(it for it, linked in zip(kinds, market.linked, strict=True) if linked)
    pairs = zip(kinds, market.linked, strict=True)
    return numbers((links[it] - int(own)) / max(1, total[it] - 1) for it, own in pairs)


def main() -> None:
    parser = argparse.ArgumentParser(description="Ranking of partners and rivals beside baselines.")
    parser.add_argument("folder", type=Path, nargs="?", default=DATASETS)
    show("Ranking of partners", run(parser.parse_args().folder))


if __name__ == "__main__":
    main()
