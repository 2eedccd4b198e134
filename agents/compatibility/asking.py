"""Asking a model about a pair: what it is told, and who answered or why nobody did."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import BaseModel
from typing_extensions import TypedDict

import prompts
from agents.context import Context, Lang
from agents.evidence.facts import category_of, entries
from agents.evidence.grounds import Problem, told
from agents.evidence.orders import called
from agents.evidence.record import Record
from agents.evidence.typography import shorten
from prompts import Prompt
from tools.llm.errors import LLMUnavailable

NOTE_LENGTH = 300

_LEFT_OUT: dict[Lang, str] = {"ru": "Отброшено", "en": "Left out"}

AnswerT = TypeVar("AnswerT", bound=BaseModel)


class Judged(TypedDict):
    """For the record. what: judgement | risks; author: provider and model, None when nobody answered; prompt:
    its label; note: what of the answer was left out, or why there is none.
    """

    what: str
    author: str | None
    prompt: str
    note: str | None


async def ask(
    ctx: Context, what: str, schema: type[AnswerT], record: Record, *, agent: str, thread_id: str
) -> tuple[AnswerT | None, Judged | None]:
    """The answer to the prompt `what`, and who gave it; neither when there is no model to ask."""
    if not ctx.llm.can_ask(agent, thread_id=thread_id):
        return None, None
    prompt = prompt_for(what, schema, record, ctx.policy.lang)
    judged = Judged(what=what, author=None, prompt=prompt.label, note=None)
    try:
        completion = await ctx.llm.complete(prompt, schema, agent=agent, thread_id=thread_id)
    except LLMUnavailable as error:
        return None, {**judged, "note": shorten(str(error), NOTE_LENGTH)}
    author = f"{completion.provider} {completion.model}"
    return completion.value, {**judged, "author": author, "prompt": completion.prompt or prompt.label}


def prompt_for(what: str, schema: type[BaseModel], record: Record, lang: Lang) -> Prompt:
    pair: list[dict[str, Any]] = [
        {"name": called(company.name), "category": category.label[lang] if category else None}
        for company, category in ((it, category_of(it)) for it in record.pair)
    ]
    return prompts.load(what, lang, pair=pair, facts=entries(record), schema=schema.model_json_schema())


def left_out(problems: Iterable[Problem], lang: Lang) -> str | None:
    """Why something was left out of an answer. What it was is not repeated: somebody else may speak in it."""
    why = ", ".join(dict.fromkeys(told(it, lang) for it in problems))
    return f"{_LEFT_OUT[lang]}: {why}" if why else None
