"""What went wrong with YandexGPT: codes of gRPC as the statuses of HTTP that the vendor gives beside them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import grpc
import httpx
from google.protobuf.message import DecodeError
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from yandex_ai_studio_sdk.exceptions import AIStudioError

from .faults import Fault
from .yandex_studio import BadKey
from .yandex_words import Unsayable

# Of the vendor's table but for the deadline, whose 504 would say that somebody else's is over.
_STATUSES = {
    grpc.StatusCode.INVALID_ARGUMENT: 400,
    grpc.StatusCode.FAILED_PRECONDITION: 400,
    grpc.StatusCode.OUT_OF_RANGE: 400,
    grpc.StatusCode.UNAUTHENTICATED: 401,
    grpc.StatusCode.PERMISSION_DENIED: 403,
    grpc.StatusCode.NOT_FOUND: 404,
    grpc.StatusCode.DEADLINE_EXCEEDED: 408,
    grpc.StatusCode.RESOURCE_EXHAUSTED: 429,
    grpc.StatusCode.UNIMPLEMENTED: 501,
    grpc.StatusCode.UNAVAILABLE: 503,
}
_BILLING, _TOO_LARGE = 402, 413
_QUOTA = re.compile(r"\bai\.[\w.]{1,57}")


def of_yandex(error: Exception) -> Fault:
    """What is unknown has no status and counts as unavailable."""
    word = type(error).__name__
    match error:
        case grpc.aio.AioRpcError():
            return _of_rpc(error)
        case httpx.HTTPStatusError():
            return Fault(error.response.status_code, word, headers=error.response.headers)
        case BadKey():
            return Fault(401, word)
        case Unsayable():
            return Fault(400, f"{word}:{error}")
        case AttributeError() | RuntimeError() | json.JSONDecodeError():
            # The first is how the SDK fails on bytes that are no message, the second on no answer at all.
            return Fault(word="BrokenAnswer")
        case ValueError() | TypeError() | AIStudioError():
            # What the SDK can't make a request of, such as half a surrogate pair.
            return Fault(400, word)
    return Fault(word=word)


def _of_rpc(error: grpc.aio.AioRpcError) -> Fault:
    details = error.details() or ""
    quota = _QUOTA.search(details)
    return Fault(
        _status(error.code(), details.lower()),
        quota[0] if quota else error.code().name,
        sentence=details,
        headers=dict(_headers(error)),
    )


def _status(code: grpc.StatusCode, details: str) -> int:
    if code is grpc.StatusCode.PERMISSION_DENIED and "billing" in details:
        return _BILLING
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED and "larger than max" in details:
        return _TOO_LARGE  # gRPC's own limit on the bytes of a message
    return _STATUSES.get(code, 500)


def _headers(error: grpc.aio.AioRpcError) -> Iterator[tuple[str, str]]:
    for name, value in error.trailing_metadata() or ():
        if name == "grpc-status-details-bin":
            yield from _delay(value)
        elif isinstance(value, str):
            yield name, value


def _delay(details: bytes) -> Iterator[tuple[str, str]]:
    """When to come again, if that is among the details of a status."""
    info = RetryInfo()
    try:
        told = any(detail.Unpack(info) for detail in Status.FromString(details).details)
    except DecodeError:
        return
    if told:
        yield "retry-after", str(info.retry_delay.ToTimedelta().total_seconds())
