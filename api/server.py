"""The API over HTTP: services, application and uvicorn in one event loop."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager

import structlog
import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from graphs.registry import GRAPHS, Build
from graphs.runtime.errors import StartError
from graphs.runtime.lock import FolderLock
from graphs.runtime.services import open_services
from graphs.runtime.settings import Settings
from memory.models import DEFAULT_TENANT

from .addresses import of_invitation
from .app import create_app

log = structlog.get_logger()

# Requests that are still being answered get this many seconds when the server stops.
GRACE_S = 5
_WILDCARDS = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}  # noqa: S104 - read, not bound


@asynccontextmanager
async def serving(
    settings: Settings,
    *,
    host: str,
    port: int,
    schedules: bool,
    graphs: Mapping[str, Build] = GRAPHS,
    invited: Callable[[str], None] | None = None,
) -> AsyncIterator[str]:
    """The base URL of a server that listens while the block lasts; port 0 takes any free one.

    `invited` is told the link for the first administrator, once: it is kept nowhere.

    Errors: StartError: the folder is in use, the port is taken, the database is not ours to use.
    """
    with FolderLock(settings.data_dir).held() as lock:
        async with open_services(settings, schedules=schedules, graphs=graphs) as services:
            with _bound(host, port) as listener:
                app = create_app(services, hosts=[_in_url(host)])
                async with _answering(app, listener, settings.proxies):
                    url = f"http://{_in_url(_WILDCARDS.get(host, host))}:{listener.getsockname()[1]}"
                    lock.announce(url)
                    if invited and (secret := await services.entrance.invitations.first(DEFAULT_TENANT)):
                        invited((settings.public_url or url) + of_invitation(secret))
                    yield url


async def serve(
    settings: Settings,
    ready: Callable[[str], None] = lambda url: None,
    invited: Callable[[str], None] | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM, then end gracefully; a second signal does not wait.

    `ready` is told the URL once it can be reached; `invited`: see `serving`. Errors: StartError.
    """
    stop = asyncio.Event()
    server = serving(settings, host=settings.host, port=settings.port, schedules=True, invited=invited)
    with _signals(stop.set):
        async with server as url:
            ready(url)
            await stop.wait()


async def work(settings: Settings, ready: Callable[[str], None] = lambda member: None) -> None:
    """Execute runs until SIGINT or SIGTERM; those that do not end in time go on in another worker.

    `ready` is told the worker's name. Errors: StartError.
    """
    stop = asyncio.Event()
    with _signals(stop.set):
        async with open_services(settings) as services:
            ready(services.worker.member or "")
            await stop.wait()


@asynccontextmanager
async def _answering(app: FastAPI, listener: socket.socket, proxies: str) -> AsyncIterator[None]:
    """uvicorn on a bound socket. Its own `serve` would take the process's signals, which are not its own."""
    config = uvicorn.Config(
        _logged(app),
        http="httptools",
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
        timeout_graceful_shutdown=GRACE_S,
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listener])
    ticking = asyncio.create_task(server.main_loop())
    try:
        yield
    finally:
        app.state.closing.set()
        server.should_exit = True
        await ticking
        await server.shutdown(sockets=[listener])


def _logged(app: ASGIApp) -> ASGIApp:
    """Errors that nobody foresaw are logged here, once; the caller has had a problem without them."""

    async def logged(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        except Exception:
            log.exception("request failed", method=scope.get("method"), path=scope.get("path"))

    return logged


@contextmanager
def _bound(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise StartError(
            f"cannot listen on {host}:{port} ({error.strerror}): set ARTEL_HOST or ARTEL_PORT to others"
        ) from error
    with listener:
        # asyncio sets this only on sockets that name their protocol, which those of `create_server` do not;
        # without it every answer in two parts waits 40 ms for the client's delayed acknowledgement.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield listener


@contextmanager
def _signals(stop: Callable[[], None]) -> Iterator[None]:
    loop = asyncio.get_running_loop()

    def leave() -> None:
        stop()
        release()

    def release() -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, leave)
    try:
        yield
    finally:
        release()


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
