"""One valid row of every tenant's table, each referring to the others."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from memory.models import (
    ApiKey,
    ApprovalLimit,
    Article,
    Assistant,
    AssistantVersion,
    AuditEntry,
    Budget,
    Comment,
    Company,
    CompanyField,
    Deal,
    Decision,
    Delivery,
    Draft,
    Effect,
    Endorsement,
    Evidence,
    Feed,
    Invitation,
    LoginAttempt,
    Mention,
    Partnership,
    Review,
    ReviewClaim,
    RevokedToken,
    Run,
    RunEvent,
    SavedView,
    Schedule,
    Signal,
    SignIn,
    SigningKey,
    TenantRow,
    Thread,
    Usage,
    User,
    Workcopy,
)

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)


def company(name: str, **fields: Any) -> Company:
    """A company whose id, slug and key are its name."""
    named: dict[str, Any] = {"id": name, "name": name, "slug": name, "name_key": name}
    return Company(**named | {"created_at": NOW, "updated_at": NOW} | fields)


def rows(prefix: str = "") -> list[TenantRow]:
    """In an order that foreign keys allow. Every id begins with `prefix`, so two sets fit into a database."""
    p = prefix
    return [
        company(f"{p}alpha", inn="7736207543", ogrn="1027700229193", kpp="773601001"),
        company(f"{p}beta"),
        Feed(id=f"{p}feed", url="https://feed.test/rss", created_at=NOW),
        Article(
            id=f"{p}article", feed_id=f"{p}feed", fingerprint="f", title="Title", text="Text", fetched_at=NOW
        ),
        Evidence(id=f"{p}evidence", quote="Text", article_id=f"{p}article", fetched_at=NOW),
        Mention(id=f"{p}mention", article_id=f"{p}article", company_id=f"{p}alpha", surface="Alpha"),
        CompanyField(
            id=f"{p}field",
            company_id=f"{p}alpha",
            field="city",
            value="Казань",
            source="csv:a",
            observed_at=NOW,
        ),
        Signal(
            id=f"{p}signal",
            company_id=f"{p}alpha",
            article_id=f"{p}article",
            evidence_id=f"{p}evidence",
            type="launch",
            created_at=NOW,
        ),
        Partnership(
            id=f"{p}partnership",
            company_a_id=f"{p}alpha",
            company_b_id=f"{p}beta",
            score=0.7,
            created_at=NOW,
            updated_at=NOW,
        ),
        Run(id=f"{p}run", thread_id=f"{p}thread", graph="scout", key="k", trigger="person", created_at=NOW),
        Draft(
            id=f"{p}draft",
            thread_id=f"{p}thread",
            partnership_id=f"{p}partnership",
            version=1,
            lang="ru",
            style="formal",
            recipient_company_id=f"{p}beta",
            to_name="Beta",
            subject="Subject",
            body="Body",
            author="offline",
            created_at=NOW,
        ),
        Review(
            id=f"{p}review",
            run_id=f"{p}run",
            thread_id=f"{p}thread",
            interrupt_id="i",
            kind="outreach",
            title="Title",
            created_at=NOW,
        ),
        Decision(id=f"{p}decision", review_id=f"{p}review", type="approve", actor="person:a", decided_at=NOW),
        Workcopy(
            id=f"{p}copy",
            review_id=f"{p}review",
            actor="person:a",
            version=1,
            subject="S",
            body="B",
            updated_at=NOW,
        ),
        ReviewClaim(id=f"{p}claim", review_id=f"{p}review", actor="person:a", until=NOW),
        Endorsement(
            id=f"{p}endorsement", review_id=f"{p}review", actor="person:a", version=1, created_at=NOW
        ),
        Comment(id=f"{p}comment", review_id=f"{p}review", actor="person:a", body="Why?", created_at=NOW),
        SavedView(id=f"{p}view", actor="person:a", name="Mine", query="?sort=newest", created_at=NOW),
        Effect(id=f"{p}effect", key="k", kind="letter", created_at=NOW),
        Deal(
            id=f"{p}deal",
            key="k",
            title="Title",
            stage="new",
            company="Alpha",
            partner="Beta",
            created_at=NOW,
            updated_at=NOW,
        ),
        Usage(id=f"{p}usage", agent="outreach", provider="offline", model="template", created_at=NOW),
        Budget(id=f"{p}budget", agent="outreach", day="2026-11-20", taken_rub=1.5),
        AuditEntry(
            id=f"{p}audit", actor="system", action="made", subject_type="run", subject_id=f"{p}run", at=NOW
        ),
        Schedule(id=f"{p}schedule", name="n", graph="scout", cron="*/15 * * * *", created_at=NOW),
        Thread(id=f"{p}thread", graph="scout", created_at=NOW, updated_at=NOW),
        RunEvent(id=f"{p}run:1", run_id=f"{p}run", seq=1, event="values", data="{}"),
        Delivery(id=f"{p}delivery", run_id=f"{p}run", url="https://hook.test/", next_at=NOW, created_at=NOW),
        Assistant(id=f"{p}assistant", graph="scout", name="Scout", created_at=NOW, updated_at=NOW),
        AssistantVersion(
            id=f"{p}version",
            assistant_id=f"{p}assistant",
            version=1,
            graph="scout",
            name="Scout",
            created_at=NOW,
        ),
        User(id=f"{p}user", login=f"{p}ivan", name="Иван", roles=["analyst"], created_at=NOW),
        SignIn(id=f"{p}signin", user_id=f"{p}user", created_at=NOW, expires_at=NOW),
        ApiKey(id=f"{p}key", user_id=f"{p}user", name="n", digest=f"{p}d", created_at=NOW),
        ApprovalLimit(id=f"{p}limit", subject=f"person:{p}ivan", rub=1),
        Invitation(id=f"{p}invitation", actor="person:a", created_at=NOW, expires_at=NOW),
        LoginAttempt(id=f"{p}attempt", login="ivan", address="127.0.0.1", at=NOW),
        SigningKey(id=f"{p}signing", private="PEM", public="PEM", created_at=NOW, retired_at=LONG_AGO),
        RevokedToken(id=f"{p}revoked", expires_at=NOW),
    ]
