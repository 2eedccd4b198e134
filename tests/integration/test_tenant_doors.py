"""Every endpoint as somebody of another tenant, who knows every id: they see nothing and change nothing."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from api.app import create_app
from api.client import events
from api.langgraph import assistants as wire_assistants
from api.langgraph import crons as wire_crons
from api.langgraph import runs as wire_runs
from api.langgraph import store as wire_store
from api.langgraph import threads as wire_threads
from api.pages import decisions, live, many
from api.rights import ANYBODY
from api.routes import (
    audit,
    companies,
    feeds,
    keys,
    limits,
    partnerships,
    reviews,
    runs,
    schedules,
    signing,
    tokens,
    users,
)
from graphs.runtime.services import open_services
from graphs.runtime.settings import Settings
from memory.db import TenantSession
from memory.models import Delivery, Run
from tests.fakes.endpoints import Endpoint, endpoints
from tests.fakes.persons import PASSWORD, Signed, signed
from tests.fakes.postgres import fresh_database
from tests.fakes.rows import rows
from tests.fakes.served import GRAPHS, TOKEN, Api, served

pytestmark = pytest.mark.asyncio(loop_scope="module")

# Stands in all that is ours, and so in no answer to them.
MARK = "ours-"
Bodies = dict[Callable[..., Any], Any]


@dataclass(frozen=True)
class Ours:
    """A tenant with something of everything. ids: by the names that addresses have for them."""

    api: Api
    ids: dict[str, str]

    async def dump(self) -> str:
        """All that the tenant's admin sees."""
        lists = (
            "runs",
            "reviews",
            "companies",
            "partnerships",
            "feeds",
            "schedules",
            "deals",
            "users",
            "limits",
        )
        told = [(await self.api.client.get(path)).text for path in lists]
        thread = self.api.client.base_url.join(f"/langgraph/threads/{self.ids['thread_id']}/state")
        return "\n".join([*told, (await self.api.client.get(thread)).text])


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def ours(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Ours]:
    folder = tmp_path_factory.mktemp("doors")
    with fresh_database(request.param, request, folder) as url:
        async with served(folder, {"database_url": url, "rate_per_minute": 0}) as api:
            yield Ours(api, await filled(api))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def theirs(ours: Ours) -> AsyncIterator[Signed]:
    """An admin of another tenant."""
    async with signed(ours.api, "their-admin", "admin", tenant="theirs") as theirs:
        yield theirs


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def every(tmp_path_factory: pytest.TempPathFactory) -> list[Endpoint]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("routes"), token=TOKEN)
    async with open_services(settings, graphs=GRAPHS) as services:
        return endpoints(create_app(services))


def _store(session: TenantSession) -> None:
    for row in rows(MARK):
        if isinstance(row, Run | Delivery):
            # Else they would be carried out.
            row.status = "done"
        session.add(row)
        session.flush()


async def filled(api: Api) -> dict[str, str]:
    await api.memory.write(_store)
    run_id, review_id = await api.waiting(input={"text": f"{MARK}text"}, key=f"{MARK}key")
    thread_id = (await api.client.get(f"runs/{run_id}")).json()["thread_id"]
    state = api.client.base_url.join(f"/langgraph/threads/{thread_id}/state")
    wire = api.client.base_url.join("/langgraph/")
    item = {"namespace": ["notes"], "key": "k", "value": {"text": f"{MARK}note"}}
    assert (await api.client.put(wire.join("store/items"), json=item)).status_code == 204
    made = await api.client.post(wire.join("assistants"), json={"graph_id": "asking", "name": f"{MARK}one"})
    return {
        "run_id": run_id,
        "review_id": review_id,
        "thread_id": thread_id,
        "checkpoint_id": (await api.client.get(state)).json()["checkpoint"]["checkpoint_id"],
        "assistant_id": made.json()["assistant_id"],
        "company_id": f"{MARK}alpha",
        "partnership_id": f"{MARK}partnership",
        "feed_id": f"{MARK}feed",
        "schedule_id": f"{MARK}schedule",
        "cron_id": f"{MARK}schedule",
        "user_id": f"{MARK}user",
        "key_id": f"{MARK}key",
        "subject": f"person:{MARK}ivan",
        "subject_type": "run",
        "subject_id": run_id,
        "namespace": "none",
        "view_id": f"{MARK}view",
        "jti": "none",
    }


def bodies(ids: dict[str, str]) -> Bodies:
    """What is sent where an empty object says too little."""
    start = {"assistant_id": "asking", "input": {}}
    cron = {"assistant_id": ids["assistant_id"], "schedule": "0 3 * * *"}
    place = {"namespace": ["notes"], "key": "k"}
    return {
        companies.import_csv: None,
        feeds.change_feed: {"active": False},
        keys.add_key: {"name": "n", "roles": ["viewer"], "user_id": ids["user_id"]},
        limits.put_limit: {"rub": 5},
        partnerships.record_outcome: {"outcome": "lost"},
        reviews.decide: {"type": "approve", "version": 1},
        runs.start: {"graph": "asking", "thread_id": ids["thread_id"]},
        schedules.add_schedule: {"name": "n", "graph": "asking", "cron": "0 3 * * *"},
        schedules.change_schedule: {"paused": True},
        users.set_password: {"password": "taken over!"},
        users.change_own_password: {"old": PASSWORD, "password": PASSWORD},
        wire_assistants.use: {"version": 1},
        wire_crons.create: cron,
        wire_runs.batch: [{**start, "thread_id": ids["thread_id"]}],
        wire_runs.start: start,
        wire_runs.start_and_wait: start,
        wire_runs.start_and_stream: start,
        wire_runs.cancel_many: {"run_ids": [ids["run_id"]], "thread_id": ids["thread_id"]},
        wire_store.put: {**place, "value": {"text": "theirs"}},
        wire_store.delete: place,
        wire_store.search: {"namespace_prefix": []},
        wire_threads.create: {"thread_id": ids["thread_id"], "if_exists": "do_nothing"},
        wire_threads.prune: {"thread_ids": [ids["thread_id"]]},
        wire_threads.update_state: {"values": {"text": "theirs"}},
        wire_threads.get_checkpoint: {"checkpoint": {"checkpoint_id": ids["checkpoint_id"]}},
    }


# What pages send, where it is more than an address.
FORMS: Bodies = {
    decisions.decide: {"verdict": "approve", "version": "1"},
    decisions.keep: {"subject": "theirs", "body": "theirs", "version": "1"},
    decisions.diff: {"subject": "theirs", "body": "theirs", "version": "1"},
    decisions.comment: {"body": "theirs"},
}
# Nothing of ours stands behind what these say of the id: an empty list, a token of their own tenant.
ABOUT_NOTHING = (
    audit.list_of_subject,
    tokens.revoke,
    wire_runs.list_runs,
    many.drop_view,
    decisions.drop,
)


async def test_nothing_of_ours_is_seen_or_changed(ours: Ours, theirs: Signed, every: list[Endpoint]) -> None:
    before, sent = await ours.dump(), bodies(ours.ids)
    # Another password of theirs would end their session, and so would signing out; the page's stream
    # does not end.
    left_out = {*ANYBODY, users.change_own_password, signing.sign_out, live.live}
    wrong = [
        problem
        for endpoint in every
        if endpoint.call not in left_out
        for problem in await _problems(endpoint, theirs, ours.ids, sent)
    ]
    assert wrong == []
    assert await ours.dump() == before


async def _problems(endpoint: Endpoint, theirs: Signed, ids: dict[str, str], sent: Bodies) -> list[str]:
    """What is wrong with the answer. It may say again what it was asked for."""
    path = endpoint.path.format_map(ids)
    form = FORMS.get(endpoint.call)
    body = None if endpoint.method == "GET" or form else sent.get(endpoint.call, {})
    address = theirs.client.base_url.join(path)
    answer = await theirs.client.request(endpoint.method, address, json=body, data=form)
    told = answer.text.replace(path, "")
    for id in ids.values():
        told = told.replace(f"'{id}'", "")
    hidden = "{" not in endpoint.path or endpoint.call in ABOUT_NOTHING or answer.status_code in (404, 409)
    fine = MARK not in told and hidden and answer.status_code < 500
    return [] if fine else [f"{endpoint}: {answer.status_code} {answer.text}"]


async def test_a_run_of_ours_that_is_under_way_is_not_listened_to(ours: Ours, theirs: Signed) -> None:
    started = await ours.api.client.post("runs", json={"graph": "asking", "input": {"text": MARK}})
    answer = await theirs.client.get(f"runs/{started.json()['id']}/events")
    assert answer.status_code == 404
    assert [event async for event in events(ours.api.client, started.json()["id"])]


async def test_their_own_runs_go_all_the_way(ours: Ours, theirs: Signed) -> None:
    started = await theirs.client.post("runs", json={"graph": "asking", "input": {"text": "theirs"}})
    run_id = started.json()["id"]
    last = [event.data async for event in events(theirs.client, run_id)][-1]
    review_id = last["reviews"][0]
    assert (await ours.api.client.get(f"reviews/{review_id}")).status_code == 404
    refused = await ours.api.client.post(
        f"reviews/{review_id}/decide", json={"type": "approve", "version": 1}
    )
    assert refused.status_code == 404
    decided = await theirs.client.post(f"reviews/{review_id}/decide", json={"type": "approve", "version": 1})
    assert decided.status_code == 200, decided.text
    ended = [event.data async for event in events(theirs.client, decided.json()["run_id"])][-1]
    assert ended["status"] == "done"
    assert decided.json()["decision"]["actor"] == "person:their-admin"


async def test_the_stream_of_a_page_tells_of_its_own_tenant_alone(ours: Ours, theirs: Signed) -> None:
    async with theirs.client.stream("GET", theirs.client.base_url.join("/queue/live")) as stream:
        lines = stream.aiter_lines()
        assert "event: ready" in [await anext(lines), await anext(lines)]
        _, of_ours = await ours.api.waiting()
        decided = await ours.api.client.post(
            f"reviews/{of_ours}/decide", json={"type": "approve", "version": 1}
        )
        assert decided.status_code == 200
        started = await theirs.client.post("runs", json={"graph": "asking", "input": {"text": "theirs"}})
        last = [event.data async for event in events(theirs.client, started.json()["id"])][-1]
        told = [json.loads(line[5:])["id"] async for line in _until(lines, last["reviews"][0])]
    assert of_ours not in told and told[-1] == last["reviews"][0]


async def _until(lines: AsyncIterator[str], id: str) -> AsyncIterator[str]:
    """The data of what is told, up to the first that is about `id`; `ready` is about nothing."""
    async for line in lines:
        if line.startswith("data:") and line != "data: {}":
            yield line
            if id in line:
                return


async def test_langgraph_s_clients_of_theirs_have_assistants_of_their_own(theirs: Signed) -> None:
    found = await theirs.client.post(theirs.client.base_url.join("/langgraph/assistants/search"), json={})
    assert {one["graph_id"] for one in found.json()} == set(GRAPHS)


async def test_only_the_one_token_names_another_tenant(ours: Ours, theirs: Signed) -> None:
    listed = await ours.api.client.get("users", params={"tenant": "theirs"})
    assert [user["login"] for user in listed.json()["items"]] == ["their-admin"]
    for tenant in ("default", "third"):
        body = {"login": "spy", "roles": ["admin"]}
        assert (await theirs.client.post("users", json=body, params={"tenant": tenant})).status_code == 403
        assert (await theirs.client.get("users", params={"tenant": tenant})).status_code == 403
