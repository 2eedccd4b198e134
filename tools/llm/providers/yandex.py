"""YandexGPT over a chat model of our own on the vendor's SDK."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel

from ..call import Call, Key, Region
from .chat import ChatProvider
from .faults import Fault
from .yandex_chat import ChatYandex
from .yandex_faults import of_yandex
from .yandex_studio import ENDPOINT, Studio

# The limits of time are ours.
_AGES_S = 86_400.0


class Yandex(ChatProvider):
    """A key's secret is an API key or, beginning with "t1.", an IAM token. One client a key is kept.

    new_id names calls of tools, which Yandex leaves without names. The rest: see Studio.
    """

    name = "yandex"
    region = Region.RUSSIA

    def __init__(
        self,
        folder_id: str,
        new_id: Callable[[], str],
        *,
        endpoint: str | None = ENDPOINT,
        service_map: Mapping[str, str] | None = None,
        verify: bool | Path = True,
        stall_s: float = 30.0,
    ) -> None:
        super().__init__(stall_s)
        self._folder_id = folder_id
        self._new_id = new_id
        self._way: dict[str, Any] = {"endpoint": endpoint, "service_map": service_map, "verify": verify}
        self._studios: dict[Key, Studio] = {}
        self._chats: dict[tuple[Key, str], ChatYandex] = {}

    async def aclose(self) -> None:
        await asyncio.gather(*(studio.aclose() for studio in self._studios.values()))

    def _chat(self, model: str, key: Key) -> BaseChatModel:
        if (key, model) not in self._chats:
            self._chats[key, model] = ChatYandex(
                studio=self._studio(key), new_id=self._new_id, model=model, timeout_s=_AGES_S
            )
        return self._chats[key, model]

    def _studio(self, key: Key) -> Studio:
        if key not in self._studios:
            self._studios[key] = Studio(self._folder_id, key.secret, **self._way)
        return self._studios[key]

    def _options(self, model: str, call: Call) -> dict[str, Any]:
        options: dict[str, Any] = {"temperature": call.temperature, "tools": call.tools}
        if call.max_tokens is not None:
            options["max_tokens"] = call.max_tokens
        if call.schema is not None:
            options["schema"] = call.schema
        return options

    def _fault(self, error: Exception) -> Fault:
        return of_yandex(error)

    async def _names(self, key: Key) -> list[str]:
        return await self._studio(key).models()
