"""The state of a scout run. It only grows; every key has a default, so old threads go on."""

from __future__ import annotations

from typing import TypedDict


class ScoutState(TypedDict, total=False):
    """Ids and counts only: articles and companies live in the database.

    feed_ids: feeds to read (all active ones when absent); articles: ids of the new articles;
    companies: ids the articles named; pairs: shortlisted [company id, company id];
    started: partnership runs started; skipped: pairs whose evidence had been used already;
    problems: one line for each feed or item that could not be read.
    """

    feed_ids: list[str]
    articles: list[str]
    companies: list[str]
    pairs: list[list[str]]
    started: int
    skipped: int
    problems: list[str]
