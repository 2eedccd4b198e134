"""A vendor with an HTTP API on 127.0.0.1, in a thread of its own: what all the fakes of one share."""

from __future__ import annotations

import json
import logging
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from .frames import Cut, Frames, Gone, event, pause, send_frames
from .script import Asked, Script, Turn

# A connection that breaks in the middle of an answer is a server's error to uvicorn, and here the aim.
logging.getLogger("uvicorn.error").addFilter(
    lambda record: not (record.exc_info and isinstance(record.exc_info[1], Cut))
)

KEY = "key-0123456789-secret"
# What cannot be read may be somebody's all the same.
BROKEN = '{"choices": [{"content": "Личный'


@dataclass(eq=False)
class Refusal(Exception):
    """A request that the vendor would not serve. `why`: what it would say."""

    status: int
    why: str


class FakeVendor(ABC):
    """Use it as a context manager. `keys`: who is let in; `models`: what there is to ask."""

    answers_at: str
    models_at: str

    def __init__(
        self, models: Sequence[str], keys: Iterable[str] = (KEY,), tls: tuple[Path, Path] | None = None
    ) -> None:
        self.script = Script()
        self.models = list(models)
        self.keys = set(keys)
        certificate, secret = tls or (None, None)
        config = uvicorn.Config(
            self._serve,
            port=0,
            log_config=None,
            interface="asgi3",
            lifespan="off",
            access_log=False,
            ssl_certfile=certificate,
            ssl_keyfile=secret,
            timeout_graceful_shutdown=1,
        )
        self._scheme = "https" if tls else "http"
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started:
            time.sleep(0.005)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join()

    @property
    def port(self) -> int:
        return int(self._server.servers[0].sockets[0].getsockname()[1])

    @property
    def origin(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}"

    @property
    @abstractmethod
    def url(self) -> str:
        """The base URL that an SDK is given."""

    @abstractmethod
    def admit(self, headers: Mapping[str, str]) -> None:
        """Raises Refusal(401) for whoever has no key."""

    @abstractmethod
    def check(self, body: Any) -> None:
        """Raises Refusal for a request that the vendor would not take."""

    @abstractmethod
    def error(self, status: int, why: str) -> Any:
        """The body of an error."""

    @abstractmethod
    def whole(self, turn: Turn, body: Any) -> Any:
        """The body of an answer that isn't streamed."""

    @abstractmethod
    def frames(self, turn: Turn, body: Any) -> Frames: ...

    @abstractmethod
    def error_frame(self, status: int) -> bytes:
        """An error in the middle of a stream."""

    def broken_frame(self) -> bytes:
        """A part of a stream that cannot be read."""
        return event(BROKEN)

    @abstractmethod
    def catalogue(self) -> Any:
        """The body of the list of models."""

    async def other(self, request: Request) -> Response:
        """Whatever else the vendor serves."""
        return JSONResponse(self.error(404, "Not Found"), 404)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            if request.url.path == self.answers_at:
                await self._answer(request, receive, send)
            else:
                await (await self._page(request))(scope, receive, send)
        except Gone:
            return

    async def _page(self, request: Request) -> Response:
        if request.url.path != self.models_at:
            return await self.other(request)
        try:
            self.admit(request.headers)
        except Refusal as refusal:
            return JSONResponse(self.error(refusal.status, refusal.why), refusal.status)
        return JSONResponse(self.catalogue())

    async def _answer(self, request: Request, receive: Receive, send: Send) -> None:
        body = await request.json()
        with self.script.serving(Asked(body, dict(request.headers))) as turn:
            try:
                self.admit(request.headers)
                self.check(body)
            except Refusal as refusal:
                await self._fail(request, receive, send, refusal)
            else:
                await self._play(request, receive, send, turn, body)

    async def _play(self, request: Request, receive: Receive, send: Send, turn: Turn, body: Any) -> None:
        if turn.hang:
            await pause(receive)
        elif turn.status != 200 and not turn.error_in_200:
            refusal = Refusal(turn.status, turn.said or _quoting(request, body))
            await self._fail(request, receive, send, refusal, turn.retry_after)
        elif body.get("stream"):
            await send_frames(send, turn, b"text/event-stream", self._paced(turn, body), receive)
        else:
            await pause(receive, turn.pause_s)
            await send_frames(send, turn, b"application/json", iter([self._body(turn, body)]), receive)

    async def _fail(
        self, request: Request, receive: Receive, send: Send, refusal: Refusal, retry_after: str | None = None
    ) -> None:
        headers = {} if retry_after is None else {"Retry-After": retry_after}
        response = JSONResponse(self.error(refusal.status, refusal.why), refusal.status, headers)
        await response(request.scope, receive, send)

    def _body(self, turn: Turn, body: Any) -> bytes:
        if turn.malformed:
            return BROKEN.encode()
        said = self.error(turn.status, json.dumps(body)) if turn.error_in_200 else self.whole(turn, body)
        return json.dumps(said, ensure_ascii=False).encode()

    def _paced(self, turn: Turn, body: Any) -> Iterator[bytes | None]:
        """The frames of a stream; None: fall silent."""
        frames = self.frames(turn, body)
        yield from frames.head
        if turn.stall == 0:
            yield None
        for number, piece in enumerate(frames.pieces, 1):
            yield piece
            if number == 1 and turn.error_in_200:
                yield self.error_frame(turn.status)
                return
            if number == 1 and turn.malformed:
                yield self.broken_frame()
            if number == turn.stall:
                yield None
            if number == turn.ends:
                return
        yield from frames.tail


def _quoting(request: Request, body: Any) -> str:
    """As indiscreet as a vendor's sentence can be."""
    said = json.dumps(body, ensure_ascii=False)
    return f"Cannot serve\n{said}\nto {dict(request.headers)}"
