"""How a fake vendor finds, in a data set, what a model answers to a prompt."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from evals.answers import Said

_DATA = re.compile(r"<data>\n(.*?)\n</data>", re.DOTALL)
_CARD = ("industry", "description", "integrations", "tech_stack", "markets", "api_docs_url")


class NoAnswer(LookupError):
    """A prompt that none of the answers is for."""


def answer_to(prompt: str, known: Iterable[Said]) -> dict[str, Any]:
    """The answer whose marks say most of the prompt. Errors: NoAnswer."""
    asked = [it for it in known if f'"title": "{it.to}"' in prompt]
    fits = [it for it in asked if all(shown(mark) in prompt for mark in it.marks)]
    if not fits:
        raise NoAnswer(f"nobody answers {prompt[:80]!r}")
    told = max(fits, key=lambda it: sum(map(len, it.marks)))
    answer: dict[str, Any] = _cited(told.says, _facts(prompt))
    return answer


def shown(words: str) -> str:
    """The words as a fenced prompt has them."""
    fenced = json.dumps(words, ensure_ascii=False)[1:-1]
    return fenced.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _facts(prompt: str) -> Sequence[Mapping[str, Any]]:
    fenced = [json.loads(it) for it in _DATA.findall(prompt)]
    return next((it for it in fenced if isinstance(it, list) and it and "id" in it[0]), [])


def _cited(said: Any, facts: Sequence[Mapping[str, Any]]) -> Any:
    if isinstance(said, dict):
        return {name: _cited(value, facts) for name, value in said.items()}
    if isinstance(said, list):
        return [_cited(value, facts) for value in said]
    return _id(said, facts) if isinstance(said, str) and said.startswith("@") else said


def _id(said: str, facts: Sequence[Mapping[str, Any]]) -> str:
    about, _, kind = said[1:].rpartition("/")
    for it in facts:
        of_card = it["kind"] == kind and it["about"].startswith(about)
        if of_card or (said == "@news" and it["kind"] not in _CARD):
            return str(it["id"])
    raise NoAnswer(f"no fact of the prompt is {said}")
