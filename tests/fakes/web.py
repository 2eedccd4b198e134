"""A real web server on 127.0.0.1 that behaves, path by path, as badly as a test asks."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

RSS = "application/rss+xml; charset=utf-8"
MEGABYTE = b"x" * 1_000_000

# Given the event of the server's end, so that nothing outlives the test.
Body = Callable[[threading.Event], Iterable[bytes]]


@dataclass(frozen=True)
class Request:
    """What a client asked."""

    path: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class _Page:
    body: Body
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: str | None = None


class FakeWeb:
    """Use it as a context manager; a path that nobody set answers 404. `requests` has all that arrived."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._pages: dict[str, _Page] = {}
        self._closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> FakeWeb:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def host(self) -> str:
        """The "host:port" to allow."""
        return f"127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    def serve(
        self,
        path: str,
        body: bytes | str = b"",
        *,
        status: int = 200,
        content_type: str = RSS,
        headers: Mapping[str, str] | None = None,
        etag: str | None = None,
    ) -> str:
        """Answer `path` with this body, and with 304 whoever sends this `etag` back."""
        raw = body.encode() if isinstance(body, str) else body
        sent = {"Content-Type": content_type, "Content-Length": str(len(raw)), **(headers or {})}
        if etag is not None:
            sent["ETag"] = etag
        return self._set(path, _Page(lambda closing: [raw], status, sent, etag))

    def redirect(self, path: str, to: str, *, status: int = 302) -> str:
        return self._set(path, _Page(lambda closing: [], status, {"Location": to}))

    def hang(self, path: str) -> str:
        """Take the request and never answer it."""
        return self._set(path, _Page(_silence, status=0))

    def drip(self, path: str) -> str:
        """Answer for ever, one byte every hundredth of a second."""
        return self._set(path, _Page(_drops))

    def flood(self, path: str, megabytes: int) -> str:
        """Answer with so many megabytes, unannounced."""
        return self._set(path, _Page(lambda closing: (MEGABYTE for _ in range(megabytes))))

    def _set(self, path: str, page: _Page) -> str:
        self._pages[path] = page
        return self.url(path)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                web.requests.append(Request(self.path, dict(self.headers)))
                self._answer(web._pages.get(self.path) or _Page(lambda closing: [], status=404))

            def _answer(self, page: _Page) -> None:
                unchanged = page.etag is not None and self.headers.get("If-None-Match") == page.etag
                if page.status:
                    self.send_response(304 if unchanged else page.status)
                    for name, value in page.headers.items():
                        self.send_header(name, value)
                    self.end_headers()
                for chunk in () if unchanged else page.body(web._closing):
                    self.wfile.write(chunk)

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: object
    ) -> None:
        # A client that hangs up is what many tests are about.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _silence(closing: threading.Event) -> Iterator[bytes]:
    closing.wait()
    yield from ()


def _drops(closing: threading.Event) -> Iterator[bytes]:
    while not closing.wait(0.01):
        yield b" "
