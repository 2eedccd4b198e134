"""What our own database says of companies and pairs. Every function takes a session first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from agents.evidence.record import News as Event
from agents.evidence.rows import events_of, keep, record_of
from memory import companies, provenance, signals
from memory.db import TenantSession
from memory.models import Company, CompanyField, Partnership
from memory.partnerships import Listing, Scored, announced_pairs, listings, taken_pairs, upsert_scored

from .ecosystem import Pair, pair

# An article that names more companies than this is a list of them, not a story about some.
STORY = 8


@dataclass(frozen=True)
class Scene:
    """Two companies (fewer when one is gone), where their rows came from, and the news of them."""

    listings: tuple[Listing, ...]
    companies: Sequence[Company]
    fields: Sequence[CompanyField]
    news: Sequence[Event]


@dataclass(frozen=True)
class News:
    """fresh: companies that something happened to; together: pairs that one article names; barred: pairs
    that are taken, or that an article says belong together already.
    """

    listings: tuple[Listing, ...]
    fresh: Sequence[Company]
    together: set[Pair]
    barred: set[Pair]


def scene_of(session: TenantSession, ids: Pair, signal_ids: Sequence[str]) -> Scene:
    fields = [field for id in ids for field in provenance.provenance(session, id)]
    return Scene(listings(session), companies_of(session, ids), fields, events_of(session, ids, signal_ids))


def news_of(session: TenantSession, company_ids: Sequence[str], article_ids: Sequence[str]) -> News:
    """What these articles say of these companies."""
    told = signals.signals_of(session, company_ids, article_ids=article_ids)
    happened = {id for signal in told for id in (signal.company_id, signal.object_company_id)}
    stories = signals.mentioned(session, article_ids).values()
    return News(
        listings=listings(session),
        fresh=companies_of(session, [id for id in company_ids if id in happened]),
        together={pair(a, b) for ids in stories if len(ids) <= STORY for a, b in combinations(ids, 2)},
        barred=taken_pairs(session) | announced_pairs(session),
    )


def save_judged(
    session: TenantSession, scored: Scored, signal_ids: Sequence[str], cited: Collection[str], now: datetime
) -> Partnership:
    """Keep what the models said of the pair, with the evidence that they cite."""
    record = record_of(session, (scored.company_a_id, scored.company_b_id), signal_ids)
    keep(session, record, cited)
    return upsert_scored(session, scored, now)


def companies_of(session: TenantSession, ids: Sequence[str]) -> Sequence[Company]:
    """Those of them that are not deleted."""
    return [company for company in companies.by_ids(session, ids) if company.deleted_at is None]
