"""Limits of the amounts that people and roles may let go."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "approvallimit",
        sa.Column("tenant_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("rub", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("rub >= 0", name="approval_limit"),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "subject"),
    )
    with op.batch_alter_table("approvallimit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_approvallimit_tenant_id"), ["tenant_id"], unique=False)
