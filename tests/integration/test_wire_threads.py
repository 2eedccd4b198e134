"""Threads, states and the store, driven by LangGraph's own client against the real server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langgraph.pregel.remote import RemoteGraph
from langgraph.types import Interrupt
from langgraph_sdk.errors import ConflictError, NotFoundError, UnprocessableEntityError
from sqlalchemy import text
from sqlmodel import select

from api.langgraph.encoding import encode
from memory import audit, runs, threads
from memory.models import AuditEntry, Run, RunEvent, RunStatus, Thread
from tests.fakes.graphs import QUESTION
from tests.fakes.wire import Wire, wired

pytestmark = pytest.mark.untraced


@pytest.fixture
async def wire(tmp_path: Path) -> AsyncIterator[Wire]:
    async with wired(tmp_path) as wire:
        yield wire


@pytest.fixture
async def each(tmp_path: Path, empty_database: str) -> AsyncIterator[Wire]:
    """Once on each database."""
    async with wired(tmp_path, empty_database) as wire:
        yield wire


async def actions(wire: Wire, thread_id: str) -> list[tuple[str, str]]:
    entries = await wire.memory.read(audit.entries, "thread", thread_id)
    return [(entry.action, entry.actor) for entry in entries]


class TestServer:
    async def test_says_that_it_is_there_and_what_it_is(self, wire: Wire) -> None:
        assert (await wire.http.get("/ok")).json() == {"ok": True}
        info = (await wire.http.get("/info")).json()
        assert info["version"] and info["langgraph_py_version"].startswith("1.")
        assert info["flags"]["assistants"] is True and info["flags"]["langsmith"] is False

    async def test_asks_for_the_token(self, wire: Wire) -> None:
        answer = await wire.http.post("/threads", json={}, headers={"Authorization": "Bearer wrong"})
        assert answer.status_code == 401


class TestThreads:
    async def test_is_made_read_described_and_deleted(self, each: Wire) -> None:
        threads = each.sdk.threads
        made = await threads.create(metadata={"a": 1}, thread_id="t-1")
        assert made["thread_id"] == "t-1" and made["metadata"] == {"a": 1}
        assert (made["status"], made["values"], made["interrupts"]) == ("idle", {}, {})
        changed = await threads.update("t-1", metadata={"b": [2]})
        assert changed["metadata"] == {"a": 1, "b": [2]} == (await threads.get("t-1"))["metadata"]
        await threads.delete("t-1")
        with pytest.raises(NotFoundError, match="'t-1'"):
            await threads.get("t-1")
        assert await actions(each, "t-1") == [
            ("thread.create", "person:anna"),
            ("thread.delete", "person:anna"),
        ]

    async def test_an_id_is_made_when_none_is_given(self, wire: Wire) -> None:
        first, second = await wire.sdk.threads.create(), await wire.sdk.threads.create()
        assert first["thread_id"] != second["thread_id"]

    async def test_an_id_is_taken_once(self, wire: Wire) -> None:
        await wire.sdk.threads.create(thread_id="t", metadata={"a": 1})
        with pytest.raises(ConflictError, match="'t'"):
            await wire.sdk.threads.create(thread_id="t")
        again = await wire.sdk.threads.create(thread_id="t", metadata={"a": 2}, if_exists="do_nothing")
        assert again["metadata"] == {"a": 1}

    async def test_a_minimal_answer_is_empty(self, wire: Wire) -> None:
        await wire.sdk.threads.create(thread_id="t")
        answer = await wire.http.patch(
            "/threads/t", json={"metadata": {"a": 1}}, headers={"Prefer": "return=minimal"}
        )
        assert (answer.status_code, answer.content) == (204, b"")

    async def test_says_how_long_it_lives(self, wire: Wire) -> None:
        made = await wire.sdk.threads.create(thread_id="t", ttl=90)
        life = (await wire.http.get("/threads/t", params={"include": "ttl"})).json()["ttl"]
        expires = datetime.fromisoformat(made["updated_at"]) + timedelta(minutes=90)  # type: ignore[arg-type]
        assert life["ttl_minutes"] == 90 and datetime.fromisoformat(life["expires_at"]) == expires
        await wire.sdk.threads.update("t", metadata={}, ttl={"ttl": 1.5})
        row = await wire.memory.read(lambda session: session.get(Thread, "t"))
        assert row is not None and row.ttl_s == 90

    async def test_outlives_its_time_only_when_it_is_over(self, each: Wire) -> None:
        for id, ttl in (("short", 1), ("long", 60), ("for ever", None)):
            await each.sdk.threads.create(thread_id=id.replace(" ", "-"), ttl=ttl)
        now = datetime.now(UTC)
        assert await each.memory.read(threads.expired, now) == []
        assert await each.memory.read(threads.expired, now + timedelta(minutes=2)) == ["short"]

    async def test_names_the_graph_and_assistant_that_ran(self, wire: Wire) -> None:
        thread_id = await wire.ran("talking", messages=[{"role": "user", "content": "hi"}])
        assert (await wire.sdk.threads.get(thread_id))["metadata"]["graph_id"] == "talking"  # type: ignore[index]

    async def test_a_waiting_one_tells_its_questions_and_values(self, wire: Wire) -> None:
        thread_id = await wire.waiting()
        thread = await wire.sdk.threads.get(thread_id)
        assert thread["status"] == "interrupted" and thread["values"] == {"steps": ["first", "second"]}
        (asked,) = (one for questions in thread["interrupts"].values() for one in questions)
        assert asked["value"] == QUESTION and asked["id"]


class TestWrongThreads:
    async def test_unknown_ids_are_named(self, wire: Wire) -> None:
        for method, path in (
            ("GET", ""),
            ("PATCH", ""),
            ("DELETE", ""),
            ("POST", "/copy"),
            ("GET", "/state"),
            ("POST", "/state"),
            ("POST", "/history"),
        ):
            answer = await wire.http.request(method, f"/threads/nobody{path}", json={"values": {}})
            assert answer.status_code == 404 and "'nobody'" in answer.json()["detail"]

    async def test_what_does_not_fit_is_refused(self, wire: Wire) -> None:
        await wire.sdk.threads.create(thread_id="t")
        bodies: list[tuple[str, dict[str, Any]]] = [
            ("", {"thread_id": "a/b"}),
            ("", {"metadata": [1]}),
            ("", {"if_exists": "replace"}),
            ("", {"ttl": 0}),
            ("", {"ttl": {"ttl": 5, "strategy": "keep_latest"}}),
            ("", {"supersteps": [{"updates": [{"values": {}, "as_node": "first"}]}]}),
            ("/search", {"limit": 0}),
            ("/search", {"offset": -1}),
            ("/search", {"status": "asleep"}),
            ("/search", {"sort_by": "values"}),
            ("/search", {"extract": {"x": "thread_id"}}),
            ("/prune", {"thread_ids": ["a"], "strategy": "some"}),
        ]
        for path, body in bodies:
            answer = await wire.http.post(f"/threads{path}", json=body)
            assert answer.status_code == 422 and answer.json()["detail"], body
        assert await wire.sdk.threads.count() == 1

    async def test_metadata_is_text_and_numbers_that_every_database_holds(self, wire: Wire) -> None:
        for body in ('{"metadata": {"a": NaN}}', '{"metadata": {"a": "\\ud800"}}'):
            answer = await wire.http.post("/threads", content=body)
            assert answer.status_code == 422

    async def test_an_unknown_graph_is_named(self, wire: Wire) -> None:
        with pytest.raises(NotFoundError, match="'nothing'"):
            await wire.sdk.threads.create(graph_id="nothing")
        assert await wire.sdk.threads.count() == 0


class TestSearch:
    async def test_finds_by_metadata_at_any_depth(self, each: Wire) -> None:
        threads = each.sdk.threads
        metadata = {"n": 1, "yes": True, "none": None, "in": {"word": "слово", "list": [1, {"x": "y"}]}}
        await threads.create(thread_id="a", metadata=metadata)
        await threads.create(thread_id="b", metadata={"n": "1", "yes": 1, "in": ["word"]})
        there: list[dict[str, Any]] = [
            {"n": 1},
            {"yes": True},
            {"none": None},
            {"in": {"word": "слово"}},
            {"in": {"list": [{"x": "y"}]}},
            {"in": {"list": [1]}, "n": 1.0},
        ]
        nowhere: list[dict[str, Any]] = [
            {"n": 2},
            {"in": {"word": "сло%"}},
            {"in": {"list": [3]}},
            {"x": None},
        ]
        for wanted in there:
            assert [one["thread_id"] for one in await threads.search(metadata=wanted)] == ["a"], wanted
            assert await threads.count(metadata=wanted) == 1
        for wanted in nowhere:
            assert await threads.search(metadata=wanted) == []
        huge = await each.http.post("/threads/search", json={"metadata": {"n": 2**70}})
        assert (huge.status_code, huge.json()) == (200, [])

    async def test_finds_by_status_graph_values_and_ids(self, each: Wire) -> None:
        threads = each.sdk.threads
        waits = await each.waiting(input={"text": "ballast"})
        await threads.create(thread_id="idle", metadata={"x": "\0"})
        fails = await each.ran("failing", status="failed")
        queries: list[tuple[str, dict[str, Any]]] = [
            (waits, {"status": "interrupted"}),
            (fails, {"status": "error"}),
            ("idle", {"status": "idle"}),
            (waits, {"metadata": {"graph_id": "asking"}}),
            (waits, {"values": {"steps": ["second"]}}),
            ("idle", {"ids": ["idle", "nobody"]}),
        ]
        for found, query in queries:
            assert [one["thread_id"] for one in await threads.search(**query)] == [found], query
        assert await threads.count(status="interrupted", values={"text": "ballast"}) == 1
        assert await threads.count(status="busy") == 0

    async def test_finds_what_no_run_has_left(self, each: Wire) -> None:
        """Values changed by hand, copied, of a cancelled run, and of a run that was deleted."""
        threads, by = each.sdk.threads, {"text": "ballast"}
        changed, copied, cancelled = [await each.waiting(input=by) for _ in range(3)]
        deleted = await each.ran("talking", messages=[{"role": "user", "content": "hi", "id": "m"}])
        await threads.update_state(changed, {"text": "other"}, as_node="first")
        copy = (await each.http.post(f"/threads/{copied}/copy")).json()["thread_id"]
        for thread_id, end in ((cancelled, each.sdk.runs.cancel), (deleted, each.sdk.runs.delete)):
            [run] = await each.sdk.runs.list(thread_id)
            await end(thread_id, run["run_id"])

        async def of(values: dict[str, Any]) -> set[str]:
            found = await threads.search(values=values)
            assert await threads.count(values=values) == len(found)
            return {one["thread_id"] for one in found}

        assert await of(by) == {copied, copy, cancelled}
        assert await of({"text": "other"}) == {changed}
        assert await of({"mood": "calm"}) == {deleted}
        await each.sdk.runs.wait(changed, "asking", input={"text": "third"})
        assert await of({"text": "other"}) == set() and await of({"text": "third"}) == {changed}

    async def test_pages_are_in_order_and_say_how_many_there_are(self, wire: Wire) -> None:
        for number in range(5):
            await wire.sdk.threads.create(thread_id=f"t{number}")
        body: dict[str, Any] = {"sort_by": "thread_id", "sort_order": "asc", "limit": 2}
        first = await wire.http.post("/threads/search", json=body)
        assert [one["thread_id"] for one in first.json()] == ["t0", "t1"]
        assert (first.headers["X-Pagination-Total"], first.headers["X-Pagination-Next"]) == ("5", "2")
        last = await wire.http.post("/threads/search", json={**body, "offset": 4})
        assert [one["thread_id"] for one in last.json()] == ["t4"] and "X-Pagination-Next" not in last.headers
        newest = await wire.sdk.threads.search(limit=1)
        assert newest[0]["thread_id"] == "t4"

    async def test_answers_only_what_is_asked_for(self, wire: Wire) -> None:
        thread_id = await wire.waiting()
        paths = {"last": "values.steps[-1]", "none": "values.steps[7].x", "graph": "metadata.graph_id"}
        found: Any
        (found,) = await wire.sdk.threads.search(select=["thread_id", "status"], extract=paths)
        assert found == {
            "thread_id": thread_id,
            "status": "interrupted",
            "extracted": {"last": "second", "none": None, "graph": "asking"},
        }


class TestState:
    async def test_of_a_waiting_thread_is_what_langgraph_tells(self, each: Wire) -> None:
        thread_id = await each.waiting()
        state = await each.sdk.threads.get_state(thread_id)
        assert state["values"] == {"steps": ["first", "second"]} and state["next"] == ["ask"]
        (task,) = state["tasks"]
        assert (task["name"], task["error"], task["state"], task["result"]) == ("ask", None, None, None)
        assert (
            task["interrupts"]
            == state["interrupts"]
            == [{"id": state["interrupts"][0]["id"], "value": QUESTION}]
        )
        place = {"thread_id": thread_id, "checkpoint_ns": ""}
        assert place.items() <= state["checkpoint"].items() and state["checkpoint"]["checkpoint_id"]
        assert state["parent_checkpoint"]["checkpoint_id"] < state["checkpoint"]["checkpoint_id"]  # type: ignore[index,operator]
        assert state["metadata"]["step"] == 2 and state["created_at"]  # type: ignore[index]

    async def test_of_a_thread_on_which_nothing_ran_is_empty(self, wire: Wire) -> None:
        await wire.sdk.threads.create(thread_id="t")
        state = await wire.sdk.threads.get_state("t")
        assert (state["values"], state["next"], state["tasks"], state["interrupts"]) == ({}, [], [], [])
        assert state["checkpoint"] == {"thread_id": "t", "checkpoint_ns": "", "checkpoint_id": None}
        assert await wire.sdk.threads.get_history("t") == []

    async def test_is_found_at_each_checkpoint(self, wire: Wire) -> None:
        thread_id = await wire.waiting()
        history = await wire.sdk.threads.get_history(thread_id)
        assert [state["next"] for state in history] == [["ask"], ["second"], ["first"], ["__start__"]]
        second = history[1]
        id = second["checkpoint"]["checkpoint_id"]
        assert await wire.sdk.threads.get_state(thread_id, checkpoint_id=id) == second
        assert await wire.sdk.threads.get_state(thread_id, checkpoint=second["checkpoint"]) == second
        for before in (id, second["checkpoint"], {"configurable": second["checkpoint"]}):
            older = await wire.sdk.threads.get_history(thread_id, before=before, limit=1)  # type: ignore[arg-type]
            assert older == history[2:3]
        assert await wire.sdk.threads.get_history(thread_id, metadata={"step": 1}) == [second]

    async def test_unknown_checkpoints_are_named(self, wire: Wire) -> None:
        thread_id = await wire.waiting()
        await wire.sdk.threads.create(thread_id="t")
        for id in (thread_id, "t"):
            with pytest.raises(NotFoundError, match="'nowhere'"):
                await wire.sdk.threads.get_state(id, checkpoint_id="nowhere")
        other: Any = {"thread_id": "t", "checkpoint_ns": "", "checkpoint_id": "x"}
        with pytest.raises(UnprocessableEntityError, match="'t'"):
            await wire.sdk.threads.get_state(thread_id, checkpoint=other)

    async def test_a_part_of_it_can_be_asked_for(self, wire: Wire) -> None:
        thread_id = await wire.waiting(input={"text": "long"})
        state: Any = await wire.sdk.threads.get_state(thread_id, select=["next", "values.text"])
        assert state == {"next": ["ask"], "values": {"text": "long"}}
        newest: Any
        (newest,) = await wire.sdk.threads.get_history(thread_id, limit=1, select=["next"])
        assert newest == {"next": ["ask"]}

    async def test_messages_and_graphs_within_the_graph_are_told(self, wire: Wire) -> None:
        thread_id = await wire.ran("talking", messages=[{"role": "user", "content": "привет"}])
        state: Any = await wire.sdk.threads.get_state(thread_id, subgraphs=True)
        human, reply = state["values"]["messages"]
        assert (human["type"], human["content"]) == ("human", "привет")
        assert (reply["type"], reply["content"], reply["id"]) == ("ai", "You said: привет", "reply")
        assert state["values"]["mood"] == "calm"

    async def test_remote_graph_reads_and_changes_it(self, wire: Wire) -> None:
        thread_id = await wire.waiting()
        remote = RemoteGraph("asking", client=wire.sdk)
        config: Any = {"configurable": {"thread_id": thread_id}}
        state = await remote.aget_state(config)
        assert state.next == ("ask",) and state.interrupts[0].value == QUESTION
        assert len([one async for one in remote.aget_state_history(config)]) == 4
        await remote.aupdate_state(config, {"answer": "changed"}, as_node="third")
        assert (await remote.aget_state(config)).values["answer"] == "changed"


class TestUpdate:
    async def test_ends_the_question_that_was_open(self, each: Wire) -> None:
        run_id, review_id = await each.api.waiting()
        thread_id = (await each.api.client.get(f"runs/{run_id}")).json()["thread_id"]
        answer = await each.sdk.threads.update_state(thread_id, {"answer": "by hand"}, as_node="last")
        state = await each.sdk.threads.get_state(thread_id)
        assert answer["checkpoint"] == state["checkpoint"]
        thread = await each.sdk.threads.get(thread_id)
        assert (thread["status"], thread["interrupts"]) == ("idle", {})
        assert thread["values"] == state["values"] == {"steps": ["first", "second"], "answer": "by hand"}
        assert (await each.sdk.threads.search(ids=[thread_id]))[0]["values"] == state["values"]
        assert (await each.api.client.get(f"reviews/{review_id}")).json()["review"]["status"] == "withdrawn"
        assert (await each.api.client.get(f"runs/{run_id}")).json()["status"] == "cancelled"
        assert ("thread.update_state", "person:anna") in await actions(each, thread_id)

    async def test_forks_from_an_earlier_checkpoint(self, wire: Wire) -> None:
        thread_id = await wire.ran("talking", messages=[{"role": "user", "content": "hi"}])
        history = await wire.sdk.threads.get_history(thread_id)
        (earlier,) = (state for state in history if state["next"] == ["inner"])
        await wire.sdk.threads.update_state(
            thread_id, {"mood": "other"}, checkpoint=earlier["checkpoint"], as_node="reply"
        )
        thread = await wire.sdk.threads.get(thread_id)
        assert thread["status"] == "interrupted" and thread["values"]["mood"] == "other"  # type: ignore[index]
        state = await wire.sdk.threads.get_state(thread_id)
        assert state["next"] == ["inner"] and state["parent_checkpoint"] == earlier["checkpoint"]

    async def test_what_the_graph_cannot_take_changes_nothing(self, wire: Wire) -> None:
        thread_id = await wire.waiting()
        before = await wire.sdk.threads.get_state(thread_id)
        wrong: list[tuple[Any, str | None, str]] = [
            ({"nothing": 1}, None, "nothing"),
            ({"answer": "x"}, "nobody", "nobody"),
            ([{"answer": "x"}, {"nothing": 1}], "third", "nothing"),
        ]
        for values, node, line in wrong:
            with pytest.raises(UnprocessableEntityError, match=line):
                await wire.sdk.threads.update_state(thread_id, values, as_node=node)
        with pytest.raises(NotFoundError, match="nowhere"):
            await wire.sdk.threads.update_state(thread_id, {"answer": "x"}, checkpoint_id="nowhere")
        assert await wire.sdk.threads.get_state(thread_id) == before

    async def test_needs_a_graph(self, wire: Wire) -> None:
        await wire.sdk.threads.create(thread_id="t")
        with pytest.raises(UnprocessableEntityError, match="no graph"):
            await wire.sdk.threads.update_state("t", {})
        await wire.sdk.threads.create(thread_id="named", graph_id="talking")
        await wire.sdk.threads.update_state("named", {"mood": "new"}, as_node="__start__")
        assert (await wire.sdk.threads.get("named"))["values"] == {"messages": [], "mood": "new"}

    async def test_a_question_is_set_aside(self, each: Wire) -> None:
        """As Agent Inbox does it when a person ignores the whole thread."""
        thread_id = await each.waiting()
        await each.sdk.threads.update_state(thread_id, None, as_node="__end__")
        thread = await each.sdk.threads.get(thread_id)
        assert (thread["status"], thread["interrupts"]) == ("idle", {})
        assert (await each.api.client.get("reviews")).json()["items"] == []


class TestSupersteps:
    async def test_make_the_first_state(self, wire: Wire) -> None:
        steps: Any = [
            {"updates": [{"values": {"steps": []}, "as_node": "__input__"}]},
            {
                "updates": [
                    {"values": {"steps": ["first"]}, "as_node": "first", "command": {"goto": "second"}}
                ]
            },
        ]
        made = await wire.sdk.threads.create(thread_id="t", graph_id="asking", supersteps=steps)
        assert made["status"] in ("idle", "interrupted")
        assert len(await wire.sdk.threads.get_history("t")) == 2

    async def test_that_do_not_fit_leave_no_thread(self, wire: Wire) -> None:
        steps: Any = [{"updates": [{"values": {"steps": []}, "as_node": "nobody"}]}]
        with pytest.raises(UnprocessableEntityError, match="nobody"):
            await wire.sdk.threads.create(thread_id="t", graph_id="asking", supersteps=steps)
        with pytest.raises(NotFoundError):
            await wire.sdk.threads.get("t")


class TestCopy:
    async def test_has_the_state_and_history_and_a_life_of_its_own(self, each: Wire) -> None:
        thread_id = await each.waiting()
        await each.sdk.threads.update(thread_id, metadata={"who": "me"})
        copied = (await each.http.post(f"/threads/{thread_id}/copy")).json()
        id = copied["thread_id"]
        assert id != thread_id and copied["metadata"]["who"] == "me" and copied["status"] == "interrupted"
        assert copied["values"] == {"steps": ["first", "second"]}
        assert len(await each.sdk.threads.get_history(id)) == 4
        await each.sdk.threads.delete(thread_id)
        assert (await each.sdk.threads.get_state(id))["next"] == ["ask"]
        assert await actions(each, id) == [("thread.copy", "person:anna")]

    async def test_a_copied_question_is_answered_on_its_own(self, each: Wire) -> None:
        """By LangGraph's command: the queue asks a person once, for the thread that was copied."""
        run_id, review_id = await each.api.waiting()
        thread_id = (await each.api.client.get(f"runs/{run_id}")).json()["thread_id"]
        id = (await each.http.post(f"/threads/{thread_id}/copy")).json()["thread_id"]
        found = await each.sdk.threads.search(status="interrupted", ids=[id])
        [[asked]] = found[0]["interrupts"].values()
        assert [one["id"] for one in (await each.sdk.threads.get_state(id))["interrupts"]] == [asked["id"]]
        answer = {asked["id"]: {"decisions": [{"type": "reject"}]}}  # type: ignore[index]
        values: Any = await each.sdk.runs.wait(id, "asking", command={"resume": answer})
        assert values["answer"] == "reject" and (await each.sdk.threads.get(id))["status"] == "idle"
        assert (await each.sdk.threads.get(thread_id))["status"] == "interrupted"
        await each.api.client.post(f"reviews/{review_id}/decide", json={"type": "approve"})
        values = await each.sdk.runs.join(thread_id, (await each.sdk.runs.list(thread_id))[0]["run_id"])
        assert values["answer"] == "approve"


class TestDelete:
    async def test_takes_the_state_and_frames_and_keeps_the_runs(self, each: Wire) -> None:
        run_id, review_id = await each.api.waiting()
        thread_id = (await each.api.client.get(f"runs/{run_id}")).json()["thread_id"]
        run = await each.memory.read(runs.get, run_id)
        assert run is not None
        await each.memory.write(runs.add_frames, run, 10, [("values", "{}")])
        await each.sdk.threads.delete(thread_id)
        assert (await each.api.client.get(f"reviews/{review_id}")).json()["review"]["status"] == "withdrawn"
        assert (await each.api.client.get(f"runs/{run_id}")).json()["status"] == "cancelled"
        assert await each.memory.read(lambda session: session.exec(select(RunEvent)).all()) == []
        entries = await each.memory.read(lambda session: session.exec(select(AuditEntry.action)).all())
        assert {"run.start", "thread.delete"} <= set(entries)
        await each.sdk.threads.create(thread_id=thread_id, graph_id="asking")
        assert (await each.sdk.threads.get_state(thread_id))["values"] == {}

    async def test_a_busy_thread_is_left_alone(self, wire: Wire) -> None:
        thread_id = await wire.waiting()
        later = datetime.now(UTC) + timedelta(days=1)
        queued: dict[str, Any] = {
            "thread_id": thread_id,
            "graph": "asking",
            "trigger": "api",
            "created_at": later,
        }
        run = Run(id="queued", status=RunStatus.QUEUED, not_before=later, **queued)
        await wire.memory.write(lambda session: session.add(run))
        before = await wire.sdk.threads.get_state(thread_id)
        for refused in (
            wire.sdk.threads.delete(thread_id),
            wire.sdk.threads.update_state(thread_id, {"answer": "x"}),
            wire.sdk.threads.prune([thread_id]),
            wire.sdk.threads.prune([thread_id], strategy="keep_latest"),
        ):
            with pytest.raises(ConflictError, match=r"busy.*queued"):
                await refused
        assert await wire.sdk.threads.get_state(thread_id) == before


class TestPrune:
    async def test_keeps_the_newest_state(self, each: Wire) -> None:
        thread_id = await each.waiting()
        before = await each.sdk.threads.get_state(thread_id)
        told = await each.sdk.threads.prune([thread_id, thread_id, "nobody"], strategy="keep_latest")
        assert told == {"pruned_count": 1}
        after = await each.sdk.threads.get_state(thread_id)
        assert (after["values"], after["next"], after["interrupts"]) == (
            before["values"],
            before["next"],
            before["interrupts"],
        )
        assert len(await each.sdk.threads.get_history(thread_id)) == 1
        row = await each.memory.read(lambda session: session.get(Thread, thread_id))
        assert row is not None and row.pruned_at is not None

    async def test_deletes_them(self, wire: Wire) -> None:
        for id in ("a", "b", "c"):
            await wire.sdk.threads.create(thread_id=id)
        assert await wire.sdk.threads.prune(["a", "b"]) == {"pruned_count": 2}
        assert [one["thread_id"] for one in await wire.sdk.threads.search()] == ["c"]


class TestStore:
    async def test_keeps_finds_and_forgets_items(self, each: Wire) -> None:
        store = each.sdk.store
        await store.put_item(["users", "anna"], "likes", {"food": "щи", "n": 3})
        await store.put_item(["users", "boris"], "likes", {"food": "pie", "n": 5})
        item = await store.get_item(["users", "anna"], "likes")
        assert (item["namespace"], item["key"]) == (["users", "anna"], "likes")
        assert item["value"] == {"food": "щи", "n": 3} and item["created_at"] and item["updated_at"]
        found = (await store.search_items(["users"], filter={"n": {"$gt": 3}}))["items"]
        assert [(one["namespace"], one["score"]) for one in found] == [(["users", "boris"], None)]
        assert len((await store.search_items([], limit=1))["items"]) == 1
        await store.delete_item(["users", "anna"], "likes")
        with pytest.raises(NotFoundError, match=r"users\.anna/likes"):
            await store.get_item(["users", "anna"], "likes")

    async def test_lists_namespaces_without_the_tenant(self, each: Wire) -> None:
        for place in (["a", "x"], ["a", "y", "z"], ["ab", "x"]):
            await each.sdk.store.put_item(place, "k", {})

        async def listed(**query: Any) -> list[list[str]]:
            return sorted((await each.sdk.store.list_namespaces(**query))["namespaces"])

        assert await listed() == [["a", "x"], ["a", "y", "z"], ["ab", "x"]]
        assert await listed(prefix=["a"]) == [["a", "x"], ["a", "y", "z"]]
        assert await listed(suffix=["x"]) == [["a", "x"], ["ab", "x"]]
        assert await listed(max_depth=1) == [["a"], ["ab"]]

    async def test_an_item_that_has_outlived_its_time_is_gone(self, each: Wire) -> None:
        for key in ("k", "l"):
            await each.sdk.store.put_item(["a"], key, {}, ttl=60)
        past = text("UPDATE store SET expires_at = '2026-01-01 00:00:00+00:00' WHERE key = 'k'")
        await each.memory.write(lambda session: session.connection().execute(past))
        found = (await each.sdk.store.search_items(["a"]))["items"]
        assert [one["key"] for one in found] == ["l"]

    async def test_labels_are_checked(self, wire: Wire) -> None:
        for labels in ([], [""], ["a.b"], ["a", "\0"]):
            body = {"namespace": labels, "key": "k", "value": {}}
            assert (await wire.http.put("/store/items", json=body)).status_code == 422

    async def test_what_it_cannot_search_is_refused(self, wire: Wire) -> None:
        await wire.sdk.store.put_item(["a"], "k", {"n": 1})
        with pytest.raises(UnprocessableEntityError, match="by meaning"):
            await wire.sdk.store.search_items(["a"], query="food")
        with pytest.raises(UnprocessableEntityError, match="filter"):
            await wire.sdk.store.search_items(["a"], filter={"n": {"$near": 1}})


class TestEncoding:
    def test_any_value_becomes_json_that_clients_read(self) -> None:
        told = encode(
            {
                "messages": [HumanMessage("hi", id="1"), AIMessage("ho", id="2")],
                "asked": (Interrupt(value={"q": {1}}, id="i"),),
                "at": datetime(2026, 11, 20, tzinfo=UTC),
                "error": ValueError("no"),
                "nan": float("nan"),
                "bytes": b"\xff",
                "half": "a\ud800b",
                "kind": object,
                "status": RunStatus.DONE,
                1: {2},
            }
        )
        read = orjson.loads(told)
        assert [(one["type"], one["content"]) for one in read["messages"]] == [("human", "hi"), ("ai", "ho")]
        assert read["asked"] == [{"value": {"q": [1]}, "id": "i"}]
        assert datetime.fromisoformat(read["at"]) == datetime(2026, 11, 20, tzinfo=UTC)
        assert (read["error"], read["nan"], read["half"]) == ("ValueError: no", None, "a?b")
        assert (read["status"], read["1"], read["kind"]) == ("done", [2], "<class 'object'>")
