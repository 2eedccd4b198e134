"""The scout with a model to ask, over the real SDKs: what that adds, and what no article makes of it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from html import escape
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from langgraph.runtime import Runtime
from sqlmodel import col, select

from agents.scout.nodes import extract, fetch, resolve
from graphs.runtime.runs import Request
from graphs.runtime.services import Services, open_services
from graphs.runtime.settings import Settings
from memory import news
from memory.db import TenantSession
from memory.models import Company, Evidence, Mention, Run, RunStatus, Signal, Trigger, Usage
from tests.fakes.llm.openrouter import FakeOpenRouter
from tests.fakes.llm.script import Script, Turn, says, structured
from tests.fakes.llm.vendor import KEY
from tests.fakes.llm.yandex import FOLDER, FakeYandex
from tests.fakes.sqlite import migrated_file
from tests.fakes.twins import HONEST, TITLE, Twin, company, event, twins

pytestmark = pytest.mark.asyncio(loop_scope="module")
Fact = tuple[object, ...]
# Without a sentence of its own the fake quotes the whole prompt, which is more than the headers of gRPC hold.
REFUSED = Turn(status=403, said="Permission denied")
_FENCED = re.compile(r"(?<=<data>\n).*?(?=\n</data>)", re.DOTALL)
_NUMBERS = count(1)
# What leaves the country is rewritten on the way: the fence must hold there too.
FENCED = [twin for twin in twins() if twin.name == "fence"]


def opened(folder: Path, **settings: Any) -> AbstractAsyncContextManager[Services]:
    migrated_file(folder / "data")
    # No pair reaches the threshold: its run records a score and ends.
    return open_services(Settings(data_dir=folder / "data", threshold=1.0, **settings))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def at_home(yandex: FakeYandex, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Services]:
    told = {"yandex_keys": KEY, "yandex_folder": FOLDER, "yandex_url": yandex.address}
    async with opened(tmp_path_factory.mktemp("home"), **told) as services:
        yield services


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def abroad(
    openrouter: FakeOpenRouter, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Services]:
    told = {"openrouter_keys": KEY, "openrouter_url": openrouter.url}
    async with opened(tmp_path_factory.mktemp("abroad"), **told) as services:
        yield services


async def follow(services: Services, html: str, title: str = "Новость") -> str:
    """The id of a feed with this one article."""
    number = next(_NUMBERS)
    item = f"<title>{escape(title)}</title><link>https://news.test/{number}</link>"
    item += f"<pubDate>Thu, 19 Nov 2026 09:00:00 +0300</pubDate><description>{escape(html)}</description>"
    path = services.settings.data_dir / f"{number}.xml"
    path.write_text(
        f'<rss version="2.0"><channel><title>Лента</title><item>{item}</item></channel></rss>', "utf-8"
    )
    told = {"id": f"feed-{number}", "url": path.as_uri(), "now": services.clock()}
    return (await services.memory.write(news.add_feed, **told)).id


async def read(services: Services, html: str, title: str) -> dict[str, Any]:
    """The state after the article went through the nodes."""
    state: dict[str, Any] = {"feed_ids": [await follow(services, html, title)], "thread_id": "thread"}
    for node in (fetch, extract, resolve):
        told = await node(state, Runtime(context=services.context))  # type: ignore[operator]
        state |= told.update
    return state


def _facts(session: TenantSession, article_ids: Sequence[str]) -> set[Fact]:
    """What the record has of these articles: the companies they name, and what happened."""
    names = {row.id: row.name for row in session.exec(select(Company))}
    mentions = session.exec(select(Mention).where(col(Mention.article_id).in_(article_ids)))
    signals = session.exec(select(Signal).where(col(Signal.article_id).in_(article_ids)))
    quotes = {row.id: row.quote for row in session.exec(select(Evidence))}
    found: set[Fact] = {(names[it.company_id], it.surface) for it in mentions}
    for it in signals:
        other = names[it.object_company_id] if it.object_company_id else it.object_name
        said = (it.amount_rub, str(it.happened_on), quotes[it.evidence_id])
        found.add((it.type, names[it.company_id], other, *said))
    return found


def _rows(session: TenantSession, kind: type[Any]) -> list[Any]:
    return list(session.exec(select(kind)))


def prompts_of(script: Script) -> list[str]:
    """The last message of each request, whoever was asked."""
    bodies = [asked.body for asked in script.asked]
    return [
        body["messages"][-1]["content"] if isinstance(body, dict) else body.messages[-1].text
        for body in bodies
    ]


async def compare(services: Services, script: Script, twin: Twin) -> None:
    script.reset()
    script.next(structured(HONEST[twin.lang]), structured(twin.said))
    clean = await read(services, twin.clean, TITLE[twin.lang])
    known = {row.name for row in await services.memory.read(_rows, Company)}
    poisoned = await read(services, twin.poisoned, TITLE[twin.lang])
    told, lied = [await services.memory.read(_facts, it["articles"]) for it in (clean, poisoned)]
    assert len([fact for fact in told if len(fact) > 2]) == 1, "the clean one tells of one event"
    # What only a model can read, an article may talk it out of. What the rules read, it may not.
    assert lied == told if twin.lang == "ru" else lied <= told
    assert {row.name for row in await services.memory.read(_rows, Company)} == known

    one, other = prompts_of(script)
    assert _FENCED.sub("", one) == _FENCED.sub("", other), "the poison changed the question"
    assert other.count("<data>\n") == other.count("\n</data>") == 1
    assert "999" not in _FENCED.sub("", other)


@pytest.mark.parametrize("twin", twins(), ids=lambda twin: f"{twin.lang} {twin.name}")
async def test_a_poisoned_article_is_read_like_its_clean_twin(
    at_home: Services, yandex: FakeYandex, twin: Twin
) -> None:
    await compare(at_home, yandex.script, twin)


@pytest.mark.parametrize("twin", FENCED, ids=lambda twin: f"{twin.lang} {twin.name}")
async def test_a_poisoned_article_abroad(abroad: Services, openrouter: FakeOpenRouter, twin: Twin) -> None:
    await compare(abroad, openrouter.script, twin)


async def scouted(services: Services, html: str) -> Run:
    request = Request("scout", {"feed_ids": [await follow(services, html)]}, Trigger.PERSON, "person:test")
    run, _ = await services.runs.start(request)
    ended = await services.runs.wait(run.id)
    assert (ended.status, ended.error) == (RunStatus.DONE, None)
    return ended


async def signals_of(services: Services, run: Run) -> list[Signal]:
    ids = set(run.result["articles"])
    return [it for it in await services.memory.read(_rows, Signal) if it.article_id in ids]


async def test_an_event_that_the_rules_miss_is_recorded_with_its_evidence_and_reader(
    at_home: Services, yandex: FakeYandex
) -> None:
    yandex.script.reset()
    quote = "Acme Robotics bought a stake in Gamma Soft for 12 million roubles."
    said = {
        "companies": [company("Acme Robotics"), company("Gamma Soft")],
        "events": [event("acquisition", "Acme Robotics", "Gamma Soft", quote, "12 million roubles")],
    }
    yandex.script.always(structured(said))
    run = await scouted(at_home, f"<p>It is autumn. {quote} The market grows.</p>")
    assert run.result["problems"] == []
    (signal,) = await signals_of(at_home, run)
    (evidence,) = [it for it in await at_home.memory.read(_rows, Evidence) if it.id == signal.evidence_id]
    names = {row.id: row.name for row in await at_home.memory.read(_rows, Company)}
    sides = names[signal.company_id], names[signal.object_company_id or ""]
    assert sides == ("Acme Robotics", "Gamma Soft")
    told = signal.type, signal.amount_rub, str(signal.happened_on)
    assert told == ("acquisition", 12_000_000, "2026-11-19")
    assert evidence.quote == quote and evidence.url is not None
    assert re.fullmatch(r"yandex/yandexgpt-lite\S* extract\.en@[0-9a-f]{12}", signal.read_by), signal.read_by
    mentions = [it for it in await at_home.memory.read(_rows, Mention) if it.article_id == signal.article_id]
    assert {it.read_by for it in mentions} == {signal.read_by} and len(mentions) == 2


async def test_what_both_read_says_so(at_home: Services, yandex: FakeYandex) -> None:
    yandex.script.reset()
    yandex.script.always(structured(HONEST["ru"]))
    run = await scouted(at_home, "<p>«Яндекс» приобрёл «Сказбуку», платформу игр, за 40 млн рублей.</p>")
    (signal,) = await signals_of(at_home, run)
    assert re.fullmatch(r"rules; yandex/\S+ extract\.ru@[0-9a-f]{12}", signal.read_by), signal.read_by


@pytest.mark.parametrize(
    ("turn", "outcomes"), [(says("Не знаю."), ["invalid"] * 2), (REFUSED, ["unauthorised"])]
)
async def test_where_no_model_answers_the_rules_stand_and_the_record_says_so(
    at_home: Services, yandex: FakeYandex, turn: Any, outcomes: list[str]
) -> None:
    yandex.script.reset()
    yandex.script.always(turn)
    await at_home.llm.spending.aclose()
    before = {row.id for row in await at_home.memory.read(_rows, Usage)}
    run = await scouted(at_home, "<p>«Яндекс» приобрёл «Сказбуку», платформу игр, за 41 млн рублей.</p>")
    (signal,) = await signals_of(at_home, run)
    assert (signal.type, signal.amount_rub, signal.read_by) == ("acquisition", 41_000_000, "rules")
    (problem,) = run.result["problems"]
    assert problem.startswith("1 article(s) read by the rules alone: no model answered")
    assert outcomes[0] in problem
    assert "Яндекс" not in problem
    await at_home.llm.spending.aclose()
    calls = [row for row in await at_home.memory.read(_rows, Usage) if row.id not in before]
    assert [row.outcome for row in sorted(calls, key=lambda row: row.attempt)] == outcomes
    assert all(row.prompt and row.prompt.startswith("extract.ru@") for row in calls)
