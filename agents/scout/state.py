"""The state of a scout run. It only grows; every key has a default, so old threads go on."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict


class SpotData(TypedDict):
    """A company where an article names it. `company_id` when the name is a known company's alone; `read_by`:
    who read it there, the rules when absent.
    """

    name: str
    names: list[str]
    surface: str
    sentence: str
    inn: str | None
    domain: str | None
    company_id: str | None
    read_by: NotRequired[str]


class EventData(TypedDict):
    """An event of an article; subject and object as `name` of its spots, day as an ISO date."""

    type: str
    subject: str
    object: str | None
    amount_rub: int | None
    day: str | None
    quote: str
    read_by: NotRequired[str]


class ArticleData(TypedDict):
    """What one article says."""

    article_id: str
    spots: list[SpotData]
    events: list[EventData]


class ScoutState(TypedDict, total=False):
    """Ids and counts: articles and companies live in the database.

    run_id, thread_id: of this run, from the runtime; feed_ids: feeds to read (all active ones when absent);
    articles: ids of the articles to read; extracted: what the last batch of them says, until it is resolved;
    companies: ids the articles named; pairs: shortlisted [company id, company id];
    started: partnership runs started; skipped: pairs whose evidence had been used already;
    problems: one line for each feed, name or number that could not be used, and for articles that no model
    answered about.
    """

    run_id: str
    thread_id: str
    feed_ids: list[str]
    articles: list[str]
    extracted: list[ArticleData]
    companies: list[str]
    pairs: list[list[str]]
    started: int
    skipped: int
    problems: list[str]
