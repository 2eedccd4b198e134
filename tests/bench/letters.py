"""A long queue: pairs of companies, a letter each in the words of real news, and nobody has decided yet."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations, islice, product
from pathlib import Path
from random import Random
from typing import Any

from sqlmodel import SQLModel

from memory import search
from memory.db import Memory, TenantSession
from memory.models import Draft, Evidence, Partnership, Review, Run, RunStatus, TenantRow, Thread, Trigger
from tests.fakes.rows import NOW, company

MANY = 100_000
AT_ONCE = 5_000
NEWS = Path(__file__).parents[2] / "evals" / "datasets" / "news" / "news_dev.jsonl"
TOPICS = ("партнёрство", "интеграция", "совместный вебинар", "общий тариф", "обмен лидами", "пилот")
FACTORS = ("market", "product", "audience", "geography", "timing", "popularity")
ALLOWED = ["approve", "edit", "reject", "respond"]
# Names of some hundred companies: each is in some hundred letters.
_HEADS = ("Альфа", "Бета", "Вектор", "Грань", "Дельта", "Заря", "Квант", "Лада", "Мост", "Нева", "Орбита")
_MIDDLES = ("Софт", "Тех", "Дата", "Облако", "Сервис", "Логика", "Сеть", "Код", "Линк", "Пэй", "Док")
_ENDS = ("Про", "Плюс", "Лаб", "Онлайн")


@dataclass(frozen=True)
class Letter:
    """Of the pair of companies `a` and `b`, whose names are their ids. number: the oldest is 0."""

    number: int
    a: str
    b: str
    score: float | None
    lang: str
    subject: str
    body: str

    def id(self, kind: str) -> str:
        return f"{kind}-{self.number:06}"

    @property
    def at(self) -> datetime:
        return NOW + timedelta(seconds=self.number - MANY)

    @property
    def title(self) -> str:
        return f"{self.a} × {self.b}"


async def fill(memory: Memory, many: int = MANY) -> None:
    """The same letters each time, as runs that wait for a decision leave them."""
    await memory.write(_add_companies)
    all = letters(many)
    while some := list(islice(all, AT_ONCE)):
        await memory.write(_add, some)


def letters(many: int) -> Iterator[Letter]:
    random, sentences = Random(5), _sentences()
    pairs = list(islice(combinations(_names(), 2), many))
    random.shuffle(pairs)
    for number, (a, b) in enumerate(pairs):
        score = None if random.random() < 0.05 else round(random.random(), 4)
        lang = "en" if random.random() < 0.2 else "ru"
        said = " ".join(random.sample(sentences, 5))
        # One letter in ten has a word that no other has.
        own = f" Договор ДП{number}." if number % 10 == 0 else ""
        yield Letter(number, a, b, score, lang, f"{a} и {b}: {random.choice(TOPICS)}", f"{said}{own}")


def _names() -> list[str]:
    """Sorted as a pair's companies are."""
    return sorted(" ".join(parts) for parts in product(_HEADS, _MIDDLES, _ENDS))


def _sentences() -> list[str]:
    texts = (json.loads(line)["text"] for line in NEWS.read_text("utf-8").splitlines())
    return [f"{said.strip('.')}." for text in texts for said in text.split(". ")]


def _add_companies(session: TenantSession) -> None:
    session.add_all(company(name, industry="CRM", city="Казань") for name in _names())


def _add(session: TenantSession, some: Sequence[Letter]) -> None:
    for model, row_of in _ROWS.items():
        whole = model(**row_of(some[0])).model_dump()
        table = SQLModel.metadata.tables[str(model.__tablename__)]
        session.connection().execute(table.insert(), [{**whole, **row_of(letter)} for letter in some])
    search.index(session, [Review(**_review(letter)) for letter in some])


def _thread(it: Letter) -> dict[str, Any]:
    return {"id": it.id("t"), "graph": "letter", "created_at": it.at, "updated_at": it.at}


def _run(it: Letter) -> dict[str, Any]:
    kind = {"graph": "letter", "trigger": Trigger.API, "status": RunStatus.WAITING}
    return {"id": it.id("run"), "thread_id": it.id("t"), **kind, "created_at": it.at}


def _evidence(it: Letter) -> dict[str, Any]:
    return {"id": it.id("e"), "quote": it.body[:80], "url": "https://news.test/1", "fetched_at": it.at}


def _pair(it: Letter) -> dict[str, Any]:
    risk = {"kind": "competition", "severity": "high", "text": "Конкуренты", "evidence": [it.id("e")]}
    factor = {"weight": 0.17, "value": it.score, "evidence": ["общие клиенты в рознице"]}
    return {
        **{"id": it.id("p"), "company_a_id": it.a, "company_b_id": it.b, "score": it.score},
        **{"confidence": 0.8, "factors": [{"name": name, **factor} for name in FACTORS]},
        **{"reasons": ["Общий рынок"], "synergy_areas": ["api"]},
        **{"risks": [risk] if it.number % 7 == 0 else [], "created_at": it.at, "updated_at": it.at},
    }


def _draft(it: Letter) -> dict[str, Any]:
    return {
        **{"id": it.id("d"), "thread_id": it.id("t"), "partnership_id": it.id("p"), "version": 1},
        **{"lang": it.lang, "style": "formal", "recipient_company_id": it.b, "to_name": it.b},
        **{"subject": it.subject, "body": it.body, "author": "offline", "created_at": it.at},
        "claims": [{"text": it.body[:80], "evidence": [it.id("e")]}],
    }


def _review(it: Letter) -> dict[str, Any]:
    args = {"draft_id": it.id("d"), "version": 1, "subject": it.subject, "body": it.body}
    request = {
        "action_requests": [{"name": "send_letter", "args": args, "description": it.title}],
        "review_configs": [{"action_name": "send_letter", "allowed_decisions": ALLOWED}],
    }
    return {
        **{"id": it.id("r"), "run_id": it.id("run"), "thread_id": it.id("t"), "interrupt_id": "i"},
        **{"kind": "outreach", "partnership_id": it.id("p"), "draft_id": it.id("d"), "draft_version": 1},
        **{"title": it.title, "lang": it.lang, "score": it.score, "request": request, "created_at": it.at},
        "rank": -1.0 if it.score is None else it.score,
    }


# In an order that foreign keys allow.
_ROWS: dict[type[TenantRow], Callable[[Letter], dict[str, Any]]] = {
    Thread: _thread,
    Run: _run,
    Evidence: _evidence,
    Partnership: _pair,
    Draft: _draft,
    Review: _review,
}
