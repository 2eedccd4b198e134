"""Where things are on this server, as its answers' headers say it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal
from urllib.parse import urlencode

from memory.models import Run

PREFIX = "/langgraph"


def locations(run: Run, then: Literal["join", "stream"] | None = None) -> dict[str, str]:
    """Where the run is, and where to go on listening to it."""
    place = f"{PREFIX}/threads/{run.thread_id}/runs/{run.id}"
    return {"Content-Location": place, **({"Location": f"{place}/{then}"} if then else {})}


def thread_stream(thread_id: str, modes: Iterable[str]) -> str:
    """Where to go on listening to a thread, for the same modes."""
    return f"{PREFIX}/threads/{thread_id}/stream?{urlencode([('stream_mode', mode) for mode in modes])}"
