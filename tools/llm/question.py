"""Who asks, what they ask, and what they get for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import BaseMessage
from pydantic import BaseModel

from .attempt import Attempt
from .call import Reply


@dataclass(frozen=True)
class Asker:
    """agent: whose policy and budget it is; thread_id: who keeps getting the same model in a comparison.

    question_id, prompt: for the record, which question it is and the label of its prompt.
    """

    agent: str
    thread_id: str | None = None
    question_id: str | None = None
    prompt: str | None = None


@dataclass(frozen=True)
class Question:
    """schema: the object that is wanted; tools: functions {name, description, parameters}."""

    messages: Sequence[BaseMessage]
    asker: Asker
    schema: type[BaseModel] | None = None
    tools: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class Answer:
    """value: of the schema that was asked for; attempts: all of them, the one that answered last."""

    reply: Reply
    value: BaseModel | None
    provider: str
    attempts: Sequence[Attempt]
