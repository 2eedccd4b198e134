"""GigaChat over langchain-gigachat."""

from __future__ import annotations

import json
import logging
import ssl
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from gigachat.exceptions import ResponseError
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_gigachat import GigaChat as Chat

from ..call import Call, Key, Region
from .chat import ChatProvider
from .faults import Fault
from .schemas import plain

BASE_URL = "https://api.giga.chat/v1"
AUTH_URL = "https://ngw.devices.sberbank.ru:9443/api/v2/oauth"
SCOPE = "GIGACHAT_API_PERS"

# The SDK logs the text of a chunk that it cannot read.
logging.getLogger("gigachat").setLevel(logging.CRITICAL)

_ANSWER = "answer"
# The SDK cannot be told to have none: the limits are ours.
_AGES_S = 86_400.0


class GigaChat(ChatProvider):
    """schema_by: how a schema is asked for. Any account has functions; `json_schema` is for companies.

    ca_bundle_file: the Russian trusted root, which few machines have. One client a key is kept, so that
    OAuth happens once.
    """

    name = "gigachat"
    region = Region.RUSSIA
    carried = ("functions_state_id",)

    def __init__(
        self,
        base_url: str = BASE_URL,
        auth_url: str = AUTH_URL,
        scope: str = SCOPE,
        ca_bundle_file: Path | None = None,
        schema_by: Literal["function", "json_schema"] = "function",
        stall_s: float = 30.0,
    ) -> None:
        """Errors: OSError for a bundle that is not there, ssl.SSLError for one that is none."""
        super().__init__(stall_s)
        self._base_url, self._auth_url, self._scope = base_url, auth_url, scope
        self._schema_by = schema_by
        self._tls = ssl.create_default_context(cafile=ca_bundle_file)
        self._chats: dict[Key, Chat] = {}

    async def aclose(self) -> None:
        for chat in self._chats.values():
            await chat._client.aclose()

    def _chat(self, model: str, key: Key) -> BaseChatModel:
        return self._opened(key)

    def _opened(self, key: Key) -> Chat:
        """What is left out the SDK takes from GIGACHAT_* in the environment, hence the empty strings."""
        if key not in self._chats:
            self._chats[key] = Chat(
                base_url=self._base_url,
                auth_url=self._auth_url,
                scope=self._scope,
                credentials=key.secret,
                access_token="",
                user="",
                password="",
                ssl_context=self._tls,
                verify_ssl_certs=True,
                ca_bundle_file="",
                cert_file="",
                timeout=_AGES_S,
                max_retries=0,
            )
        return self._chats[key]

    def _messages(self, call: Call) -> list[BaseMessage]:
        return list(_one_by_one(call.messages))

    def _options(self, model: str, call: Call) -> dict[str, Any]:
        options: dict[str, Any] = {"model": model, "temperature": call.temperature}
        if call.max_tokens is not None:
            options["max_tokens"] = call.max_tokens
        if call.tools:
            options["functions"] = [{**tool, "parameters": plain(tool["parameters"])} for tool in call.tools]
        if call.schema is not None:
            options |= self._format(call.schema)
        return options

    def _format(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        if self._schema_by == "json_schema":
            return {"response_format": {"type": "json_schema", "schema": dict(schema), "strict": True}}
        function = {
            "name": _ANSWER,
            "description": "Ответ пользователю в нужном виде.",
            "parameters": plain(schema),
        }
        return {"functions": [function], "function_call": {"name": _ANSWER}}

    def _said(self, call: Call, message: AIMessage) -> str:
        """With a schema: the arguments of the function that stands for it."""
        if call.schema is None or not message.tool_calls:
            return message.text
        return json.dumps(message.tool_calls[0]["args"], ensure_ascii=False)

    def _fault(self, error: Exception) -> Fault:
        if not isinstance(error, ResponseError):
            return Fault(word=type(error).__name__)
        # To OAuth a wrong key or scope may be a bad request, but it isn't the call that is bad.
        refused = str(error.url) == self._auth_url and error.status_code == 400
        status = 401 if refused else error.status_code
        return Fault(status, type(error).__name__, headers=error.headers or {})

    async def _names(self, key: Key) -> list[str]:
        return [model.id_ for model in (await self._opened(key).aget_models()).data]


def _one_by_one(messages: Sequence[BaseMessage]) -> Iterator[BaseMessage]:
    """GigaChat knows one call a message, and wants its result next, by name: calls that a model made at
    once are told as if one after the other."""
    results = {message.tool_call_id: message for message in messages if isinstance(message, ToolMessage)}
    told: set[str] = set()
    for message in messages:
        if isinstance(message, AIMessage) and message.tool_calls:
            for number, call in enumerate(message.tool_calls):
                said = "" if number else message.content
                yield message.model_copy(update={"content": said, "tool_calls": [call]})
                if (call_id := call["id"]) in results:
                    told.add(call_id)
                    yield results[call_id].model_copy(update={"name": call["name"]})
        elif not (isinstance(message, ToolMessage) and message.tool_call_id in told):
            yield message
