"""The companies' descriptions as vectors in a FAISS index: held in memory, made from the database."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlmodel import col, select

from .db import Memory, TenantSession
from .embeddings import CachedEmbeddings, Matrix
from .ids import digest
from .models import Company

Near = list[tuple[str, float]]


def describe(company: Company) -> str:
    """The text that stands for a company: what it is, what it does, what it connects to and for whom."""
    parts = [
        company.name,
        company.industry,
        company.description,
        company.summary,
        *company.sub_industries,
        *company.tags,
        *company.markets,
        *company.integrations,
    ]
    return ". ".join(part.strip() for part in parts if part and part.strip())


class Vectors:
    """Nearest companies by meaning, exactly (inner product of unit vectors), for one tenant.

    Empty until `refresh` or `rebuild`; FAISS is imported then, so that a server starts light.
    """

    def __init__(self, memory: Memory, embeddings: CachedEmbeddings) -> None:
        self._memory, self._embeddings = memory, embeddings
        self._lock = threading.Lock()
        self._index: Any = None
        self._keys: dict[str, int] = {}
        self._ids: dict[int, str] = {}
        self._digests: dict[str, str] = {}
        # FAISS wants numbers; one is never given to two companies.
        self._next = 0

    def of(self, memory: Memory) -> Vectors:
        """Those of another tenant, with the same model."""
        return Vectors(memory, self._embeddings)

    async def encode(self, texts: Sequence[str]) -> Matrix:
        """float32 (n, d), L2-normalised, through the cache."""
        return await self._embeddings.encode(texts)

    async def rebuild(self) -> None:
        """Forget everything and read it again."""
        with self._lock:
            self._remove(list(self._keys))
        await self.refresh()

    async def refresh(self) -> None:
        """Catch up with the database: only companies whose text has changed are encoded."""
        companies = await self._memory.read(_living)
        await self._replace(companies, gone=self._digests.keys() - {it.id for it in companies})

    async def update(self, companies: Sequence[Company]) -> None:
        """Put these companies in place of what the index knew of them; deleted ones leave it."""
        living = [it for it in companies if it.deleted_at is None]
        await self._replace(living, gone={it.id for it in companies} - {it.id for it in living})

    def search(self, vector: NDArray[np.float32], k: int) -> Near:
        """The k nearest companies to `vector` (d,) with their cosine, the nearest first."""
        with self._lock:
            if not self._keys:
                return []
            cosines, keys = self._index.search(
                vector.reshape(1, -1).astype(np.float32), min(k, len(self._keys))
            )
            return [
                (self._ids[int(key)], float(cosine)) for key, cosine in zip(keys[0], cosines[0], strict=True)
            ]

    def nearest(self, company_id: str, k: int) -> Near:
        """The k companies nearest to this one, itself left out; none when the index does not know it."""
        vector = self.vector(company_id)
        found = [] if vector is None else self.search(vector, k + 1)
        return [near for near in found if near[0] != company_id][:k]

    def vector(self, company_id: str) -> NDArray[np.float32] | None:
        """The company's vector (d,), or None when the index does not know it."""
        with self._lock:
            key = self._keys.get(company_id)
            return None if key is None else np.asarray(self._index.reconstruct(key), np.float32)

    def __len__(self) -> int:
        return len(self._keys)

    async def _replace(self, companies: Sequence[Company], gone: Iterable[str]) -> None:
        texts = {it.id: describe(it) for it in companies}
        digests = {id: digest(text) for id, text in texts.items()}
        changed = [id for id in texts if self._digests.get(id) != digests[id]]
        matrix = await self._embeddings.encode([texts[id] for id in changed])
        with self._lock:
            self._remove([*gone, *changed])
            self._add(changed, matrix)
            self._digests.update({id: digests[id] for id in changed})

    def _add(self, ids: Sequence[str], matrix: Matrix) -> None:
        if not ids:
            return
        if self._index is None:
            self._index = _new_index(self._embeddings.dimensions)
        keys = range(self._next, self._next + len(ids))
        self._index.add_with_ids(matrix, np.array(keys, np.int64))
        self._next += len(ids)
        self._keys.update(zip(ids, keys, strict=True))
        self._ids.update(zip(keys, ids, strict=True))

    def _remove(self, ids: Iterable[str]) -> None:
        known = [id for id in ids if id in self._keys]
        keys = [self._keys.pop(id) for id in known]
        if keys:
            self._index.remove_ids(np.array(keys, np.int64))
        for id, key in zip(known, keys, strict=True):
            del self._ids[key], self._digests[id]


def _new_index(dimensions: int) -> Any:
    import faiss

    # More threads than one only wait for each other on shared cores.
    faiss.omp_set_num_threads(1)
    return faiss.IndexIDMap2(faiss.IndexFlatIP(dimensions))


def _living(session: TenantSession) -> Sequence[Company]:
    return session.exec(
        select(Company).where(col(Company.deleted_at).is_(None)).order_by(col(Company.id))
    ).all()
