"""Anthropic over langchain-anthropic."""

from __future__ import annotations

import logging
from functools import cached_property
from typing import Any

import anthropic
import httpx2
from langchain_anthropic import ChatAnthropic
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from pydantic import Field, SecretStr

from ..call import Call, Key, Region
from .chat import ChatProvider
from .faults import Fault, of_sdk

BASE_URL = "https://api.anthropic.com"

# When everything is logged, the SDK logs the whole request.
logging.getLogger("anthropic").setLevel(logging.INFO)


class _Chat(ChatAnthropic):
    """On a client of ours: LangChain's is in a global cache, belongs to one event loop, is never closed."""

    ours: Any = Field(exclude=True)

    @cached_property
    def _async_client(self) -> anthropic.AsyncAnthropic:
        client: anthropic.AsyncAnthropic = self.ours
        return client

    def _get_request_payload(
        self, input_: LanguageModelInput, *, stop: list[str] | None = None, **kwargs: Any
    ) -> dict[str, Any]:
        """The newer models refuse a temperature; one that isn't known to take it gets none."""
        if not (self.profile or {}).get("temperature"):
            kwargs.pop("temperature", None)
        return super()._get_request_payload(input_, stop=stop, **kwargs)


class Anthropic(ChatProvider):
    """max_tokens: of an answer whose call says nothing of it, because Anthropic must be told."""

    name = "anthropic"
    region = Region.ABROAD

    def __init__(self, base_url: str = BASE_URL, stall_s: float = 30.0, max_tokens: int = 8192) -> None:
        super().__init__(stall_s)
        self._base_url = base_url
        self._max_tokens = max_tokens
        self._clients: dict[Key, anthropic.AsyncAnthropic] = {}
        self._chats: dict[tuple[Key, str], _Chat] = {}
        # Without the SDK's limits all but 20 connections would be opened anew for each call.
        limits = anthropic.DEFAULT_CONNECTION_LIMITS
        self._http = httpx2.AsyncClient(timeout=None, limits=limits, follow_redirects=True)

    async def aclose(self) -> None:
        await self._http.aclose()

    def _chat(self, model: str, key: Key) -> BaseChatModel:
        """One a model: which parameters a model takes is decided by the name that it was made with."""
        if (key, model) not in self._chats:
            self._chats[key, model] = _Chat(
                model=model,
                api_key=SecretStr(key.secret),
                base_url=self._base_url,
                max_retries=0,
                ours=self._client(key),
            )
        return self._chats[key, model]

    def _client(self, key: Key) -> anthropic.AsyncAnthropic:
        if key not in self._clients:
            self._clients[key] = anthropic.AsyncAnthropic(
                api_key=key.secret,
                base_url=self._base_url,
                max_retries=0,
                timeout=None,
                http_client=self._http,
            )
        return self._clients[key]

    def _options(self, model: str, call: Call) -> dict[str, Any]:
        options: dict[str, Any] = {
            "temperature": call.temperature,
            "max_tokens": call.max_tokens or self._max_tokens,
        }
        if call.tools:
            options["tools"] = [
                {
                    "name": tool["name"],
                    "description": tool.get("description", ""),
                    "input_schema": tool["parameters"],
                }
                for tool in call.tools
            ]
        if call.schema is not None:
            schema = anthropic.transform_schema(dict(call.schema))
            options["output_config"] = {"format": {"type": "json_schema", "schema": schema}}
        return options

    def _fault(self, error: Exception) -> Fault:
        return of_sdk(error) if isinstance(error, anthropic.APIError) else Fault(word=type(error).__name__)

    async def _names(self, key: Key) -> list[str]:
        return [model.id async for model in self._client(key).models.list()]
