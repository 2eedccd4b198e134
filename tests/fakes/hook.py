"""A real receiver of webhooks on 127.0.0.1: it records every call and answers as a test asks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from types import TracebackType

from .web import _Server

Body = Callable[["FakeHook"], Iterable[bytes]]


@dataclass(frozen=True)
class Call:
    """What arrived; the names of headers are in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


def _nothing(hook: FakeHook) -> Iterator[bytes]:
    yield from ()


def _endless(hook: FakeHook) -> Iterator[bytes]:
    while not hook.ended.wait(0.001):
        yield b"x" * 1000


@dataclass(frozen=True)
class Answer:
    """status 0: hang up without a word. held: only once the test has released it."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Body = _nothing
    held: bool = False


OK = Answer()
CLOSE = Answer(status=0)
HELD = Answer(held=True)
ENDLESS = Answer(body=_endless)


def redirect(to: str, status: int = 307) -> Answer:
    return Answer(status, {"Location": to})


class FakeHook:
    """Use it as a context manager. `calls` has all that arrived; each answer serves one call, the last one
    of them every later call.
    """

    def __init__(self, *answers: Answer) -> None:
        self.calls: list[Call] = []
        self.ended = threading.Event()
        self._released = threading.Event()
        self._answers = list(answers) or [OK]
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> FakeHook:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ended.set()
        self._released.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def host(self) -> str:
        """The "host:port" to allow."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}/hook"

    def release(self) -> None:
        """Let the held answers go."""
        self._released.set()

    def _take(self, call: Call) -> Answer:
        with self._lock:
            self.calls.append(call)
            return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                self._answer(hook._take(Call(self.path, headers, body)))

            def _answer(self, answer: Answer) -> None:
                if answer.held:
                    hook._released.wait()
                if answer.status:
                    self.send_response(answer.status)
                    for name, value in answer.headers.items():
                        self.send_header(name, value)
                    self.end_headers()
                    for chunk in answer.body(hook):
                        self.wfile.write(chunk)

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler
