"""What people leave on reviews; the order of the queue stands in indexes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from memory.search import stems

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_view",
        sa.Column("tenant_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "actor", "name"),
    )
    with op.batch_alter_table("saved_view", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_saved_view_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "comment",
        sa.Column("tenant_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("review_id", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("mentions", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["review_id"],
            ["review.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("comment", schema=None) as batch_op:
        batch_op.create_index("comment_review", ["review_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_comment_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "review_claim",
        sa.Column("tenant_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("review_id", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["review_id"],
            ["review.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("review_id", "actor"),
    )
    with op.batch_alter_table("review_claim", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_claim_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "workcopy",
        sa.Column("tenant_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("review_id", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["review_id"],
            ["review.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("review_id", "actor"),
    )
    with op.batch_alter_table("workcopy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_workcopy_tenant_id"), ["tenant_id"], unique=False)

    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.add_column(sa.Column("rank", sa.Float(), server_default="-1.0", nullable=False))
        batch_op.drop_index(batch_op.f("review_queue"))
        batch_op.create_index("review_age", ["tenant_id", "status", "id", "lang", "kind"], unique=False)
        batch_op.create_index(
            "review_rank", ["tenant_id", "status", "rank", "id", "lang", "kind"], unique=False
        )

    op.execute("UPDATE review SET rank = score WHERE score IS NOT NULL")

    _make_findable()


def _make_findable() -> None:
    """The words of reviews, and those of the reviews that are there."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE review_words USING fts5(review_id UNINDEXED, words, detail=none)")
        words = ":words"
    else:
        op.execute(
            "CREATE TABLE review_words (review_id VARCHAR(64) PRIMARY KEY REFERENCES review (id),"
            " words TSVECTOR NOT NULL)"
        )
        op.execute("CREATE INDEX review_words_words ON review_words USING gin (words)")
        words = "to_tsvector('simple', :words)"
    put = sa.text(f"INSERT INTO review_words (review_id, words) VALUES (:id, {words})")  # noqa: S608
    for row in connection.execute(sa.text("SELECT id, title FROM review")).all():
        connection.execute(put, {"id": row.id, "words": " ".join(stems(row.title))})
