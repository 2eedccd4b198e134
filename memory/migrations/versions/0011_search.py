"""Search: beginnings of words and what filters ask stand in the index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from memory.search import terms

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The words of reviews, and those of the reviews that are there: their letters' stand in their drafts."""
    with op.batch_alter_table("review_claim", schema=None) as batch_op:
        batch_op.create_index("review_claim_until", ["tenant_id", "until"], unique=False)
    op.execute("DROP TABLE review_words")
    connection = op.get_bind()
    words = ":words"
    if connection.dialect.name == "sqlite":
        for statement in _SQLITE:
            op.execute(statement)
    else:
        op.execute(
            "CREATE TABLE review_words (review_id VARCHAR(64) PRIMARY KEY REFERENCES review (id),"
            " words TSVECTOR NOT NULL)"
        )
        op.execute("CREATE INDEX review_words_words ON review_words USING gin (words)")
        words = "CAST(:words AS tsvector)"
    put = sa.text(f"INSERT INTO review_words (review_id, words) VALUES (:id, {words})")  # noqa: S608
    for row in connection.execute(_REVIEWS).all():
        shown = [text for text in (row.subject, row.body) if text]
        found = terms(row.title, shown, row.tenant_id, row.status, row.lang, row.kind)
        connection.execute(put, {"id": row.id, "words": found})


_REVIEWS = sa.text(
    "SELECT review.id, title, subject, body, review.tenant_id, review.status, review.lang, review.kind"
    " FROM review LEFT JOIN draft ON draft.id = review.draft_id"
)
# The index keeps no words of its own, and triggers tell it what becomes of those of the table.
_SQLITE = (
    "CREATE TABLE review_words (number INTEGER PRIMARY KEY,"
    " review_id VARCHAR(64) NOT NULL UNIQUE REFERENCES review (id), words VARCHAR NOT NULL)",
    "CREATE VIRTUAL TABLE review_index USING fts5(words, content='review_words', content_rowid='number',"
    " detail=none, tokenize=\"ascii tokenchars '=.'\")",
    "CREATE TRIGGER review_words_put AFTER INSERT ON review_words BEGIN"
    " INSERT INTO review_index (rowid, words) VALUES (new.number, new.words); END",
    "CREATE TRIGGER review_words_gone AFTER DELETE ON review_words BEGIN"
    " INSERT INTO review_index (review_index, rowid, words) VALUES ('delete', old.number, old.words); END",
    "CREATE TRIGGER review_words_changed AFTER UPDATE ON review_words BEGIN"
    " INSERT INTO review_index (review_index, rowid, words) VALUES ('delete', old.number, old.words);"
    " INSERT INTO review_index (rowid, words) VALUES (new.number, new.words); END",
)
