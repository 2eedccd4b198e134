"""The graphs under LangGraph's own development server, as its command line loads them from langgraph.json."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from langgraph_sdk import get_client
from langgraph_sdk.client import LangGraphClient

from memory.db import Database, Memory, TenantSession
from tests.fakes.postgres import ROOT
from tests.fakes.rows import company

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATIENCE_S = 120


@pytest.fixture(scope="module")
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's langgraph.json, with a folder of this test's for its data."""
    folder = tmp_path_factory.mktemp("studio")
    told = json.loads((ROOT / "langgraph.json").read_text())
    told["env"]["ARTEL_DATA_DIR"] = str(folder / "data")
    (folder / "langgraph.json").write_text(json.dumps(told))
    return folder / "langgraph.json"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(config: Path, port: int) -> AsyncIterator[LangGraphClient]:
    quiet = {
        "LANGGRAPH_CLI_NO_ANALYTICS": "1",
        "LANGSMITH_TRACING": "false",
        "LANGGRAPH_NO_VERSION_CHECK": "1",
    }
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "langgraph_cli", "dev", "--no-browser", "--no-reload"),
        *("--config", str(config), "--port", str(port)),
        cwd=config.parent,
        env={**os.environ, **quiet, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await answering(server, f"http://127.0.0.1:{port}/ok")
        yield get_client(url=f"http://127.0.0.1:{port}")
    finally:
        with suppress(ProcessLookupError):
            server.terminate()
        await server.wait()


async def answering(server: asyncio.subprocess.Process, url: str) -> None:
    async with asyncio.timeout(PATIENCE_S), httpx.AsyncClient() as client:
        while server.returncode is None:
            with suppress(httpx.TransportError):
                await client.get(url)
                return
            await asyncio.sleep(0.2)
    raise AssertionError(f"the server ended with {server.returncode}")


async def pair(folder: Path) -> dict[str, str]:
    """A CRM and a telephony in the server's database, as the input of `partnership`."""
    database = Database(f"sqlite:///{folder / 'artel.db'}")
    await Memory(database).write(_vendors)
    database.close()
    return {"company_a_id": "amo", "company_b_id": "tel"}


def _vendors(session: TenantSession) -> None:
    """With two more that work together already: that is what complementarity is learnt from."""
    crm, telephony = "CRM-система для отделов продаж: сделки, воронки", "Облачная АТС и контакт-центр"
    told = [("amo", "CRM", crm, []), ("tel", None, telephony, []), ("uis", "телефония", telephony, [])]
    for id, industry, description, partners in [*told, ("b24", "CRM", crm, ["uis"])]:
        session.add(company(id, industry=industry, description=description, integrations=partners))


async def test_langgraphs_own_server_runs_the_graphs(studio: LangGraphClient, config: Path) -> None:
    found = await studio.assistants.search()
    assert {one["graph_id"] for one in found} == {"scout", "partnership"}
    for one in found:
        schemas = await studio.assistants.get_schemas(one["assistant_id"])
        assert schemas["input_schema"]
        assert "threshold" in schemas["context_schema"]["properties"]
    scouted: Any = await studio.runs.wait(None, "scout", input={})
    assert scouted["problems"] == []


async def test_an_approval_outside_of_the_queue_sends_nothing(studio: LangGraphClient, config: Path) -> None:
    thread = (await studio.threads.create())["thread_id"]
    given = await pair(config.parent / "data")
    always = {"threshold": 0.0, "lang": "en"}
    asked: Any = await studio.runs.wait(thread, "partnership", input=given, context=always)
    [question] = asked["__interrupt__"]
    assert question["value"]["action_requests"][0]["name"] == "send_letter"
    approve = {"resume": {"decisions": [{"type": "approve"}]}}
    with pytest.raises(Exception, match="NotApproved"):
        await studio.runs.wait(thread, "partnership", command=approve)
    assert not (config.parent / "data" / "outbox").exists()
