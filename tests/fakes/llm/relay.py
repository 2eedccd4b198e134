"""A wire between a client and a server that can be torn, for servers that don't let go of their sockets."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import TracebackType


class Relay:
    """Use it as an async context manager: what comes to `address` goes to `to`, both are "host:port".

    dropping: how many of the coming connections are closed as soon as they stand.
    """

    def __init__(self, to: str) -> None:
        self._host, _, self._port = to.rpartition(":")
        self._clients: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self.dropping = 0

    async def __aenter__(self) -> Relay:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        self.tear()
        await asyncio.gather(*self._serving, return_exceptions=True)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    @property
    def connections(self) -> int:
        return len(self._clients)

    def tear(self) -> None:
        """Reset every connection that stands, with whatever is under way in it."""
        for client in self._clients:
            client.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        if self.dropping:
            self.dropping -= 1
            client.transport.abort()
            return
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        self._clients.add(client)
        try:
            await self._carry(reader, client)
        finally:
            self._clients.discard(client)
            self._serving.discard(task)

    async def _carry(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        answers, server = await asyncio.open_connection(self._host, int(self._port))
        await asyncio.gather(_pump(reader, server), _pump(answers, client))


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Until either end is gone; then the other one learns of it."""
    with suppress(ConnectionError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    sink.close()
