"""OpenRouter over ChatOpenAI: it costs a fifth of ChatOpenRouter and does not retry when told not to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import httpx2
import openai
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatResult
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from ..call import Call, Key, Region
from .chat import ChatProvider
from .faults import Fault, of_body, of_sdk
from .schemas import closed

BASE_URL = "https://openrouter.ai/api/v1"
# Nobody on the way keeps what is sent or learns from it.
_DISCRETION = {"provider": {"data_collection": "deny", "zdr": True}}


class _Chat(ChatOpenAI):
    """Asks by the SDK's plain `post`. LangChain's own way puts a call and its answer through the SDK's models
    and another thread: with many calls at once that is a third of all the time."""

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        payload = self._get_request_payload(messages, stop=stop, **kwargs)
        body = payload.pop("extra_body", {}) | payload
        client = cast(openai.AsyncOpenAI, self.root_async_client)
        answer: Any = await client.post("/chat/completions", cast_to=object, body=body)
        return self._create_chat_result(answer)


class OpenRouter(ChatProvider):
    name = "openrouter"
    region = Region.ABROAD

    def __init__(self, base_url: str = BASE_URL, stall_s: float = 30.0) -> None:
        super().__init__(stall_s)
        self._base_url = base_url
        self._chats: dict[Key, ChatOpenAI] = {}
        # LangChain's own client lives in a global cache, belongs to one event loop and is never closed.
        # Without the SDK's limits all but 20 connections would be opened anew for each call.
        limits = openai.DEFAULT_CONNECTION_LIMITS
        self._http = httpx2.AsyncClient(timeout=None, limits=limits, follow_redirects=True)

    async def aclose(self) -> None:
        await self._http.aclose()

    def _chat(self, model: str, key: Key) -> BaseChatModel:
        return self._opened(key)

    def _opened(self, key: Key) -> ChatOpenAI:
        if key not in self._chats:
            self._chats[key] = _Chat(
                model="named-by-the-call",
                base_url=self._base_url,
                api_key=SecretStr(key.secret),
                http_async_client=self._http,
                max_retries=0,
                timeout=None,
                stream_usage=True,
                stream_chunk_timeout=None,
                use_responses_api=False,
                openai_proxy="",  # else read from the environment, and refused beside a client
            )
        return self._chats[key]

    def _options(self, model: str, call: Call) -> dict[str, Any]:
        options: dict[str, Any] = {"model": model, "temperature": call.temperature, "extra_body": _DISCRETION}
        if call.max_tokens is not None:
            options["max_tokens"] = call.max_tokens
        if call.tools:
            options["tools"] = [{"type": "function", "function": dict(tool)} for tool in call.tools]
        if call.schema is not None:
            # As an option of its own the SDK would parse the answer, and raise at a truncated one.
            options["extra_body"] = {**_DISCRETION, "response_format": _format(call.schema)}
        return options

    def _fault(self, error: Exception) -> Fault:
        if isinstance(error, openai.APIError):
            return of_sdk(error)
        said = error.args[0] if type(error) is ValueError else None
        if isinstance(said, Mapping):  # an error inside a 200: ChatOpenAI raises its body
            return of_body(said, None, {})
        if str(said).startswith("Unexpected response type"):
            return Fault(word="no-json")
        return Fault(word=type(error).__name__)

    async def _names(self, key: Key) -> list[str]:
        client = cast(openai.AsyncOpenAI, self._opened(key).root_async_client)
        return [model.id async for model in client.models.list()]


def _format(schema: Mapping[str, Any]) -> dict[str, Any]:
    named = {"name": "answer", "strict": True, "schema": closed(schema)}
    return {"type": "json_schema", "json_schema": named}
