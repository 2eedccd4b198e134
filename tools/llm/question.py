"""Who asks, what they ask, and what they get for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Union

from langchain_core.messages import BaseMessage
from pydantic import BaseModel

from .attempt import Attempt
from .call import Reply

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool


# The last is LangChain's.
Tool = Union[Mapping[str, Any], type[BaseModel], Callable[..., Any], "BaseTool"]


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
    """schema: the object that is wanted; tools: what may be called, as LangChain has them, or functions
    {name, description, parameters}. Not both: to some vendors a schema is a tool that must be called."""

    messages: Sequence[BaseMessage]
    asker: Asker
    schema: type[BaseModel] | None = None
    tools: Sequence[Tool] = ()

    def __post_init__(self) -> None:
        if self.schema is not None and self.tools:
            raise ValueError("a question has a schema or tools, not both")

    def functions(self) -> Sequence[Mapping[str, Any]]:
        """The tools as a call has them."""
        if not self.tools:
            return ()
        # A tenth of a second to import, which most processes never need.
        from langchain_core.utils.function_calling import convert_to_openai_function

        return [convert_to_openai_function(tool) for tool in self.tools]


@dataclass(frozen=True)
class Answer:
    """value: of the schema that was asked for; attempts: all of them, the one that answered last."""

    reply: Reply
    value: BaseModel | None
    provider: str
    attempts: Sequence[Attempt]
