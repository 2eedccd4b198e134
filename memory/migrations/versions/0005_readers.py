"""Who read a mention and a signal out of its article."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Until now the rules were the only reader. The default stays: without it SQLite would remake the tables.
    for table in ("mention", "signal"):
        op.add_column(table, sa.Column("read_by", sa.String(), nullable=False, server_default="rules"))
