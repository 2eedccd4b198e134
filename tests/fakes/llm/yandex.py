"""YandexGPT as a local gRPC server on the vendor's own messages, and the catalogue of its endpoints."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any

import grpc
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from yandex.cloud.ai.foundation_models.v1.text_generation import text_generation_service_pb2 as generation
from yandex.cloud.endpoint import api_endpoint_service_pb2 as endpoints
from yandex.cloud.endpoint.api_endpoint_pb2 import ApiEndpoint

from .relay import Relay
from .script import Asked, Script, Turn
from .vendor import KEY
from .yandex_answers import alternatives, response

FOLDER = "b1gfolder"
MODELS = ("yandexgpt/latest", "yandexgpt-lite/latest")
SERVICE = "ai-foundation-models"

_QUOTA = "ai.textGenerationCompletionSessionsCount.count gauge quota limit exceed: allowed 10 requests"
_CODES = {
    400: (grpc.StatusCode.INVALID_ARGUMENT, "Invalid request"),
    401: (grpc.StatusCode.UNAUTHENTICATED, "Unknown api key 'AQVN****'"),
    402: (grpc.StatusCode.PERMISSION_DENIED, "The billing account of the cloud is not active"),
    403: (grpc.StatusCode.PERMISSION_DENIED, "Permission to [resource-manager.folder b1g] denied"),
    404: (grpc.StatusCode.NOT_FOUND, "Model not found"),
    413: (grpc.StatusCode.RESOURCE_EXHAUSTED, "Received message larger than max (5000000 vs. 4194304)"),
    422: (grpc.StatusCode.INVALID_ARGUMENT, "Unprocessable"),
    429: (grpc.StatusCode.RESOURCE_EXHAUSTED, _QUOTA),
    500: (grpc.StatusCode.INTERNAL, "Internal service error"),
    502: (grpc.StatusCode.UNKNOWN, "Unknown error"),
    503: (grpc.StatusCode.UNAVAILABLE, "Service unavailable"),
    529: (grpc.StatusCode.UNAVAILABLE, "Overloaded"),
    504: (grpc.StatusCode.DEADLINE_EXCEEDED, "Request timed out"),
}
_GARBAGE = b"\xff\xff\xff"
# Time for what was written to reach the client before the wire is torn.
_ARRIVAL_S = 0.03


class FakeYandex:
    """Use it as a context manager. `address`: what a service map names, or the whole endpoint;
    `wire`: what is between the client and the server.

    context: the most words that a prompt may have. A Turn's retry_after in the form "7s" is told as
    RetryInfo, another one as a header.
    """

    def __init__(self, models: Sequence[str] = MODELS, keys: Iterable[str] = (KEY,)) -> None:
        self.script = Script()
        self.models = list(models)
        self.keys = set(keys)
        self.context: int | None = None
        self.address = ""
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def __enter__(self) -> FakeYandex:
        self._thread.start()
        self._started.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join()

    async def _run(self) -> None:
        self._loop, self._closing = asyncio.get_running_loop(), asyncio.Event()
        server = grpc.aio.server()
        server.add_generic_rpc_handlers((self._generation(), self._catalogue()))
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        async with Relay(f"127.0.0.1:{port}") as self.wire:
            self.address = self.wire.address
            self._started.set()
            await self._closing.wait()
            await server.stop(0)

    def _generation(self) -> Any:
        service = generation.DESCRIPTOR.services_by_name["TextGenerationService"].full_name
        handler = grpc.unary_stream_rpc_method_handler(
            self._complete, generation.CompletionRequest.FromString, _serialized
        )
        return grpc.method_handlers_generic_handler(service, {"Completion": handler})

    def _catalogue(self) -> Any:
        service = endpoints.DESCRIPTOR.services_by_name["ApiEndpointService"].full_name
        handler = grpc.unary_unary_rpc_method_handler(
            self._list, endpoints.ListApiEndpointsRequest.FromString, _serialized
        )
        return grpc.method_handlers_generic_handler(service, {"List": handler})

    async def _list(self, request: Any, context: Any) -> Any:
        listed = [ApiEndpoint(id=SERVICE, address=self.address)]
        return endpoints.ListApiEndpointsResponse(endpoints=listed)

    async def _complete(self, request: Any, context: Any) -> AsyncIterator[Any]:
        headers = {key: value for key, value in context.invocation_metadata() if isinstance(value, str)}
        with self.script.serving(Asked(request, headers)) as turn:
            if refusal := self._refusal(request, headers):
                await context.abort(*refusal)
            if turn.status != 200 and not turn.error_in_200:
                await _fail(turn, context, f"{request.messages[-1].text}\n{headers}")
            if turn.hang:
                await asyncio.Event().wait()
            async for answer in self._answers(request, turn, context):
                yield answer

    async def _answers(self, request: Any, turn: Turn, context: Any) -> AsyncIterator[Any]:
        """The vendor's answers: one, or for a stream each with the whole text so far."""
        stream = request.completion_options.stream
        said = list(alternatives(turn, stream))
        for number, alternative in enumerate(said):
            last = number == len(said) - 1
            if turn.ends is not None and (last or turn.ends == number):
                return
            if stream and turn.stall is not None and (last or turn.stall == number):
                await asyncio.Event().wait()
            await asyncio.sleep(turn.pause_s)
            if turn.cut is not None and (last or len(alternative.message.text.encode()) >= turn.cut):
                await self._break()
            broken = turn.malformed and number == min(1, len(said) - 1)
            yield _GARBAGE if broken else response(turn, alternative)
            if turn.error_in_200:
                await _fail(turn, context, request.messages[-1].text)

    async def _break(self) -> None:
        await asyncio.sleep(_ARRIVAL_S)
        self.wire.tear()
        await asyncio.Event().wait()

    def _refusal(self, request: Any, headers: Mapping[str, str]) -> tuple[grpc.StatusCode, str] | None:
        """What the vendor doesn't take, whatever the script says."""
        scheme, _, key = headers.get("authorization", "").partition(" ")
        if scheme not in ("Api-Key", "Bearer") or key not in self.keys:
            return _CODES[401]
        folder, _, model = request.model_uri.removeprefix("gpt://").partition("/")
        if folder != FOLDER:
            return grpc.StatusCode.INVALID_ARGUMENT, f"Failed to parse model URI {request.model_uri}"
        if model not in self.models:
            return grpc.StatusCode.NOT_FOUND, f"Failed to get model {model}"
        if not 0 <= request.completion_options.temperature.value <= 1:
            return grpc.StatusCode.INVALID_ARGUMENT, "temperature must be between 0 and 1"
        if not request.messages or not all(map(_filled, request.messages)):
            return grpc.StatusCode.INVALID_ARGUMENT, "a message is empty"
        words = sum(len(message.text.split()) for message in request.messages)
        if self.context is not None and words > self.context:
            limit = f"number of input tokens must be no more than {self.context}, got {words}"
            return grpc.StatusCode.INVALID_ARGUMENT, f"{request.messages[-1].text}: {limit}"
        return None


def _filled(message: Any) -> bool:
    content = message.WhichOneof("Content")
    return content is not None and (content != "text" or message.text != "")


def _serialized(message: Any) -> bytes:
    return message if isinstance(message, bytes) else message.SerializeToString()


async def _fail(turn: Turn, context: Any, quoted: str) -> None:
    """As indiscreet as a vendor can be, unless the turn has a sentence of its own."""
    code, details = _CODES[turn.status]
    details = turn.said or f"{details}: {quoted}"
    await context.abort(code, details, tuple(_retry(code, details, turn.retry_after)))


def _retry(code: grpc.StatusCode, details: str, after: str | None) -> Iterator[tuple[str, str | bytes]]:
    if after is not None and after.endswith("s"):
        status = Status(code=code.value[0], message=details)
        status.details.add().Pack(RetryInfo(retry_delay=Duration(seconds=int(after[:-1]))))
        yield "grpc-status-details-bin", status.SerializeToString()
    elif after is not None:
        yield "retry-after", after
