"""Sentence vectors by the hash of the text they stand for."""

from __future__ import annotations

from sqlmodel import Field, SQLModel


class Embedding(SQLModel, table=True):
    """A cache of pure computation, so it belongs to no tenant: the key is the text itself."""

    model: str = Field(primary_key=True)
    text_hash: str = Field(primary_key=True, max_length=64)
    vector: bytes = Field(description="float32, little-endian, L2-normalised")
