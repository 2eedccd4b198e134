"""What our own database says of companies and pairs. Every function takes a session first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations

from sqlmodel import col, or_, select

from memory.db import TenantSession
from memory.models import Company, CompanyField, Evidence, Mention, Signal
from memory.partnerships import Listing, announced_pairs, listings, taken_pairs

from .ecosystem import Pair, pair

# An article that names more companies than this is a list of them, not a story about some.
STORY = 8


@dataclass(frozen=True)
class Scene:
    """Two companies (fewer when one is gone), where their rows came from, and the news of them."""

    listings: tuple[Listing, ...]
    companies: Sequence[Company]
    fields: Sequence[CompanyField]
    news: Sequence[tuple[Signal, Evidence]]


@dataclass(frozen=True)
class News:
    """fresh: companies that something happened to; together: pairs that one article names; barred: pairs
    that are taken, or that an article says belong together already.
    """

    listings: tuple[Listing, ...]
    fresh: Sequence[Company]
    together: set[Pair]
    barred: set[Pair]


def scene_of(session: TenantSession, ids: Pair, signal_ids: Collection[str]) -> Scene:
    fields = session.exec(select(CompanyField).where(col(CompanyField.company_id).in_(ids))).all()
    return Scene(listings(session), companies_of(session, ids), fields, _events(session, ids, signal_ids))


def news_of(session: TenantSession, company_ids: Collection[str], article_ids: Collection[str]) -> News:
    """What these articles say of these companies."""
    told = select(Signal.company_id, Signal.object_company_id).where(col(Signal.article_id).in_(article_ids))
    happened = {id for sides in session.exec(told) for id in sides if id is not None}
    return News(
        listings=listings(session),
        fresh=companies_of(session, happened & set(company_ids)),
        together=_named_together(session, article_ids),
        barred=taken_pairs(session) | announced_pairs(session),
    )


def companies_of(session: TenantSession, ids: Collection[str]) -> Sequence[Company]:
    """Those that are not deleted, by id."""
    living = select(Company).where(col(Company.id).in_(ids), col(Company.deleted_at).is_(None))
    return session.exec(living.order_by(col(Company.id))).all()


def _events(
    session: TenantSession, ids: Pair, signal_ids: Collection[str]
) -> Sequence[tuple[Signal, Evidence]]:
    """The signals among these that are about either company, the latest first."""
    query = select(Signal, Evidence).join(Evidence, col(Evidence.id) == col(Signal.evidence_id))
    about = or_(col(Signal.company_id).in_(ids), col(Signal.object_company_id).in_(ids))
    query = query.where(col(Signal.id).in_(signal_ids), about)
    return session.exec(query.order_by(col(Signal.created_at).desc(), col(Signal.id))).all()


def _named_together(session: TenantSession, article_ids: Collection[str]) -> set[Pair]:
    named: dict[str, list[str]] = {}
    query = select(Mention.article_id, Mention.company_id).where(col(Mention.article_id).in_(article_ids))
    for article, company in session.exec(query):
        named.setdefault(article, []).append(company)
    stories = (ids for ids in named.values() if len(ids) <= STORY)
    return {pair(a, b) for ids in stories for a, b in combinations(ids, 2)}
