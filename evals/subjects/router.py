"""Questions put to production's router, under the policies and budgets of a case."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import yaml
from langchain_core.messages import HumanMessage
from pydantic import BaseModel
from sqlmodel import col, select

from agents.outreach.letter import LetterText
from graphs.runtime.llm import Llm
from memory.db import TenantSession
from memory.models import Usage
from prompts import Prompt
from tools.llm.attempt import Attempt
from tools.llm.errors import LLMUnavailable
from tools.llm.events import Done, Restarted, Text
from tools.llm.outcome import ANSWERED
from tools.llm.question import Asker
from tools.llm.question import Question as Put

from ..dataset import FOLDER
from ..nodes import Nodes
from ..scorers.router import Came, Question, RouterCase, Way
from ..world import World

# Prices of the evaluation's own: those of the vendors may change.
PRICES = FOLDER / "router" / "prices.yaml"
BROKE_OFF = " ↺ "


class City(BaseModel):
    name: str
    people: int


def find(name: str) -> str:
    """Find a company by its name."""
    return name


async def route(case: RouterCase, world: World) -> list[Came]:
    world.folder.mkdir(parents=True, exist_ok=True)
    policies = world.folder / "policies.yaml"
    policies.write_text(yaml.safe_dump(case.policies, allow_unicode=True), encoding="utf-8")
    given = {"llm_policies": policies, "llm_prices": PRICES, "llm_budget_rub": case.budget_rub}
    async with world.nodes(**given) as nodes:
        return [await _came(nodes, case.lang, it) for it in case.questions]


async def _came(nodes: Nodes, lang: str, asked: Question) -> Came:
    before = len(await _recorded(nodes))
    attempts: Sequence[Attempt] = ()
    try:
        said, attempts = await WAYS[asked.way](nodes.llm, lang, asked)
        by = _model(attempts[-1]) if attempts and attempts[-1].outcome in ANSWERED else "templates"
    except LLMUnavailable as error:
        # One that is over the budget does not say who was tried: then the record does.
        said, by, attempts = "", type(error).__name__, getattr(error, "attempts", ())
    rows = (await _recorded(nodes))[before:]
    tried = [_line(it) for it in attempts] or [f"{it.provider}/{it.model} {it.outcome}" for it in rows]
    return Came(by, tried, 100 * sum(it.cost_rub for it in rows), said)


def _model(attempt: Attempt) -> str:
    return f"{attempt.provider}/{attempt.model}"


def _line(attempt: Attempt) -> str:
    return f"{_model(attempt)} {attempt.outcome}" + ("" if attempt.asked else ", not asked")


async def _recorded(nodes: Nodes) -> Sequence[Usage]:
    """All calls so far: they are written beside the work."""
    await nodes.llm.spending.aclose()
    return await nodes.memory.read(_calls)


def _calls(session: TenantSession) -> Sequence[Usage]:
    return session.exec(select(Usage).order_by(col(Usage.created_at))).all()


_Said = tuple[str, Sequence[Attempt]]


async def _object(llm: Llm, lang: str, asked: Question) -> _Said:
    return await _completed(llm, Prompt("question", lang, "eval", asked.text, {}), City, asked)


async def _letter(llm: Llm, lang: str, asked: Question) -> _Said:
    """A template can write it, from these."""
    named = {name: {"name": name.title(), "category": None} for name in ("recipient", "partner")}
    unknown = dict.fromkeys(("signal", "link", "categories", "api", "stack"))
    told = {"text": "CRM", "evidence": ["fact"]}
    given: dict[str, Any] = {**named, **unknown, "description": told, "style": "formal", "short": False}
    return await _completed(llm, Prompt("letter", lang, "eval", asked.text, given), LetterText, asked)


async def _completed(llm: Llm, prompt: Prompt, schema: type[BaseModel], asked: Question) -> _Said:
    done = await llm.prompted.complete(prompt, schema, agent=asked.agent, thread_id=asked.thread)
    return str(next(iter(dict(done.value).values()))), done.attempts


async def _text(llm: Llm, lang: str, asked: Question) -> _Said:
    answer = await llm.router.ask(_put(asked))
    return answer.reply.message.text, answer.attempts


async def _tools(llm: Llm, lang: str, asked: Question) -> _Said:
    answer = await llm.router.ask(_put(asked, tools=(find,)))
    called = [f"{it['name']}({it['args']['name']})" for it in answer.reply.message.tool_calls]
    return ", ".join(called), answer.attempts


async def _streamed(llm: Llm, lang: str, asked: Question) -> _Said:
    said: list[str] = []
    async for event in llm.router.stream(_put(asked)):
        if isinstance(event, Text):
            said.append(event.text)
        elif isinstance(event, Restarted):
            said.append(BROKE_OFF)
        elif isinstance(event, Done):
            return "".join(said), event.answer.attempts
    raise AssertionError("a stream ends with its answer or an error")


def _put(asked: Question, **more: Any) -> Put:
    return Put([HumanMessage(asked.text)], Asker(asked.agent, asked.thread), **more)


WAYS: Mapping[Way, Callable[[Llm, str, Question], Awaitable[_Said]]] = {
    "object": _object,
    "letter": _letter,
    "text": _text,
    "tools": _tools,
    "stream": _streamed,
}
