"""Models asked what articles say: one question an article, and one line about those that nobody answered."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import prompts
from agents.context import LLM
from memory.models import Article
from prompts import Prompt
from tools.llm.errors import LLMUnavailable

from .answer import Answer
from .reading import page_of

AGENT = "scout"
AT_ONCE = 8


@dataclass(frozen=True)
class Said:
    """An answer; by: the model and the prompt, as the record names them."""

    answer: Answer
    by: str


@dataclass(frozen=True)
class Told:
    """by_article: the answers, by the article's id; problems: one line, or none."""

    by_article: dict[str, Said]
    problems: list[str]


async def ask(llm: LLM, articles: Sequence[Article], thread_id: str | None) -> Told:
    """Every article that has a text. Where no model may be asked this costs nothing and is no problem."""
    if not llm.can_ask(AGENT, thread_id=thread_id):
        return Told({}, [])
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(article: Article) -> Said | LLMUnavailable:
        async with slots:
            return await _ask(llm, article, thread_id)

    asked = [article for article in articles if article.text.strip()]
    said = await asyncio.gather(*(one(article) for article in asked))
    answers = {row.id: it for row, it in zip(asked, said, strict=True) if isinstance(it, Said)}
    return Told(answers, list(_problem([it for it in said if isinstance(it, LLMUnavailable)])))


def prompt_for(article: Article) -> Prompt:
    """The question about an article, in its language. What it says to machines is left out."""
    page = page_of(article)
    lines = [page.text[it.start : it.stop] for it in page.sentences if it.start > len(article.title)]
    published = article.published_at.date().isoformat() if article.published_at else None
    shown = {"title": article.title, "published": published, "text": "\n".join(lines)}
    lang = "en" if article.lang == "en" else "ru"
    return prompts.load("extract", lang, article=shown, schema=Answer.model_json_schema())


async def _ask(llm: LLM, article: Article, thread_id: str | None) -> Said | LLMUnavailable:
    prompt = await asyncio.to_thread(prompt_for, article)
    try:
        completion = await llm.complete(prompt, Answer, agent=AGENT, thread_id=thread_id)
    except LLMUnavailable as error:
        return error
    by = f"{completion.provider}/{completion.model} {completion.prompt or prompt.label}"
    return Said(completion.value, by)


def _problem(failed: Sequence[LLMUnavailable]) -> Sequence[str]:
    return [f"{len(failed)} article(s) read by the rules alone: {failed[0]}"] if failed else []
