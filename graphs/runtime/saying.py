"""What a graph says while it runs, in the modes that LangGraph's clients ask for."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from typing import Any, cast

from langchain_core.messages import BaseMessage, BaseMessageChunk, message_chunk_to_message
from langchain_core.runnables import RunnableConfig

from .engine import Graph
from .options import StreamMode

# (namespace of the subgraph, mode, what is said)
Part = tuple[tuple[str, ...], str, Any]
_HIDDEN = "langsmith:hidden"


def modes_of(asked: Sequence[StreamMode]) -> list[str]:
    """The modes of LangGraph itself that what is asked for is made of."""
    named = ("messages" if mode == "messages-tuple" else mode for mode in asked)
    return [mode for mode in named if mode != "events"]


async def parts(
    graph: Graph, begun: Any, config: RunnableConfig, *, events: bool, **how: Any
) -> AsyncGenerator[Part, None]:
    """The parts of a run; with `events` LangChain's own events (`astream_events`, v2) come among them.

    Closed early, it stops the run's nodes.
    """
    if not events:
        async with _closing(graph.astream(begun, config, **how)) as told:
            async for part in told:
                yield _whole(part)
        return
    root: str | None = None
    async with _closing(graph.astream_events(begun, config, version="v2", **how)) as told:
        async for event in told:
            root = root or event["run_id"]
            if event["event"] == "on_chain_stream" and event["run_id"] == root:
                yield _whole(event["data"]["chunk"])
            elif _HIDDEN not in event.get("tags", ()):
                yield (), "events", event


def _closing(told: AsyncIterator[Any]) -> aclosing[AsyncGenerator[Any, None]]:
    """LangGraph calls its generators iterators."""
    return aclosing(cast(AsyncGenerator[Any, None], told))


def _whole(part: Any) -> Part:
    """Without subgraphs LangGraph leaves the namespace out."""
    return cast(Part, part if len(part) == 3 else ((), *part))


class Messages:
    """The mode `messages` as LangGraph's server has it: with each chunk the message so far, as
    `messages/partial`; one that came whole as `messages/complete`; before the first `messages/metadata`."""

    def __init__(self) -> None:
        self._known: dict[str | None, BaseMessage] = {}

    def told(self, message: BaseMessage, metadata: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        known = self._known.get(message.id)
        if known is None:
            yield "messages/metadata", {message.id: {"metadata": metadata}}
        whole, kind = message, "complete"
        if isinstance(message, BaseMessageChunk):
            kind = "partial"
            whole = cast(BaseMessage, known + message) if isinstance(known, BaseMessageChunk) else message
        self._known[message.id] = whole
        yield f"messages/{kind}", [message_chunk_to_message(whole)]
