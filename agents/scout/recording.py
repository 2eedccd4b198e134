"""What articles say into rows: companies found or made, mentions, signals, each with its evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlmodel import col, select

from memory import companies, news, provenance, signals
from memory.companies import KnownCompany
from memory.db import TenantSession
from memory.models import RULES, Article
from memory.names import name_key
from memory.signals import Happening
from tools.registries import valid_inn

from .resolution import Ambiguous, Candidate, Directory, Match, resolve
from .state import ArticleData, EventData, SpotData


@dataclass
class _Desk:
    """One batch being written: the companies known so far, and what became of it."""

    session: TenantSession
    now: datetime
    directory: Directory
    named: dict[str, None] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def record(
    session: TenantSession, batch: Sequence[ArticleData], now: datetime
) -> tuple[list[str], list[str]]:
    """Write a batch down and mark its articles as read; the ids of the companies it names, and problems."""
    desk = _Desk(session, now, Directory(companies.known(session)))
    ids = [said["article_id"] for said in batch]
    articles = {row.id: row for row in session.exec(select(Article).where(col(Article.id).in_(ids)))}
    for said in batch:
        article = articles.get(said["article_id"])
        if article is not None:
            _record_article(desk, article, said)
    news.mark_extracted(session, list(articles), now)
    return list(desk.named), desk.problems


def _record_article(desk: _Desk, article: Article, said: ArticleData) -> None:
    ids: dict[str, str] = {}
    for spot in said["spots"]:
        company_id = _company(desk, article, spot)
        if company_id is not None:
            ids[spot["name"]] = company_id
            desk.named[company_id] = None
            signals.record_mention(desk.session, article.id, company_id, spot["surface"], _by(spot))
    for event in said["events"]:
        if event["subject"] in ids:
            signals.record_signal(desk.session, article, _happening(event, ids), desk.now)


def _company(desk: _Desk, article: Article, spot: SpotData) -> str | None:
    """The id of the company that the article means, made if need be; None when nothing says which."""
    if spot["company_id"] is not None and spot["inn"] is None:
        return spot["company_id"]
    inn = spot["inn"]
    if inn is not None and not valid_inn(inn):
        desk.problems.append(f"{article.title}: {spot['name']}: INN {inn} has a wrong checksum, left out")
        inn = None
    found = resolve(Candidate(tuple(spot["names"]), inn, spot["domain"]), desk.directory)
    if isinstance(found, Match):
        return _numbered(desk, article, spot, found.company_id, inn)
    if isinstance(found, Ambiguous):
        desk.problems.append(
            f"{article.title}: {spot['name']} may be any of {len(found.company_ids)} companies"
        )
        return None
    return _make(desk, article, spot, inn)


def _numbered(desk: _Desk, article: Article, spot: SpotData, company_id: str, inn: str | None) -> str:
    """The company, which may have its INN from this article."""
    company = companies.get(desk.session, company_id) if inn else None
    if company is not None and company.inn is None:
        evidence = signals.record_evidence(desk.session, article, spot["sentence"])
        source = f"feed:{article.feed_id}"
        provenance.apply_fields(
            desk.session, company, {"inn": inn}, source=source, evidence_id=evidence, now=desk.now
        )
        desk.directory.add(
            KnownCompany(company.id, company.name, company.name_key, company.inn, company.domain)
        )
    return company_id


def _make(desk: _Desk, article: Article, spot: SpotData, inn: str | None) -> str | None:
    session, name = desk.session, spot["name"]
    # A namesake that is somebody else has an address of its own, or it would have been the one on record.
    namesake = desk.directory.of_key(name_key(name))
    company = provenance.create(
        session,
        name,
        {"inn": inn},
        id=provenance.derived_id(session, name, inn or (spot["domain"] if namesake else None)),
        source=f"feed:{article.feed_id}",
        now=desk.now,
        evidence_id=signals.record_evidence(session, article, spot["sentence"]),
    )
    if company.deleted_at is not None or (inn is not None and company.inn != inn):
        # Somebody took it out, or corrected the number it was first met by.
        return None
    if spot["domain"]:
        address = {"domain": spot["domain"], "website": f"https://{spot['domain']}"}
        provenance.apply_fields(session, company, address, source="list:brands.txt", now=desk.now)
    desk.directory.add(
        KnownCompany(company.id, name, name_key(name), company.inn, company.domain, tuple(spot["names"][1:]))
    )
    return company.id


def _by(said: SpotData | EventData) -> str:
    return said.get("read_by", RULES)


def _happening(event: EventData, ids: Mapping[str, str]) -> Happening:
    other = event["object"]
    return Happening(
        type=event["type"],
        company_id=ids[event["subject"]],
        object_name=other,
        object_company_id=ids.get(other) if other else None,
        amount_rub=event["amount_rub"],
        happened_on=date.fromisoformat(event["day"]) if event["day"] else None,
        quote=event["quote"],
        read_by=_by(event),
    )
