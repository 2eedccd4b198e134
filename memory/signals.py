"""What articles say of companies: who is named where, what happened, and the words that say so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import col, or_, select

from .db import TenantSession
from .ids import derived
from .models import RULES, Article, Evidence, Mention, Signal
from .rows import insert_missing


@dataclass(frozen=True)
class Happening:
    """An event as an article tells it; `quote` stands in the article word for word. read_by: who says so."""

    type: str
    company_id: str
    object_name: str | None
    object_company_id: str | None
    amount_rub: int | None
    happened_on: date | None
    quote: str
    read_by: str = RULES


def record_evidence(
    session: TenantSession, article: Article, quote: str, *, source_title: str | None = None
) -> str:
    """The id of the evidence that this article says `quote`; the same quote again is the same evidence."""
    id = derived("evidence", article.id, quote)
    row = {
        "id": id,
        "quote": quote,
        "url": article.url,
        "source_title": source_title or article.title,
        "article_id": article.id,
        "fetched_at": article.fetched_at,
    }
    insert_missing(session, Evidence, [row])
    return id


def record_mention(
    session: TenantSession, article_id: str, company_id: str, surface: str, read_by: str = RULES
) -> None:
    """Note that the article names the company by these words; the first words stay."""
    row = {
        "id": derived("mention", article_id, company_id),
        "article_id": article_id,
        "company_id": company_id,
        "surface": surface,
        "read_by": read_by,
    }
    insert_missing(session, Mention, [row])


def record_signal(session: TenantSession, article: Article, happening: Happening, now: datetime) -> str:
    """The id of the signal. One thing told twice in one article is one signal."""
    id = derived(
        "signal",
        article.id,
        happening.company_id,
        happening.type,
        happening.object_name or "",
        happening.quote,
    )
    row = {
        "id": id,
        "company_id": happening.company_id,
        "article_id": article.id,
        "evidence_id": record_evidence(session, article, happening.quote),
        "type": happening.type,
        "object_name": happening.object_name,
        "object_company_id": happening.object_company_id,
        "amount_rub": happening.amount_rub,
        "happened_on": happening.happened_on,
        "read_by": happening.read_by,
        "created_at": now,
    }
    insert_missing(session, Signal, [row])
    return id


def signals_by_ids(session: TenantSession, ids: Sequence[str]) -> list[Signal]:
    """The signals with these ids, in the order of the ids."""
    rows = {row.id: row for row in session.exec(select(Signal).where(col(Signal.id).in_(set(ids))))}
    return [rows[id] for id in dict.fromkeys(ids) if id in rows]


def signals_of(
    session: TenantSession, company_ids: Sequence[str], *, article_ids: Sequence[str] | None = None
) -> list[Signal]:
    """What happened to any of these companies, on either side of the event, the newest first."""
    wanted = set(company_ids)
    about = or_(col(Signal.company_id).in_(wanted), col(Signal.object_company_id).in_(wanted))
    query = select(Signal).where(about)
    if article_ids is not None:
        query = query.where(col(Signal.article_id).in_(set(article_ids)))
    return list(session.exec(query.order_by(col(Signal.created_at).desc(), col(Signal.id))))


def evidence_by_ids(session: TenantSession, ids: Sequence[str]) -> list[Evidence]:
    """The evidence with these ids, in the order of the ids."""
    rows = {row.id: row for row in session.exec(select(Evidence).where(col(Evidence.id).in_(set(ids))))}
    return [rows[id] for id in dict.fromkeys(ids) if id in rows]


def mentioned(session: TenantSession, article_ids: Sequence[str]) -> dict[str, list[str]]:
    """The ids of the companies that each of these articles names, by article."""
    query = select(Mention).where(col(Mention.article_id).in_(set(article_ids))).order_by(col(Mention.id))
    found: dict[str, list[str]] = {}
    for mention in session.exec(query):
        found.setdefault(mention.article_id, []).append(mention.company_id)
    return found


def mentions_of(session: TenantSession, company_ids: Sequence[str], article_ids: Sequence[str]) -> list[str]:
    """The ids of the mentions of any of these companies in these articles."""
    query = select(Mention.id).where(
        col(Mention.company_id).in_(set(company_ids)), col(Mention.article_id).in_(set(article_ids))
    )
    return sorted(session.exec(query))
