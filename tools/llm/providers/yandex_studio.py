"""The SDK of Yandex for one key, with its retries and its vendor's logging of the data off."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from yandex_ai_studio_sdk import AsyncAIStudio
from yandex_ai_studio_sdk.auth import APIKeyAuth, IAMTokenAuth
from yandex_ai_studio_sdk.retry import RetryPolicy

ENDPOINT = "api.cloud.yandex.net:443"
_IAM = "t1."
_LISTING = "http_completions"
# When everything is logged, the SDK logs schemas and the vendor's sentences, which quote prompts and keys.
logging.getLogger("yandex_ai_studio_sdk").setLevel(logging.INFO)
_RECONNECT_MS = {"grpc.initial_reconnect_backoff_ms": 200, "grpc.max_reconnect_backoff_ms": 2000}


class BadKey(ValueError):
    """No header can carry it. gRPC would call it an internal error, and say so on stderr besides."""


class Studio:
    """endpoint: where the vendor's services are asked for; None: only those of service_map are used.

    verify: a file of root certificates instead of the system's; False: plaintext.
    Errors: BadKey.
    """

    def __init__(
        self,
        folder_id: str,
        secret: str,
        *,
        endpoint: str | None = ENDPOINT,
        service_map: Mapping[str, str] | None = None,
        verify: bool | Path = True,
    ) -> None:
        self.folder_id = folder_id
        self._lists = endpoint is not None or _LISTING in (service_map or {})
        self._sdk = AsyncAIStudio(
            folder_id=folder_id,
            auth=_auth(secret),
            endpoint=endpoint,
            service_map=dict(service_map or {}),
            verify=verify,
            retry_policy=RetryPolicy(max_attempts=1),
            enable_server_data_logging=False,
        )
        self._reconnect_soon()

    def model(self, name: str) -> Any:
        """`yandexgpt/latest`, `yandexgpt` (the latest too), or a whole URI."""
        if "://" in name:
            return self._sdk.models.completions(name)
        model, _, version = name.partition("/")
        return self._sdk.models.completions(model, model_version=version or "latest")

    def tool(self, function: Mapping[str, Any]) -> Any:
        """function: in OpenAI's form."""
        return self._sdk.tools.function(
            dict(function.get("parameters") or {"type": "object", "properties": {}}),
            name=function["name"],
            description=function.get("description") or "",
        )

    async def models(self) -> list[str]:
        """What the vendor lists, named as `model` takes it. Only its own servers do, or one that is named."""
        if not self._lists:
            return []
        listed = await self._sdk.chat.completions.list()
        return [model.uri.removeprefix(f"gpt://{self.folder_id}/") for model in listed]

    def _reconnect_soon(self) -> None:
        """gRPC waits up to two minutes before it tries a lost vendor again, and fails every call meanwhile:
        whoever probes it after an outage would be told of a past one. The SDK has no option for it."""
        options: Any = (*self._sdk._client._get_options(), *_RECONNECT_MS.items())
        self._sdk._client._get_options = lambda: options  # type: ignore[method-assign]

    async def aclose(self) -> None:
        """The SDK never closes its channels and offers no way to."""
        channels = self._sdk._client._channels
        await asyncio.gather(*(channel.close() for channel in channels.values()))
        channels.clear()


def _auth(secret: str) -> APIKeyAuth | IAMTokenAuth:
    if not secret or not all("!" <= letter <= "~" for letter in secret):
        raise BadKey
    return IAMTokenAuth(secret) if secret.startswith(_IAM) else APIKeyAuth(secret)
