"""Letters that wait for a decision: a pair, a quoted source, a draft, and a graph that asks about it."""

from __future__ import annotations

from typing import Any, TypedDict

from langgraph.graph import START, StateGraph
from langgraph.types import interrupt

from agents.context import Context
from memory.db import TenantSession
from memory.models import Draft, Evidence, Partnership

from .rows import NOW, company


class Letter(TypedDict, total=False):
    question: dict[str, Any]
    decision: dict[str, Any]


async def ask(state: Letter) -> Letter:
    return {"decision": interrupt(state["question"])["decisions"][0]}


def build_letter() -> StateGraph[Letter, Context, Any, Any]:
    graph = StateGraph(Letter, context_schema=Context)
    graph.add_node(ask)
    graph.add_edge(START, "ask")
    return graph


def write_letter(
    session: TenantSession, name: str, score: float, severity: str | None = None
) -> dict[str, Any]:
    """A pair, a quoted source and a draft on the thread `name`; the question that shows the draft.

    severity: of a risk of the pair.
    """
    risk = {"kind": "reputation", "severity": severity, "text": "О них спорят", "evidence": [f"{name}-e"]}
    session.add_all(
        [
            company(f"{name}-a", industry="CRM"),
            company(f"{name}-b"),
            Evidence(id=f"{name}-e", quote="Альфа открыла API", url="https://news.test/1", fetched_at=NOW),
        ]
    )
    session.flush()
    factor = {"name": "market", "weight": 0.2, "value": None, "evidence": ["nobody says"]}
    session.add(
        Partnership(
            id=f"{name}-p",
            company_a_id=f"{name}-a",
            company_b_id=f"{name}-b",
            score=score,
            confidence=0.8,
            factors=[factor],
            reasons=["Общий рынок"],
            synergy_areas=["api"],
            risks=[risk] if severity else [],
            created_at=NOW,
            updated_at=NOW,
        )
    )
    session.flush()
    session.add(
        Draft(
            id=f"{name}-d",
            thread_id=name,
            partnership_id=f"{name}-p",
            version=1,
            lang="ru",
            style="formal",
            recipient_company_id=f"{name}-b",
            to_name="Бета",
            subject="Партнёрство",
            body="Альфа открыла API. Давайте обсудим.",
            claims=[{"text": "Альфа открыла API.", "evidence": [f"{name}-e"]}],
            author="offline",
            offline=True,
            created_at=NOW,
        )
    )
    args = {
        "partnership_id": f"{name}-p",
        "draft_id": f"{name}-d",
        "version": 1,
        "lang": "ru",
        "score": score,
        "subject": "Партнёрство",
        "body": "Альфа открыла API. Давайте обсудим.",
    }
    allowed = ["approve", "edit", "reject", "respond"]
    return {
        "action_requests": [{"name": "send_letter", "args": args, "description": f"Письмо {name}"}],
        "review_configs": [{"action_name": "send_letter", "allowed_decisions": allowed}],
    }
