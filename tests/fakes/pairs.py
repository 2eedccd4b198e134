"""Pairs whose letters a person has decided on, and the context of nodes that run on them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from agents.context import Context, Policy, Sender
from memory.db import Memory, TenantSession
from memory.models import Article, Decision, Draft, Evidence, Feed, Partnership, Review, Run, Signal
from memory.pipeline import LocalPipeline

from .rows import NOW, company

FACTORS = [
    {"name": "tech", "weight": 0.25, "value": 0.5, "evidence": []},
    {"name": "market", "weight": 0.2, "value": None, "evidence": []},
]


def pair(session: TenantSession, /, id: str, **fields: Any) -> None:
    """The partnership `id` of the companies "a-{id}" and "b-{id}"; fields: of its row."""
    made: dict[str, Any] = {
        "score": 0.7,
        "confidence": 0.8,
        "factors": FACTORS,
        "method": "six@1",
        "reasons": ["общие рынки"],
    }
    made |= {"company_a_id": f"a-{id}", "company_b_id": f"b-{id}", "created_at": NOW, "updated_at": NOW}
    for name in (f"a-{id}", f"b-{id}"):
        session.add(company(name))
    session.flush()
    session.add(Partnership(id=id, **made | fields))
    session.flush()


def decided(
    session: TenantSession, id: str, thread: str, *, type: str = "approve", after: timedelta = timedelta(1)
) -> None:
    """A person decided on the letter "Письмо {thread}" of the pair `id`, `after` its creation."""
    let_go = f"draft-{thread}" if type in ("approve", "edit") else None
    session.add(Run(id=f"run-{thread}", thread_id=thread, graph="partnership", trigger="run", created_at=NOW))
    session.add(
        Draft(
            id=f"draft-{thread}",
            thread_id=thread,
            partnership_id=id,
            version=1,
            lang="ru",
            style="formal",
            recipient_company_id=f"b-{id}",
            to_name="Бета",
            subject=f"Письмо {thread}",
            body="Текст",
            author="offline",
            created_at=NOW,
        )
    )
    session.flush()
    session.add(
        Review(
            id=f"review-{thread}",
            run_id=f"run-{thread}",
            thread_id=thread,
            interrupt_id="i",
            kind="outreach",
            status="decided",
            partnership_id=id,
            draft_id=f"draft-{thread}",
            draft_version=1,
            title="Письмо",
            created_at=NOW,
        )
    )
    session.flush()
    session.add(
        Decision(
            id=f"decision-{thread}",
            review_id=f"review-{thread}",
            type=type,
            actor="person:anna",
            draft_id=let_go,
            message="не наш рынок" if type == "reject" else None,
            decided_at=NOW + after,
        )
    )
    session.flush()


def signal(
    session: TenantSession, /, company_id: str, type: str, *, known_at: datetime, **fields: Any
) -> None:
    """Something that a source says of the company, learned at `known_at`."""
    id = f"{company_id}-{type}-{known_at.isoformat()}"
    session.add(Feed(id=id, url=f"https://{id}.test/rss", created_at=NOW))
    session.flush()
    session.add(Article(id=id, feed_id=id, fingerprint=id, title="Т", text="Т", fetched_at=NOW))
    session.flush()
    session.add(Evidence(id=id, quote="Т", article_id=id, fetched_at=NOW))
    session.flush()
    made: dict[str, Any] = {"company_id": company_id, "article_id": id, "evidence_id": id, "type": type}
    session.add(Signal(id=id, created_at=known_at, **made | fields))
    session.flush()


def context(memory: Memory, clock: Callable[[], datetime], **services: Any) -> Context:
    """A context with the local pipeline and none of the services that these nodes must not use."""
    unused: dict[str, Any] = dict.fromkeys(
        ("vectors", "feeds", "registry", "llm", "mail", "starter", "new_id")
    )
    policy = Policy(0.5, 10, "ru", "formal", Sender("Анна", "Артель", "anna@artel.test"))
    given = {**unused, "crm": LocalPipeline(memory, clock), **services}
    return Context(memory=memory, policy=policy, clock=clock, **given)
