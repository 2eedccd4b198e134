"""A browser's requests without the browser: one kept connection, no more work than the server's answer needs,
for what the client takes of the machine is taken from the server."""

from __future__ import annotations

import asyncio
import time
from asyncio import StreamReader, StreamWriter, gather
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

# A stream's answer has no length: its head is enough.
_ENDLESS = b"text/event-stream"


@dataclass(frozen=True)
class Visit:
    """A connection, and what it sends with every request."""

    reader: StreamReader
    writer: StreamWriter
    head: str

    async def get(self, path: str) -> bytes:
        """The answer's body, if it has a length."""
        self.writer.write(f"GET {path} HTTP/1.1\r\n{self.head}\r\n\r\n".encode())
        said = await self.reader.readuntil(b"\r\n\r\n")
        status, *lines = said.lower().split(b"\r\n")
        assert b" 200 " in status, said
        headers = dict(line.split(b": ", 1) for line in lines if line)
        if headers[b"content-type"].startswith(_ENDLESS):
            return b""
        return await self.reader.readexactly(int(headers[b"content-length"]))


@asynccontextmanager
async def visiting(url: str, headers: str = "") -> AsyncIterator[Visit]:
    """headers: lines of their own, as `Cookie: a=b`."""
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port, limit=2**20)
    try:
        yield Visit(reader, writer, "\r\n".join(filter(None, (f"Host: {address.netloc}", headers))))
    finally:
        writer.close()


async def times_ms(visit: Visit, paths: Sequence[str]) -> list[float]:
    """From each request to the last byte of its answer."""
    spent = []
    for path in paths:
        began = time.perf_counter()
        await visit.get(path)
        spent.append((time.perf_counter() - began) * 1000)
    return spent


async def a_second(url: str, headers: str, path: str, *, clients: int, requests: int) -> float:
    """Requests a second of so many clients at once, each of which asks so often."""
    async with AsyncExitStack() as stack:
        visits = [await stack.enter_async_context(visiting(url, headers)) for _ in range(clients)]
        began = time.perf_counter()
        await gather(*(times_ms(visit, [path] * requests) for visit in visits))
        return clients * requests / (time.perf_counter() - began)
