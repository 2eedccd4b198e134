"""A vendor in a process of its own, as fast as Python can be one: who asks is measured, not who answers.

`python -m tests.bench.llm.vendor` says its URL, answers a line with the most requests that it had at once,
and stops when its standard input ends. It speaks OpenAI's protocol over HTTP/1.1: /200/… answers at once,
/500/… and /429/… fail, /slow/… takes a while and refuses (with 429) whoever comes over the limit.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from typing import Any

import uvloop

PAUSE_S = 0.02
# As many as YandexGPT lets one key have.
AT_ONCE = 10

_ANSWER = {
    "id": "gen-1",
    "object": "chat.completion",
    "created": 1,
    "model": "openai/gpt-4o",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Да."}}],
    "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
}


def _response(status: str, body: Mapping[str, object]) -> bytes:
    said = json.dumps(body, ensure_ascii=False).encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nRetry-After: 0\r\n"
    return f"{head}Content-Length: {len(said)}\r\n\r\n".encode() + said


_GOOD = _response("200 OK", _ANSWER)
_BUSY = _response("429 Too Many Requests", {"error": {"message": "busy", "code": 429}})
_FAILED = _response("500 Internal Server Error", {"error": {"message": "broken", "code": 500}})
_BY_PATH = {b"200": _GOOD, b"429": _BUSY, b"500": _FAILED}


class Crowd:
    """How many requests are being answered slowly, and the most there have been."""

    now = 0
    most = 0


class Vendor(asyncio.Protocol):
    """One connection. Its requests come one after another."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._come = b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._come += data
        head, end, body = self._come.partition(b"\r\n\r\n")
        if end and len(body) >= _length(head):
            self._come = b""
            self._answer(head.split(b"/", 2)[1])

    def _answer(self, way: bytes) -> None:
        if way in _BY_PATH:
            self._transport.write(_BY_PATH[way])
            return
        self._crowd.now += 1
        self._crowd.most = max(self._crowd.most, self._crowd.now)
        said = _GOOD if self._crowd.now <= AT_ONCE else _BUSY
        asyncio.get_running_loop().call_later(PAUSE_S, self._end, said)

    def _end(self, said: bytes) -> None:
        self._crowd.now -= 1
        self._transport.write(said)


def _length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])


async def _main() -> None:
    loop, crowd, lines = asyncio.get_running_loop(), Crowd(), asyncio.StreamReader()
    server = await loop.create_server(lambda: Vendor(crowd), "127.0.0.1", 0, backlog=2048)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    print(json.dumps(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"), flush=True)
    async for _ in lines:
        print(json.dumps(crowd.most), flush=True)


if __name__ == "__main__":
    uvloop.run(_main())
