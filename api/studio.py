"""The same graphs under LangGraph's own server: `langgraph dev` and Studio load them by langgraph.json.

What a graph uses stands in its Context, which no client can send. So each graph is bound to one of the
server's own, in a data folder of its own. A letter leaves only by a decision in the queue, so an approval
given in Studio sends none.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

from langchain_core.runnables import RunnableConfig
from langgraph.graph.state import CompiledStateGraph
from langgraph_sdk import get_client
from starlette.applications import Starlette

from graphs.registry import GRAPHS
from graphs.runtime.contexts import context_of, fetcher_of
from graphs.runtime.options import Overrides
from graphs.runtime.services import prepare
from graphs.runtime.settings import Settings
from graphs.runtime.world import new_id, wall_clock
from memory.db import Database, Memory
from prompts import OFFLINE_TEMPLATES
from tools.llm.offline import Offline


class _Starter:
    """Starts runs on the server that runs this graph."""

    async def start(
        self, graph: str, input: dict[str, Any], *, key: str, thread_id: str, parent_id: str
    ) -> bool:
        client = get_client()
        await client.threads.create(thread_id=thread_id, if_exists="do_nothing")
        if await client.runs.list(thread_id, limit=1):
            return False
        await client.runs.create(thread_id, graph, input=input, metadata={"key": key, "parent_id": parent_id})
        return True


# Made while nothing is served yet: later LangGraph's server allows no call that blocks.
_settings = Settings.load()
prepare(_settings)
_database = Database(_settings.url)
_fetcher = fetcher_of(_settings)
_templates = Offline(OFFLINE_TEMPLATES)
_context = context_of(_settings, Memory(_database), _fetcher, _templates, _Starter(), wall_clock, new_id)


@asynccontextmanager
async def _close(app: Starlette) -> AsyncIterator[None]:
    yield
    await _fetcher.aclose()
    _database.close()


app = Starlette(lifespan=_close)


class Bound(CompiledStateGraph[Any, Any, Any, Any]):
    """A graph that brings its own Context; a client's context changes that one's policy."""

    async def astream(
        self, input: Any, config: RunnableConfig | None = None, *, context: Any = None, **options: Any
    ) -> AsyncIterator[Any]:
        bound = {"context": Overrides.model_validate(context or {}).over(_context), **options}
        async for part in super().astream(_placed(input, config), config, **bound):
            yield part


def _placed(input: Any, config: RunnableConfig | None) -> Any:
    """An input with the run and thread that it is for: Artel's runtime tells them to its graphs too."""
    if not isinstance(input, dict):
        return input
    place = (config or {}).get("configurable", {})
    return {**input, "run_id": str(place.get("run_id")), "thread_id": str(place.get("thread_id"))}


def _bound(name: str) -> Bound:
    attributes = cast(Any, GRAPHS[name]().compile(name=name)).__dict__
    return Bound(**{**attributes, "context_schema": Overrides})


scout = _bound("scout")
partnership = _bound("partnership")
