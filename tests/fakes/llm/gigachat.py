"""GigaChat: OAuth for a token that lives for a while, then REST, both behind a certificate of a test's."""

from __future__ import annotations

import base64
import itertools
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .frames import Frames, event, pause
from .script import Asked, Finish, Script, Turn
from .vendor import FakeVendor, Refusal

MODELS = ("GigaChat-2", "GigaChat-2-Pro", "GigaChat-2-Max")
CREDENTIALS = base64.b64encode(b"client-0123456789:client-secret").decode()
SCOPES = ("GIGACHAT_API_PERS", "GIGACHAT_API_B2B", "GIGACHAT_API_CORP")
_FINISH = {Finish.STOP: "stop", Finish.LENGTH: "length", Finish.FILTER: "blacklist"}


class FakeGigaChat(FakeVendor):
    """oauth: the script of the other door. revoke(): no token that was given works any more."""

    answers_at = "/api/v1/chat/completions"
    models_at = "/api/v1/models"

    def __init__(
        self,
        tls: tuple[Path, Path] | None = None,
        models: Sequence[str] = MODELS,
        keys: Iterable[str] = (CREDENTIALS,),
    ) -> None:
        super().__init__(models, keys, tls)
        self.oauth = Script()
        self.token_life_s = 1800.0
        self._tokens: dict[str, float] = {}
        self._numbers = itertools.count(1)

    @property
    def url(self) -> str:
        return f"{self.origin}/api/v1"

    @property
    def auth_url(self) -> str:
        return f"{self.origin}/api/v2/oauth"

    def revoke(self) -> None:
        self._tokens.clear()

    def admit(self, headers: Mapping[str, str]) -> None:
        token = headers.get("authorization", "").removeprefix("Bearer ")
        if self._tokens.get(token, 0.0) < time.time():
            raise Refusal(401, "Unauthorized")

    def check(self, body: Any) -> None:
        if body["model"] not in self.models:
            raise Refusal(404, "No such model")
        for function in body.get("functions") or ():
            _check_function(function.get("parameters"))
        _check_results(body["messages"])

    def error(self, status: int, why: str) -> Any:
        return {"status": status, "message": why}

    def whole(self, turn: Turn, body: Any) -> Any:
        message = {"role": "assistant", **_said(turn, body)}
        choice = {"index": 0, "message": message, "finish_reason": _finish(turn, body)}
        return {**_named("chat.completion", body), "choices": [choice], "usage": _usage(turn)}

    def frames(self, turn: Turn, body: Any) -> Frames:
        named = _named("chat.completion.chunk", body)

        def chunk(delta: Mapping[str, Any], finish: str | None = None, **more: Any) -> bytes:
            choice = {"index": 0, "delta": delta, **({"finish_reason": finish} if finish else {})}
            return event({"choices": [choice], **named, **more})

        said = _said(turn, body)
        whole = [chunk({"role": "assistant", **said})] if "function_call" in said else []
        pieces = [] if whole else [chunk({"role": "assistant", "content": text}) for text in turn.pieces]
        end = chunk({"content": ""}, _finish(turn, body), usage=_usage(turn))
        return Frames([], [*whole, *pieces], [end, event("[DONE]")])

    def error_frame(self, status: int) -> bytes:
        return event(self.error(status, "it was told to"))

    def catalogue(self) -> Any:
        entries = [{"id": name, "object": "model", "owned_by": "salutedevices"} for name in self.models]
        return {"data": entries, "object": "list"}

    async def other(self, request: Request) -> Response:
        if request.url.path != "/api/v2/oauth":
            return await super().other(request)
        form = (await request.body()).decode()
        with self.oauth.serving(Asked(form, dict(request.headers))) as turn:
            await pause(request.receive, None if turn.hang else turn.pause_s)
            return self._token(request, form) if turn.status == 200 else self._no_token(turn)

    def _token(self, request: Request, form: str) -> Response:
        if request.headers.get("authorization", "").removeprefix("Basic ") not in self.keys:
            return JSONResponse({"code": 6, "message": "credentials doesn't match db data"}, 401)
        if "rquid" not in request.headers or form.removeprefix("scope=") not in SCOPES:
            return JSONResponse(
                {"code": 7, "message": "scope from db not fully includes consumed scope"}, 400
            )
        token, expires = f"token-{next(self._numbers)}", time.time() + self.token_life_s
        self._tokens[token] = expires
        return JSONResponse({"access_token": token, "expires_at": int(expires * 1000)})

    def _no_token(self, turn: Turn) -> Response:
        headers = {} if turn.retry_after is None else {"Retry-After": turn.retry_after}
        return JSONResponse({"code": 1, "message": "it was told to"}, turn.status, headers)


def _named(kind: str, body: Any) -> dict[str, Any]:
    return {"created": 1, "model": f"{body['model']}:2.0.28.2", "object": kind}


def _said(turn: Turn, body: Any) -> dict[str, Any]:
    """A function that must be called gets the text as its arguments: that is how a schema is answered."""
    if turn.tools:
        tool = turn.tools[0]
        call = {"name": tool.name, "arguments": json.loads(tool.said)}
        return {"content": turn.text, "function_call": call, "functions_state_id": "state-1"}
    if _forced(turn, body):
        name = body["function_call"]["name"]
        return {"content": "", "function_call": {"name": name, "arguments": json.loads(turn.text)}}
    return {"content": turn.text}


def _forced(turn: Turn, body: Any) -> bool:
    wanted = isinstance(body.get("function_call"), Mapping) and turn.finish is not Finish.FILTER
    return wanted and turn.text.startswith("{")


def _finish(turn: Turn, body: Any) -> str:
    called = bool(turn.tools) or _forced(turn, body)
    return "function_call" if called and turn.finish is Finish.STOP else _FINISH[turn.finish]


def _usage(turn: Turn) -> dict[str, Any]:
    return {
        "prompt_tokens": turn.tokens_in,
        "completion_tokens": turn.tokens_out,
        "total_tokens": turn.tokens_in + turn.tokens_out,
        "precached_prompt_tokens": turn.tokens_cached,
    }


def _check_function(schema: Any) -> None:
    """GigaChat knows plain schemas: objects say their properties, and nothing is a union or a reference."""
    if not isinstance(schema, Mapping):
        return
    if schema.get("type") == "object" and "properties" not in schema:
        raise Refusal(422, "Invalid params: functions: properties is required")
    for word in ("anyOf", "oneOf", "allOf", "$ref"):
        if word in schema:
            raise Refusal(422, f"Invalid params: functions: {word}")
    for value in (*schema.get("properties", {}).values(), schema.get("items")):
        _check_function(value)


def _check_results(messages: Sequence[Mapping[str, Any]]) -> None:
    """A result follows the call of the same name, with nothing between them, and is JSON."""
    called: str | None = None
    for message in messages:
        if message["role"] == "function":
            if message.get("name") != called:
                raise Refusal(422, "Invalid params: function result without its call")
            json.loads(message["content"])
        elif called is not None:
            raise Refusal(422, "Invalid params: function call without its result")
        called = (message.get("function_call") or {}).get("name")
