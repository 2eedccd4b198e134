"""Anthropic: POST /v1/messages, whole or as named server-sent events."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .frames import Frames, event
from .script import Finish, ToolCall, Turn
from .vendor import BROKEN, KEY, FakeVendor, Refusal

MODELS = ("claude-sonnet-4-6", "claude-sonnet-5-5")
_WITHOUT_TEMPERATURE = ("claude-sonnet-5-5",)
_FINISH = {Finish.STOP: "end_turn", Finish.LENGTH: "max_tokens", Finish.FILTER: "refusal"}
_ERRORS = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}


class FakeAnthropic(FakeVendor):
    answers_at = "/v1/messages"
    models_at = "/v1/models"

    def __init__(self, models: Sequence[str] = MODELS, keys: Iterable[str] = (KEY,)) -> None:
        super().__init__(models, keys)

    @property
    def url(self) -> str:
        return self.origin

    def admit(self, headers: Mapping[str, str]) -> None:
        bearer = headers.get("authorization", "").removeprefix("Bearer ")
        if not {headers.get("x-api-key"), bearer} & self.keys:
            raise Refusal(401, "invalid x-api-key")

    def check(self, body: Any) -> None:
        if body["model"] not in self.models:
            raise Refusal(404, f"model: {body['model']}")
        if "max_tokens" not in body:
            raise Refusal(400, "max_tokens: Field required")
        if body["model"] in _WITHOUT_TEMPERATURE and "temperature" in body:
            raise Refusal(400, "temperature: not supported by this model")
        _check_results(body["messages"])
        _check_open((body.get("output_config") or {}).get("format", {}).get("schema"))

    def error(self, status: int, why: str) -> Any:
        kind = _ERRORS.get(status, "api_error" if status >= 500 else "invalid_request_error")
        return {"type": "error", "error": {"type": kind, "message": why}, "request_id": "req_1"}

    def whole(self, turn: Turn, body: Any) -> Any:
        content = [{"type": "text", "text": turn.text}] if turn.text else []
        tools = [_block(tool, json.loads(tool.said)) for tool in turn.tools]
        return {**_message(turn, body), "content": [*content, *tools], **_ended(turn), "usage": _usage(turn)}

    def frames(self, turn: Turn, body: Any) -> Frames:
        start = {**_message(turn, body), "content": [], "stop_reason": None, "usage": _usage(turn)}
        return Frames(
            [_event("message_start", message=start), _event("ping")],
            [*_text(turn), *(frame for n, tool in enumerate(turn.tools, 1) for frame in _tool(n, tool))],
            [_event("message_delta", delta=_ended(turn), usage=_usage(turn)), _event("message_stop")],
        )

    def error_frame(self, status: int) -> bytes:
        return event(self.error(status, "it was told to"), "error")

    def broken_frame(self) -> bytes:
        return event(BROKEN, "content_block_delta")

    def catalogue(self) -> Any:
        entries = [
            {"type": "model", "id": name, "display_name": name, "created_at": "2025-05-22T00:00:00Z"}
            for name in self.models
        ]
        return {"data": entries, "has_more": False, "first_id": None, "last_id": None}


def _event(kind: str, **fields: Any) -> bytes:
    return event({"type": kind, **fields}, kind)


def _message(turn: Turn, body: Any) -> dict[str, Any]:
    return {"id": "msg_1", "type": "message", "role": "assistant", "model": body["model"]}


def _ended(turn: Turn) -> dict[str, Any]:
    finish = "tool_use" if turn.tools and turn.finish is Finish.STOP else _FINISH[turn.finish]
    return {"stop_reason": finish, "stop_sequence": None}


def _usage(turn: Turn) -> dict[str, Any]:
    """Anthropic's input_tokens leaves out what came from the cache."""
    return {
        "input_tokens": turn.tokens_in - turn.tokens_cached,
        "cache_read_input_tokens": turn.tokens_cached,
        "cache_creation_input_tokens": 0,
        "output_tokens": turn.tokens_out,
    }


def _block(tool: ToolCall, arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "tool_use", "id": tool.id, "name": tool.name, "input": dict(arguments)}


def _text(turn: Turn) -> Iterator[bytes]:
    for number, piece in enumerate(turn.pieces):
        start = _event("content_block_start", index=0, content_block={"type": "text", "text": ""})
        delta = _event("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})
        yield delta if number else start + delta
    if turn.pieces:
        yield _event("content_block_stop", index=0)


def _tool(number: int, tool: ToolCall) -> Iterator[bytes]:
    said = tool.said
    half = len(said) // 2
    yield _event("content_block_start", index=number, content_block=_block(tool, {}))
    for part in (said[:half], said[half:]):
        delta = {"type": "input_json_delta", "partial_json": part}
        yield _event("content_block_delta", index=number, delta=delta)
    yield _event("content_block_stop", index=number)


def _check_results(messages: Sequence[Mapping[str, Any]]) -> None:
    blocks = [b for m in messages if isinstance(m["content"], list) for b in m["content"]]
    called = {block["id"] for block in blocks if block["type"] == "tool_use"}
    answered = {block["tool_use_id"] for block in blocks if block["type"] == "tool_result"}
    if called != answered:
        raise Refusal(400, "messages: `tool_use` ids were found without `tool_result` blocks")


def _check_open(schema: Any) -> None:
    """A schema of an output must close its objects."""
    if isinstance(schema, Mapping):
        if "properties" in schema and schema.get("additionalProperties") is not False:
            raise Refusal(400, "output_config.format.schema: additionalProperties must be false")
        for value in schema.values():
            _check_open(value)
