"""Threads, the queue, streams, assistants, deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "member",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "assistant",
        sa.Column("tenant_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("graph", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("config", sa.JSON(), nullable=False),
        sa.Column("context", sa.JSON(), nullable=False),
        sa.Column("meta", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_assistant_tenant_id"), "assistant", ["tenant_id"], unique=False)

    op.create_table(
        "thread",
        sa.Column("tenant_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("graph", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("meta", sa.JSON(), nullable=False),
        sa.Column("interrupts", sa.JSON(), nullable=False),
        sa.Column("last_run_id", sa.String(64), nullable=True),
        sa.Column("ttl_s", sa.Integer(), nullable=True),
        sa.Column("pruned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('idle', 'busy', 'interrupted', 'error')", name="thread_status"),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_thread_tenant_id"), "thread", ["tenant_id"], unique=False)
    op.create_index("thread_status", "thread", ["tenant_id", "status", "updated_at"], unique=False)

    op.create_table(
        "assistant_version",
        sa.Column("tenant_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("assistant_id", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("graph", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("config", sa.JSON(), nullable=False),
        sa.Column("context", sa.JSON(), nullable=False),
        sa.Column("meta", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assistant_id"],
            ["assistant.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("assistant_id", "version"),
    )
    op.create_index(
        op.f("ix_assistant_version_assistant_id"), "assistant_version", ["assistant_id"], unique=False
    )
    op.create_index(op.f("ix_assistant_version_tenant_id"), "assistant_version", ["tenant_id"], unique=False)

    op.create_table(
        "delivery",
        sa.Column("tenant_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('pending', 'done', 'failed')", name="delivery_status"),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["run.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("run_id"),
    )
    op.create_index(
        "delivery_due",
        "delivery",
        ["next_at"],
        unique=False,
        sqlite_where=sa.text("status = 'pending'"),
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index(op.f("ix_delivery_tenant_id"), "delivery", ["tenant_id"], unique=False)

    op.create_table(
        "run_event",
        sa.Column("tenant_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["run.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("run_id", "seq"),
    )
    op.create_index(op.f("ix_run_event_tenant_id"), "run_event", ["tenant_id"], unique=False)

    with op.batch_alter_table("run") as batch_op:
        for column in _run_columns():
            batch_op.add_column(column)
        batch_op.drop_index("run_active_thread")
        if _postgres():
            batch_op.drop_constraint("run_status", type_="check")
    _partial_index("run_running_thread", "run", ["thread_id"], "status = 'running'", unique=True)
    _partial_index("run_queue", "run", ["priority", "id"], "status = 'queued'")
    _partial_index("run_due", "run", ["not_before"], "status = 'queued'")
    _partial_index("run_owner", "run", ["owner"], "status = 'running'")
    for table in ("run", "review"):
        op.drop_index(f"ix_{table}_thread_id", table)
        op.create_index(f"{table}_thread", table, ["thread_id", "tenant_id", "status"])

    with op.batch_alter_table("schedule") as batch_op:
        for column in _schedule_columns():
            batch_op.add_column(column)
    _drop_defaults("run", _run_columns())
    _drop_defaults("schedule", _schedule_columns())
    with op.batch_alter_table("run") as batch_op:
        batch_op.create_check_constraint(
            "run_status",
            "status IN ('queued', 'running', 'waiting', 'done', 'failed', 'cancelled', 'dead')",
        )
        batch_op.create_check_constraint("run_cancel", "cancel IN ('interrupt', 'rollback')")
        if not _postgres():  # SQLite's table was made anew, without its checks
            batch_op.create_check_constraint(
                "run_trigger", "trigger IN ('schedule', 'person', 'api', 'webhook', 'run', 'review')"
            )
    _ask_again()
    op.execute(_THREADS)


def _ask_again() -> None:
    """A node may ask a second question under the same id, once the first is answered."""
    if _postgres():
        op.drop_constraint("review_thread_id_interrupt_id_key", "review", type_="unique")
    else:
        named = {"uq": "uq_%(table_name)s_%(column_0_name)s"}
        with op.batch_alter_table("review", naming_convention=named) as batch_op:
            batch_op.drop_constraint("uq_review_thread_id", type_="unique")
            batch_op.create_check_constraint("review_status", "status IN ('pending', 'decided', 'withdrawn')")
            batch_op.create_check_constraint(
                "review_kind", "kind IN ('outreach', 'crm_conflict', 'company_merge')"
            )
    _partial_index(
        "review_pending", "review", ["thread_id", "interrupt_id"], "status = 'pending'", unique=True
    )


# A thread for every run there is: its status is that of the newest run.
_THREADS = """
INSERT INTO thread (tenant_id, id, graph, status, meta, interrupts, last_run_id, created_at, updated_at)
SELECT run.tenant_id, run.thread_id, run.graph,
       CASE run.status WHEN 'queued' THEN 'busy' WHEN 'running' THEN 'busy' WHEN 'waiting' THEN 'interrupted'
                       WHEN 'failed' THEN 'error' ELSE 'idle' END,
       '{}', '{}', run.id, run.created_at, coalesce(run.finished_at, run.created_at)
FROM run WHERE run.id = (SELECT max(newest.id) FROM run AS newest WHERE newest.thread_id = run.thread_id)
"""


def _run_columns() -> list[sa.Column]:
    return [
        sa.Column("assistant_id", sa.String(64), nullable=True),
        sa.Column("options", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("meta", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("queue", sa.String(64), nullable=False, server_default="default"),
        sa.Column("priority", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("provider", sa.String(), nullable=True),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deaths", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("retries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("cancel", sa.String(), nullable=True),
    ]


def _schedule_columns() -> list[sa.Column]:
    return [
        sa.Column("assistant_id", sa.String(64), nullable=True),
        sa.Column("thread_id", sa.String(64), nullable=True),
        sa.Column("options", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("meta", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("keep_thread", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("actor", sa.String(), nullable=False, server_default="system"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
    ]


def _drop_defaults(table: str, columns: list[sa.Column]) -> None:
    """They were for the rows that are there; a new row brings its own values."""
    with op.batch_alter_table(table) as batch_op:
        for column in columns:
            if column.server_default is not None:
                batch_op.alter_column(column.name, server_default=None)


def _postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _partial_index(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)
