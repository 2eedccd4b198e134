"""OpenRouter: /api/v1/chat/completions in OpenAI's form, with OpenRouter's comments and errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .frames import Frames, event
from .script import Finish, ToolCall, Turn
from .vendor import KEY, FakeVendor, Refusal

MODELS = ("anthropic/claude-sonnet-4", "openai/gpt-4o")
_FINISH = {Finish.STOP: "stop", Finish.LENGTH: "length", Finish.FILTER: "content_filter"}


class FakeOpenRouter(FakeVendor):
    answers_at = "/api/v1/chat/completions"
    models_at = "/api/v1/models"

    def __init__(self, models: Sequence[str] = MODELS, keys: Iterable[str] = (KEY,)) -> None:
        super().__init__(models, keys)

    @property
    def url(self) -> str:
        return f"{self.origin}/api/v1"

    def admit(self, headers: Mapping[str, str]) -> None:
        if headers.get("authorization", "").removeprefix("Bearer ") not in self.keys:
            raise Refusal(401, "No auth credentials found")

    def check(self, body: Any) -> None:
        if body["model"] not in self.models:
            raise Refusal(400, f"{body['model']} is not a valid model ID")
        _check_results(body["messages"])
        format_ = body.get("response_format") or {}
        if format_.get("type") == "json_schema" and format_["json_schema"].get("strict"):
            check_closed(format_["json_schema"]["schema"])

    def error(self, status: int, why: str) -> Any:
        return {"error": {"message": why, "code": status}, "user_id": "user_1"}

    def whole(self, turn: Turn, body: Any) -> Any:
        message = {"role": "assistant", "content": turn.text or None, "refusal": None, "reasoning": None}
        if turn.tools:
            message["tool_calls"] = [_call(tool) for tool in turn.tools]  # type: ignore[assignment]
        choice = {"logprobs": None, "index": 0, "message": message, **_ended(turn)}
        return {**_named("chat.completion", body), "choices": [choice], "usage": _usage(turn)}

    def frames(self, turn: Turn, body: Any) -> Frames:
        named = _named("chat.completion.chunk", body)

        def chunk(delta: Mapping[str, Any], **more: Any) -> bytes:
            choice = {"index": 0, "delta": {"role": "assistant", "content": "", **delta}, "logprobs": None}
            ended = {"finish_reason": None, "native_finish_reason": None, **more.pop("ended", {})}
            return event({**named, "choices": [{**choice, **ended}], **more})

        tools = [chunk(delta) for number, tool in enumerate(turn.tools) for delta in _deltas(number, tool)]
        return Frames(
            [b": OPENROUTER PROCESSING\n\n"],
            [*(chunk({"content": piece}) for piece in turn.pieces), *tools],
            [chunk({}, ended=_ended(turn)), chunk({}, usage=_usage(turn)), event("[DONE]")],
        )

    def error_frame(self, status: int) -> bytes:
        choice = {"index": 0, "delta": {"content": ""}, "finish_reason": "error"}
        return event({"id": "gen-1", "choices": [choice], **self.error(status, "Provider disconnected")})

    def catalogue(self) -> Any:
        return {"data": [{"id": name, "name": name, "created": 1, "object": "model"} for name in self.models]}


def _named(kind: str, body: Any) -> dict[str, Any]:
    return {"id": "gen-1", "object": kind, "created": 1, "model": body["model"], "provider": "Anthropic"}


def _ended(turn: Turn) -> dict[str, Any]:
    finish = "tool_calls" if turn.tools and turn.finish is Finish.STOP else _FINISH[turn.finish]
    return {"finish_reason": finish, "native_finish_reason": finish}


def _usage(turn: Turn) -> dict[str, Any]:
    return {
        "prompt_tokens": turn.tokens_in,
        "completion_tokens": turn.tokens_out,
        "total_tokens": turn.tokens_in + turn.tokens_out,
        "prompt_tokens_details": {"cached_tokens": turn.tokens_cached},
    }


def _call(tool: ToolCall) -> dict[str, Any]:
    return {
        "id": tool.id,
        "type": "function",
        "function": {"name": tool.name, "arguments": tool.said},
    }


def _deltas(number: int, tool: ToolCall) -> list[dict[str, Any]]:
    """A call in two chunks, as it is streamed: its name and half of the arguments, then the other half."""
    said = tool.said
    half = len(said) // 2
    first = {
        "index": number,
        "id": tool.id,
        "type": "function",
        "function": {"name": tool.name, "arguments": said[:half]},
    }
    rest = {"index": number, "function": {"arguments": said[half:]}}
    return [{"tool_calls": [first]}, {"tool_calls": [rest]}]


def _check_results(messages: Sequence[Mapping[str, Any]]) -> None:
    called = {call["id"] for message in messages for call in message.get("tool_calls") or ()}
    answered = {message["tool_call_id"] for message in messages if message["role"] == "tool"}
    if called != answered:
        raise Refusal(400, "each tool call must be followed by a tool message with its tool_call_id")


def check_closed(schema: Any) -> None:
    """What strict schemas must have: every object closed, every property required (where OpenAI asks)."""
    if isinstance(schema, Mapping):
        if "properties" in schema and (
            schema.get("additionalProperties") is not False
            or set(schema.get("required", ())) != set(schema["properties"])
        ):
            raise Refusal(400, "Invalid schema for response_format")
        for value in schema.values():
            check_closed(value)
    elif isinstance(schema, list):
        for value in schema:
            check_closed(value)
