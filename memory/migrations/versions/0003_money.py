"""Budgets, and what a call to a model was part of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "budget",
        sa.Column("tenant_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(192), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("taken_rub", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_budget_tenant_id"), "budget", ["tenant_id"], unique=False)

    with op.batch_alter_table("usage") as batch_op:
        batch_op.add_column(sa.Column("question_id", sa.String(64), nullable=True))
        batch_op.add_column(sa.Column("attempt", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("key", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("prompt", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("message", sa.String(), nullable=True))
        batch_op.create_index(batch_op.f("ix_usage_question_id"), ["question_id"], unique=False)
    # The default was for the calls that are there: each was the only one of its question.
    with op.batch_alter_table("usage") as batch_op:
        batch_op.alter_column("attempt", server_default=None)
