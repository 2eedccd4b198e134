"""What models say of a pair."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ADDED = ("risks", "judged")


def upgrade() -> None:
    with op.batch_alter_table("partnership") as batch_op:
        for name in ADDED:
            batch_op.add_column(sa.Column(name, sa.JSON(), nullable=False, server_default="[]"))
    # The default was for the pairs that are there: nobody was asked about them.
    with op.batch_alter_table("partnership") as batch_op:
        for name in ADDED:
            batch_op.alter_column(name, server_default=None)
