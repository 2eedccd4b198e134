"""Artel as LangGraph's own client sees it: the real server, the real `langgraph-sdk`, small real graphs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypedDict

import httpx
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, AnyMessage
from langgraph.graph import START, StateGraph
from langgraph.graph.message import add_messages
from langgraph_sdk import get_client
from langgraph_sdk.client import LangGraphClient

from agents.context import Context
from api.server import serving
from graphs.registry import Build
from graphs.runtime.settings import Settings
from memory.db import Database, Memory

from .graphs import Asking, build_asking
from .served import GRAPHS, TOKEN, Api
from .sqlite import migrated_file

HEADERS = {"Authorization": f"Bearer {TOKEN}", "X-Actor": "anna"}


@dataclass(frozen=True)
class Wire:
    """sdk: LangGraph's client; http: the same address without it; api: the native one; url: for RemoteGraph;
    memory: the server's database.
    """

    sdk: LangGraphClient
    http: httpx.AsyncClient
    api: Api
    url: str
    memory: Memory

    async def waiting(self, **body: Any) -> str:
        """A new thread whose run waits for a person."""
        run_id, _ = await self.api.waiting(**body)
        thread_id: str = (await self.api.client.get(f"runs/{run_id}")).json()["thread_id"]
        return thread_id

    async def ran(self, graph: str, *, status: str = "done", **input: Any) -> str:
        """A new thread on which the graph has run to its end, which is this."""
        started = await self.api.client.post("runs", json={"graph": graph, "input": input})
        run = started.json()
        await self.api.client.get(f"runs/{run['id']}/events")
        ended = (await self.api.client.get(f"runs/{run['id']}")).json()
        assert (ended["status"], ended["attempts"]) == (status, 1), ended
        return str(run["thread_id"])


class Talk(TypedDict, total=False):
    messages: Annotated[list[AnyMessage], add_messages]
    mood: str


async def reply(state: Talk) -> dict[str, Any]:
    return {"messages": [AIMessage(f"You said: {state['messages'][-1].content}", id="reply")]}


async def feel(state: Talk) -> dict[str, Any]:
    return {"mood": "calm"}


def build_talking() -> StateGraph[Talk, Context, Any, Any]:
    """Messages in the state, plain edges, and a graph within the graph."""
    graph = StateGraph(Talk, context_schema=Context)
    graph.add_node(reply)
    inner = StateGraph(Talk, context_schema=Context).add_node(feel).add_edge(START, "feel")
    graph.add_node("inner", inner.compile())
    graph.add_edge(START, "reply")
    graph.add_edge("reply", "inner")
    return graph


async def chat(state: Talk) -> dict[str, Any]:
    model = GenericFakeChatModel(messages=iter([AIMessage("Good day")]))
    return {"messages": [await model.ainvoke(state["messages"])]}


def build_chatting() -> StateGraph[Talk, Context, Any, Any]:
    """A model of LangChain's answers, word by word when somebody listens."""
    graph = StateGraph(Talk, context_schema=Context)
    graph.add_node(chat)
    graph.add_edge(START, "chat")
    return graph


def holding(held: asyncio.Event) -> Build:
    """A graph that ends when the event is set."""

    async def hold(state: Asking) -> dict[str, Any]:
        await held.wait()
        return {"answer": "held"}

    def build() -> StateGraph[Asking, Context, Any, Any]:
        graph = StateGraph(Asking, context_schema=Context)
        graph.add_node(hold)
        graph.add_edge(START, "hold")
        return graph

    return build


def build_wrapped() -> StateGraph[Any, Context, Any, Any]:
    """The question is asked in a graph within the graph."""
    graph = StateGraph(Talk, context_schema=Context)
    graph.add_node("inner", build_asking().compile(checkpointer=True))
    graph.add_edge(START, "inner")
    return graph


@asynccontextmanager
async def wired(
    folder: Path, database: str = "", *, origin: str = "", **graphs: Build
) -> AsyncIterator[Wire]:
    """origin: where browsers may come from."""
    url = database or migrated_file(folder)
    settings = Settings(data_dir=folder, token=TOKEN, database_url=url, cors_origins=origin)
    built = {**GRAPHS, "talking": build_talking, **graphs}
    async with serving(settings, host="127.0.0.1", port=0, schedules=False, graphs=built) as base:
        url = f"{base}/langgraph"
        async with (
            httpx.AsyncClient(base_url=url, headers=HEADERS, timeout=30) as http,
            httpx.AsyncClient(base_url=f"{base}/api/v1", headers=HEADERS, timeout=30) as client,
            get_client(url=url, headers=HEADERS, api_key=None) as sdk,
        ):
            rows = Database(settings.url)
            try:
                memory = Memory(rows)
                yield Wire(sdk, http, Api(client, settings, memory), url, memory)
            finally:
                rows.close()
