"""The server's life: it says where it listens, ends open streams, and leaves when it is told to."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest
from langgraph.graph import START, StateGraph
from sqlalchemy import create_engine
from structlog.testing import capture_logs

from agents.context import Context
from api.client import events
from api.server import serve, serving
from graphs.runtime.errors import StartError
from graphs.runtime.lock import FolderInUse, holder_url
from graphs.runtime.settings import Settings
from tests.fakes.graphs import build_asking
from tests.fakes.served import GRAPHS, TOKEN, served


def settings_in(folder: Path, **values: object) -> Settings:
    return Settings.model_validate({"data_dir": folder, "token": TOKEN, **values})


async def test_the_folder_tells_where_its_server_is(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    async with serving(settings, host="127.0.0.1", port=0, schedules=False, graphs=GRAPHS) as url:
        assert holder_url(tmp_path) == url
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"{url}/readyz")).json() == {"status": "ready"}
        with pytest.raises(FolderInUse, match=url):
            async with serving(settings, host="127.0.0.1", port=0, schedules=False, graphs=GRAPHS):
                pass


async def test_a_port_that_is_taken_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartError, match=f"cannot listen on 127.0.0.1:{port}") as raised:
            async with serving(
                settings_in(tmp_path), host="127.0.0.1", port=port, schedules=False, graphs=GRAPHS
            ):
                pass
    assert "\n" not in str(raised.value)


async def test_a_server_that_closes_ends_its_streams(tmp_path: Path) -> None:
    begun, over = asyncio.Event(), asyncio.Event()

    async def endless(state: dict[str, object]) -> None:
        begun.set()
        await over.wait()

    def build() -> StateGraph[Any, Context, Any, Any]:
        graph = StateGraph(dict, context_schema=Context)
        return graph.add_node(endless).add_edge(START, "endless")

    async def listen(client: httpx.AsyncClient, run_id: str) -> list[str]:
        seen = [event.data["status"] async for event in events(client, run_id)]
        over.set()
        return seen

    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30) as client:
        async with serving(
            settings_in(tmp_path), host="127.0.0.1", port=0, schedules=False, graphs={"endless": build}
        ) as url:
            client.base_url = httpx.URL(f"{url}/api/v1")
            run = (await client.post("runs", json={"graph": "endless"})).json()
            stream = asyncio.create_task(listen(client, run["id"]))
            await begun.wait()
        # The run could only go on once its stream had ended, and that did not wait for the run.
        assert (await stream)[-1] == "running"


async def test_a_schedule_is_run_now(tmp_path: Path) -> None:
    async with served(tmp_path, scout=build_asking) as api:
        [before] = (await api.client.get("schedules")).json()["items"]
        answer = await api.client.post(f"schedules/{before['id']}/run")
        [after] = (await api.client.get("schedules")).json()["items"]
    run = answer.json()
    assert (answer.status_code, run["graph"], run["trigger"]) == (201, "scout", "person")
    assert answer.headers["location"] == f"/api/v1/runs/{run['id']}"
    assert (before["last_run_id"], after["last_run_id"]) == (None, run["id"])


async def test_a_bug_is_logged_once_and_told_without_its_insides(tmp_path: Path) -> None:
    async with served(tmp_path) as api:
        with create_engine(api.settings.url).begin() as connection:
            connection.exec_driver_sql("UPDATE schedule SET created_at = 'not a time'")
        with capture_logs() as logged:
            answer = await api.client.get("schedules")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert answer.json()["detail"] == "something went wrong on our side: the server's log says what"
    assert [(entry["event"], entry["path"]) for entry in logged] == [("request failed", "/api/v1/schedules")]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_the_server(tmp_path: Path, number: signal.Signals) -> None:
    reached = []

    def ready(url: str) -> None:
        reached.append(url)
        os.kill(os.getpid(), number)

    await serve(settings_in(tmp_path, port=free_port()), ready)
    async with httpx.AsyncClient() as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(f"{reached[0]}/healthz")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
