"""YandexGPT as a chat model of LangChain, over the vendor's SDK, whose own wrapper drops results of tools."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import LanguageModelInput
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, ToolCall, ToolCallChunk
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.utils.function_calling import convert_to_json_schema, convert_to_openai_function
from pydantic import BaseModel, Field

from .yandex_structured import parsed
from .yandex_studio import Studio
from .yandex_words import Unsayable, sent, tool_calls, usage

_PARTIAL = "PARTIAL"
_FILTERED = "CONTENT_FILTER"
# As LangChain's other models call them.
_FINISHES = {
    "FINAL": "stop",
    "TRUNCATED_FINAL": "length",
    _FILTERED: "content_filter",
    "TOOL_CALLS": "tool_calls",
}
_CHOICES = {"any": "required", True: "required", "required": "required", "auto": "auto", "none": "none"}


class BrokenAnswer(RuntimeError):
    """The vendor sent what is no answer, or not all of one."""


class ChatYandex(BaseChatModel):
    """Asynchronous only. In an answer's response_metadata: `finish_reason` (stop, length, content_filter,
    tool_calls) and `model_name` with its version; a filtered answer is one like any other.

    new_id names calls of tools, which Yandex leaves without names.
    Errors: grpc.aio.AioRpcError, BrokenAnswer, Unsayable; AttributeError is how the SDK fails on bytes that
    are no message.
    """

    studio: Studio = Field(repr=False, exclude=True)
    new_id: Callable[[], str] = Field(repr=False, exclude=True)
    model: str = "yandexgpt/latest"
    temperature: float = 0.0
    max_tokens: int | None = None
    timeout_s: float = 60.0

    @property
    def _llm_type(self) -> str:
        return "yandexgpt"

    @property
    def _identifying_params(self) -> Mapping[str, Any]:
        """Also the key under which LangChain caches answers."""
        named = ("model", "temperature", "max_tokens")
        return {"folder_id": self.studio.folder_id} | {name: getattr(self, name) for name in named}

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        raise NotImplementedError("ChatYandex is asynchronous: use ainvoke or astream")

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        timeout = kwargs.pop("timeout_s", self.timeout_s)
        answer = await self._asked(stop, **kwargs).run(sent(messages), timeout=timeout)
        message = AIMessage(
            content=_first(answer).text,
            tool_calls=tool_calls(_first(answer), self.new_id),
            usage_metadata=usage(answer),
            response_metadata=self._told(answer),
        )
        return ChatResult(generations=[ChatGeneration(message=message)])

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        """The SDK repeats the whole text with every piece; only what is new of it goes on."""
        timeout = kwargs.pop("timeout_s", self.timeout_s)
        said, status = "", _PARTIAL
        run = self._asked(stop, **kwargs).run_stream(sent(messages), timeout=timeout)
        async with aclosing(run) as answers:
            async for answer in answers:
                status = _first(answer).status.name
                new = _continuation(_first(answer), said)
                said += new
                yield ChatGenerationChunk(message=self._piece(answer, new))
        if status == _PARTIAL:
            raise BrokenAnswer("the stream ended before the answer did")

    def _piece(self, answer: Any, text: str) -> AIMessageChunk:
        """Sums of pieces add up what they tell, so only the last one tells it."""
        if _first(answer).status.name == _PARTIAL:
            return AIMessageChunk(content=text)
        return AIMessageChunk(
            content=text,
            tool_call_chunks=[
                _chunk(call, number) for number, call in enumerate(tool_calls(_first(answer), self.new_id))
            ],
            usage_metadata=usage(answer),
            response_metadata=self._told(answer),
            chunk_position="last",
        )

    def _told(self, answer: Any) -> dict[str, Any]:
        finish = _FINISHES.get(_first(answer).status.name)
        return {"finish_reason": finish, "model_name": f"{self.model}@{answer.model_version}"}

    def _asked(
        self,
        stop: list[str] | None,
        *,
        tools: Sequence[Mapping[str, Any]] = (),
        schema: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Any:
        """The SDK's model with everything set. tools: functions in OpenAI's form."""
        if stop:
            raise Unsayable("stop_words")
        given = {"temperature": self.temperature, "max_tokens": self.max_tokens, **options}
        if tools:
            given["tools"] = [self.studio.tool(tool) for tool in tools]
        if schema is not None:
            given["response_format"] = {"json_schema": dict(schema)}
        return self.studio.model(self.model).configure(**given)

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | Any],
        *,
        tool_choice: str | bool | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """tool_choice: any or required, auto, none, or the name of one of the tools."""
        if tool_choice:
            named = {"type": "function", "function": {"name": tool_choice}}
            kwargs["tool_choice"] = _CHOICES.get(tool_choice, named)
        return self.bind(tools=[convert_to_openai_function(tool) for tool in tools], **kwargs)

    def with_structured_output(
        self,
        schema: dict[str, Any] | type,
        *,
        include_raw: bool = False,
        method: str = "json_schema",
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, dict[str, Any] | BaseModel]:
        """method: json_schema, which the vendor holds the model to, or function_calling."""
        if method == "function_calling":
            return super().with_structured_output(schema, include_raw=include_raw, **kwargs)
        if method != "json_schema":
            raise ValueError(f"YandexGPT has no structured output by {method}")
        return parsed(self.bind(schema=convert_to_json_schema(schema)), schema, include_raw)


def _first(answer: Any) -> Any:
    if not answer.alternatives:
        raise BrokenAnswer("an answer without alternatives")
    return answer.alternatives[0]


def _chunk(call: ToolCall, number: int) -> ToolCallChunk:
    arguments = json.dumps(call["args"], ensure_ascii=False)
    return tool_call_chunk(name=call["name"], args=arguments, id=call["id"], index=number)


def _continuation(said: Any, before: str) -> str:
    """What is new. A filter puts its own text in the place of what was said, and calls stand without text."""
    text = str(said.text)
    if text.startswith(before):
        return text[len(before) :]
    if said.status.name == _FILTERED or said.tool_calls:
        return ""
    raise BrokenAnswer("the stream took back what it had said")
