"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "embedding",
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("text_hash", sa.String(64), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("model", "text_hash"),
    )
    op.create_table(
        "tenant",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "auditentry",
        sa.Column("tenant_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject_type", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("audit_subject", "auditentry", ["subject_type", "subject_id"], unique=False)
    op.create_index(op.f("ix_auditentry_tenant_id"), "auditentry", ["tenant_id"], unique=False)
    op.create_table(
        "company",
        sa.Column("tenant_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("legal_name", sa.String(), nullable=True),
        sa.Column("inn", sa.String(12), nullable=True),
        sa.Column("ogrn", sa.String(15), nullable=True),
        sa.Column("kpp", sa.String(9), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("website", sa.String(), nullable=True),
        sa.Column("domain", sa.String(), nullable=True),
        sa.Column("contact_email", sa.String(), nullable=True),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("industry", sa.String(), nullable=True),
        sa.Column("sub_industries", sa.JSON(), nullable=False),
        sa.Column("business_model", sa.String(), nullable=True),
        sa.Column("founded_year", sa.Integer(), nullable=True),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("city", sa.String(), nullable=True),
        sa.Column("staff_count", sa.Integer(), nullable=True),
        sa.Column("staff_range", sa.String(), nullable=True),
        sa.Column("funding_total_rub", sa.BigInteger(), nullable=True),
        sa.Column("funding_stage", sa.String(), nullable=True),
        sa.Column("funding_last_date", sa.Date(), nullable=True),
        sa.Column("tech_stack", sa.JSON(), nullable=False),
        sa.Column("integrations", sa.JSON(), nullable=False),
        sa.Column("api_available", sa.Boolean(), nullable=True),
        sa.Column("api_docs_url", sa.String(), nullable=True),
        sa.Column("markets", sa.JSON(), nullable=False),
        sa.Column("summary", sa.String(), nullable=True),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "business_model IS NULL OR business_model IN ('B2B', 'B2C', 'B2B2C')", name="business_model"
        ),
        sa.CheckConstraint("founded_year IS NULL OR founded_year BETWEEN 1800 AND 2200", name="founded_year"),
        sa.CheckConstraint("funding_total_rub IS NULL OR funding_total_rub >= 0", name="funding_total"),
        sa.CheckConstraint(
            "inn IS NULL OR (length(inn) IN (10, 12) AND trim(inn, '0123456789') = '')", name="inn_digits"
        ),
        sa.CheckConstraint("kpp IS NULL OR length(kpp) = 9", name="kpp_length"),
        sa.CheckConstraint(
            "ogrn IS NULL OR (length(ogrn) IN (13, 15) AND trim(ogrn, '0123456789') = '')", name="ogrn_digits"
        ),
        sa.CheckConstraint("staff_count IS NULL OR staff_count >= 0", name="staff_count"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "slug"),
    )
    op.create_index(
        "company_inn",
        "company",
        ["tenant_id", "inn"],
        unique=True,
        sqlite_where=sa.text("inn IS NOT NULL AND deleted_at IS NULL"),
        postgresql_where=sa.text("inn IS NOT NULL AND deleted_at IS NULL"),
    )
    op.create_index(op.f("ix_company_domain"), "company", ["domain"], unique=False)
    op.create_index(op.f("ix_company_industry"), "company", ["industry"], unique=False)
    op.create_index(op.f("ix_company_name_key"), "company", ["name_key"], unique=False)
    op.create_index(op.f("ix_company_slug"), "company", ["slug"], unique=False)
    op.create_index(op.f("ix_company_tenant_id"), "company", ["tenant_id"], unique=False)
    op.create_table(
        "deal",
        sa.Column("tenant_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("company", sa.String(), nullable=False),
        sa.Column("partner", sa.String(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("value_rub", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "key"),
    )
    op.create_index(op.f("ix_deal_tenant_id"), "deal", ["tenant_id"], unique=False)
    op.create_table(
        "effect",
        sa.Column("tenant_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("thread_id", sa.String(64), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('letter', 'crm', 'notification')", name="effect_kind"),
        sa.CheckConstraint("status IN ('pending', 'done', 'failed')", name="effect_status"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "key"),
    )
    op.create_index(op.f("ix_effect_tenant_id"), "effect", ["tenant_id"], unique=False)
    op.create_index(op.f("ix_effect_thread_id"), "effect", ["thread_id"], unique=False)
    op.create_table(
        "feed",
        sa.Column("tenant_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("etag", sa.String(), nullable=True),
        sa.Column("last_modified", sa.String(), nullable=True),
        sa.Column("last_fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "url"),
    )
    op.create_index(op.f("ix_feed_tenant_id"), "feed", ["tenant_id"], unique=False)
    op.create_table(
        "run",
        sa.Column("tenant_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("thread_id", sa.String(64), nullable=False),
        sa.Column("graph", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("trigger", sa.String(), nullable=False),
        sa.Column("parent_id", sa.String(), nullable=True),
        sa.Column("input", sa.JSON(), nullable=False),
        sa.Column("resume", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'waiting', 'done', 'failed', 'cancelled')", name="run_status"
        ),
        sa.CheckConstraint(
            "trigger IN ('schedule', 'person', 'api', 'webhook', 'run', 'review')", name="run_trigger"
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["run.id"]),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "key"),
    )
    op.create_index(op.f("ix_run_parent_id"), "run", ["parent_id"], unique=False)
    op.create_index(op.f("ix_run_tenant_id"), "run", ["tenant_id"], unique=False)
    op.create_index(op.f("ix_run_thread_id"), "run", ["thread_id"], unique=False)
    op.create_index(
        "run_active_thread",
        "run",
        ["thread_id"],
        unique=True,
        sqlite_where=sa.text("status IN ('queued', 'running')"),
        postgresql_where=sa.text("status IN ('queued', 'running')"),
    )
    op.create_index("run_status", "run", ["tenant_id", "status", "id"], unique=False)
    op.create_table(
        "usage",
        sa.Column("tenant_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("thread_id", sa.String(64), nullable=True),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("tokens_in", sa.Integer(), nullable=False),
        sa.Column("tokens_out", sa.Integer(), nullable=False),
        sa.Column("cost_rub", sa.Float(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("latency_ms", sa.Float(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_usage_created_at"), "usage", ["created_at"], unique=False)
    op.create_index(op.f("ix_usage_tenant_id"), "usage", ["tenant_id"], unique=False)
    op.create_index(op.f("ix_usage_thread_id"), "usage", ["thread_id"], unique=False)
    op.create_table(
        "article",
        sa.Column("tenant_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("feed_id", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("lang", sa.String(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("extracted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"]),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "fingerprint"),
    )
    op.create_index(
        "article_unprocessed",
        "article",
        ["tenant_id", "id"],
        unique=False,
        sqlite_where=sa.text("extracted_at IS NULL"),
        postgresql_where=sa.text("extracted_at IS NULL"),
    )
    op.create_index(op.f("ix_article_feed_id"), "article", ["feed_id"], unique=False)
    op.create_index(op.f("ix_article_tenant_id"), "article", ["tenant_id"], unique=False)
    op.create_table(
        "partnership",
        sa.Column("tenant_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("company_a_id", sa.String(), nullable=False),
        sa.Column("company_b_id", sa.String(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("factors", sa.JSON(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("synergy_areas", sa.JSON(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("status_reason", sa.String(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("value_rub", sa.BigInteger(), nullable=True),
        sa.Column("probability", sa.Float(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("outcome IS NULL OR outcome IN ('won', 'lost')", name="outcome"),
        sa.CheckConstraint(
            "status IN ('suggested', 'contacted', 'in_discussion', 'active', 'rejected', 'paused')",
            name="partnership_status",
        ),
        sa.CheckConstraint("company_a_id < company_b_id", name="ordered_and_different"),
        sa.CheckConstraint("confidence >= 0 AND confidence <= 1", name="confidence_range"),
        sa.CheckConstraint(
            "probability IS NULL OR (probability >= 0 AND probability <= 1)", name="probability_range"
        ),
        sa.CheckConstraint("score IS NULL OR (score >= 0 AND score <= 1)", name="score_range"),
        sa.CheckConstraint("value_rub IS NULL OR value_rub >= 0", name="value"),
        sa.ForeignKeyConstraint(["company_a_id"], ["company.id"]),
        sa.ForeignKeyConstraint(["company_b_id"], ["company.id"]),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "company_a_id", "company_b_id"),
    )
    op.create_index(op.f("ix_partnership_company_b_id"), "partnership", ["company_b_id"], unique=False)
    op.create_index(op.f("ix_partnership_outcome"), "partnership", ["outcome"], unique=False)
    op.create_index(op.f("ix_partnership_status"), "partnership", ["status"], unique=False)
    op.create_index(op.f("ix_partnership_tenant_id"), "partnership", ["tenant_id"], unique=False)
    op.create_index("partnership_score", "partnership", ["tenant_id", "score"], unique=False)
    op.create_table(
        "schedule",
        sa.Column("tenant_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("graph", sa.String(), nullable=False),
        sa.Column("cron", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("input", sa.JSON(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("last_run_id", sa.String(), nullable=True),
        sa.Column("last_fired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["last_run_id"], ["run.id"]),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "name"),
    )
    op.create_index(op.f("ix_schedule_tenant_id"), "schedule", ["tenant_id"], unique=False)
    op.create_table(
        "draft",
        sa.Column("tenant_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("thread_id", sa.String(64), nullable=False),
        sa.Column("partnership_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("style", sa.String(), nullable=False),
        sa.Column("recipient_company_id", sa.String(), nullable=False),
        sa.Column("to_name", sa.String(), nullable=False),
        sa.Column("to_email", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("claims", sa.JSON(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("offline", sa.Boolean(), nullable=False),
        sa.Column("prompt", sa.String(), nullable=True),
        sa.Column("remark", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("lang IN ('ru', 'en')", name="draft_lang"),
        sa.CheckConstraint("style IN ('formal', 'friendly', 'technical')", name="draft_style"),
        sa.CheckConstraint("version >= 1", name="draft_version"),
        sa.ForeignKeyConstraint(["partnership_id"], ["partnership.id"]),
        sa.ForeignKeyConstraint(["recipient_company_id"], ["company.id"]),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("thread_id", "version"),
    )
    op.create_index(op.f("ix_draft_partnership_id"), "draft", ["partnership_id"], unique=False)
    op.create_index(op.f("ix_draft_tenant_id"), "draft", ["tenant_id"], unique=False)
    op.create_index(op.f("ix_draft_thread_id"), "draft", ["thread_id"], unique=False)
    op.create_table(
        "evidence",
        sa.Column("tenant_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("quote", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("source_title", sa.String(), nullable=True),
        sa.Column("article_id", sa.String(), nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"]),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_evidence_article_id"), "evidence", ["article_id"], unique=False)
    op.create_index(op.f("ix_evidence_tenant_id"), "evidence", ["tenant_id"], unique=False)
    op.create_table(
        "mention",
        sa.Column("tenant_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("article_id", sa.String(), nullable=False),
        sa.Column("company_id", sa.String(), nullable=False),
        sa.Column("surface", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"]),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"]),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("article_id", "company_id"),
    )
    op.create_index(op.f("ix_mention_company_id"), "mention", ["company_id"], unique=False)
    op.create_index(op.f("ix_mention_tenant_id"), "mention", ["tenant_id"], unique=False)
    op.create_table(
        "companyfield",
        sa.Column("tenant_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("company_id", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("evidence_id", sa.String(), nullable=True),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"]),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"]),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("companyfield_company", "companyfield", ["company_id", "field"], unique=False)
    op.create_index(op.f("ix_companyfield_tenant_id"), "companyfield", ["tenant_id"], unique=False)
    op.create_table(
        "review",
        sa.Column("tenant_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("thread_id", sa.String(64), nullable=False),
        sa.Column("interrupt_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("partnership_id", sa.String(), nullable=True),
        sa.Column("draft_id", sa.String(), nullable=True),
        sa.Column("draft_version", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('outreach', 'crm_conflict', 'company_merge')", name="review_kind"),
        sa.CheckConstraint("status IN ('pending', 'decided', 'withdrawn')", name="review_status"),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"]),
        sa.ForeignKeyConstraint(["partnership_id"], ["partnership.id"]),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"]),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("thread_id", "interrupt_id"),
    )
    op.create_index(op.f("ix_review_partnership_id"), "review", ["partnership_id"], unique=False)
    op.create_index(op.f("ix_review_run_id"), "review", ["run_id"], unique=False)
    op.create_index(op.f("ix_review_tenant_id"), "review", ["tenant_id"], unique=False)
    op.create_index(op.f("ix_review_thread_id"), "review", ["thread_id"], unique=False)
    op.create_index("review_queue", "review", ["tenant_id", "status", "score", "id"], unique=False)
    op.create_table(
        "signal",
        sa.Column("tenant_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("company_id", sa.String(), nullable=False),
        sa.Column("article_id", sa.String(), nullable=False),
        sa.Column("evidence_id", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("object_name", sa.String(), nullable=True),
        sa.Column("object_company_id", sa.String(), nullable=True),
        sa.Column("amount_rub", sa.BigInteger(), nullable=True),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "type IN ('funding', 'launch', 'integration', 'partnership', 'hiring', 'acquisition', 'leadership', 'expansion')",
            name="signal_type",
        ),
        sa.CheckConstraint("amount_rub IS NULL OR amount_rub >= 0", name="amount"),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"]),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"]),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"]),
        sa.ForeignKeyConstraint(["object_company_id"], ["company.id"]),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_signal_article_id"), "signal", ["article_id"], unique=False)
    op.create_index(op.f("ix_signal_company_id"), "signal", ["company_id"], unique=False)
    op.create_index(op.f("ix_signal_object_company_id"), "signal", ["object_company_id"], unique=False)
    op.create_index(op.f("ix_signal_tenant_id"), "signal", ["tenant_id"], unique=False)
    op.create_table(
        "decision",
        sa.Column("tenant_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("review_id", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("draft_id", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("message", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("type IN ('approve', 'edit', 'reject', 'respond')", name="decision_type"),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"]),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"]),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("review_id"),
    )
    op.create_index(op.f("ix_decision_tenant_id"), "decision", ["tenant_id"], unique=False)
