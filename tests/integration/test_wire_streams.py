"""Streams through LangGraph's own client and below it: frames, replay, reconnecting, leaving."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fakes.wire import Wire, build_chatting, holding, wired

pytestmark = pytest.mark.untraced

HI: dict[str, Any] = {"messages": [{"role": "user", "content": "hi"}]}


@pytest.fixture
async def held() -> asyncio.Event:
    return asyncio.Event()


@pytest.fixture
async def wire(tmp_path: Path, held: asyncio.Event) -> AsyncIterator[Wire]:
    async with wired(tmp_path, holding=holding(held), chatting=build_chatting) as found:
        yield found
        held.set()


@pytest.fixture
async def each(tmp_path: Path, empty_database: str, held: asyncio.Event) -> AsyncIterator[Wire]:
    """Once on each database."""
    async with wired(tmp_path, empty_database, holding=holding(held)) as found:
        yield found
        held.set()


async def thread_of(wire: Wire) -> str:
    return str((await wire.sdk.threads.create())["thread_id"])


async def status(wire: Wire, run: Any) -> str:
    return (await wire.sdk.runs.get(run["thread_id"], run["run_id"]))["status"]


async def test_a_stream_begins_with_the_run_and_ends_with_the_question(each: Wire) -> None:
    thread_id = await thread_of(each)
    created: list[Any] = []
    stream = each.sdk.runs.stream(
        thread_id, "asking", input={}, stream_mode=["values", "updates"], on_run_created=created.append
    )
    parts = [part async for part in stream]
    assert parts[0].event == "metadata"
    assert parts[0].data == {"run_id": created[0]["run_id"], "attempt": 1}
    assert created[0]["thread_id"] == thread_id
    numbers = [int(part.id or 0) for part in parts]
    assert numbers == sorted({*numbers}) and numbers[0] == 1
    assert parts[-1].data["__interrupt__"][0]["value"]["action_requests"]
    assert {part.event for part in parts} == {"metadata", "values", "updates"}


async def test_messages_and_subgraphs(wire: Wire) -> None:
    stream = wire.sdk.runs.stream(
        None, "talking", input=HI, stream_mode=["values", "messages-tuple"], stream_subgraphs=True
    )
    parts = [part async for part in stream]
    events = {part.event.partition(":")[0] for part in parts}
    assert events == {"metadata", "values", "messages", "values|inner"}
    [told] = [part.data for part in parts if part.event == "messages"][:1]
    assert (told[0]["type"], told[0]["content"]) == ("ai", "You said: hi")


async def test_an_error_ends_the_stream(each: Wire) -> None:
    parts = [part async for part in each.sdk.runs.stream(None, "failing", input={})]
    assert parts[-1].event == "error"
    assert parts[-1].data == {"error": "ValueError", "message": "the node could not do it"}
    assert [part.event for part in parts].count("error") == 1


async def test_who_has_seen_the_error_is_not_told_it_again(each: Wire) -> None:
    thread_id = await thread_of(each)
    first = [part async for part in each.sdk.runs.stream(thread_id, "failing", input={})]
    [run] = await each.sdk.runs.list(thread_id)
    seen = first[-1].id
    again = each.sdk.runs.join_stream(thread_id, run["run_id"], last_event_id=seen)
    assert seen is not None and [part async for part in again] == []


async def test_an_ended_run_is_replayed_from_any_frame(each: Wire) -> None:
    thread_id = await thread_of(each)
    first = [part async for part in each.sdk.runs.stream(thread_id, "asking", input={})]
    [run] = await each.sdk.runs.list(thread_id)
    again = [part async for part in each.sdk.runs.join_stream(thread_id, run["run_id"], last_event_id="-1")]
    assert again == first
    seen = first[1].id
    later = [part async for part in each.sdk.runs.join_stream(thread_id, run["run_id"], last_event_id=seen)]
    assert later == first[2:]
    none = each.sdk.runs.join_stream(thread_id, run["run_id"], stream_mode="updates")
    assert [part.event async for part in none] == ["metadata"]


@pytest.mark.parametrize("last", ["x", "1.5", "-2", "9" * 30])
async def test_a_frame_that_cannot_be_is_refused(wire: Wire, last: str) -> None:
    run: Any = await wire.sdk.runs.create(None, "holding", input={})
    answer = await wire.http.get(
        f"/threads/{run['thread_id']}/runs/{run['run_id']}/stream", headers={"Last-Event-ID": last}
    )
    assert answer.status_code == 422


async def test_who_loses_the_stream_goes_on_where_they_were(each: Wire, held: asyncio.Event) -> None:
    """By the Location, with the number of the last frame: appended to the base as LangGraph's client does
    it, or from the root as everybody else does."""
    thread_id = await thread_of(each)
    body = {"assistant_id": "holding", "input": {}, "stream_mode": ["values"]}
    async with each.http.stream("POST", f"/threads/{thread_id}/runs/stream", json=body) as answer:
        location = answer.headers["location"]
        lines = answer.aiter_lines()
        while not (await anext(lines)).startswith("id: 1"):
            pass
    [run] = await each.sdk.runs.list(thread_id)
    assert run["status"] == "running"
    held.set()
    assert location.startswith("/langgraph/threads/")
    rest = await each.http.get(location, headers={"Last-Event-ID": "1"})
    assert rest.request.url.path.startswith("/langgraph/langgraph/")
    whole = await each.http.get(each.http.base_url.join(location), headers={"Last-Event-ID": "1"})
    assert whole.text == rest.text
    events = [line for line in rest.text.splitlines() if line.startswith("event")]
    assert events and "event: metadata" not in events
    assert json.loads(rest.text.strip().splitlines()[-2].removeprefix("data: "))["answer"] == "held"


async def test_a_background_run_without_modes_tells_its_values(wire: Wire) -> None:
    thread_id = await thread_of(wire)
    answer = await wire.http.post(f"/threads/{thread_id}/runs", json={"assistant_id": "asking", "input": {}})
    run = answer.json()
    parts = [part async for part in wire.sdk.runs.join_stream(thread_id, run["run_id"])]
    assert [part.event for part in parts] == ["metadata", "values"]
    assert parts[-1].data["__interrupt__"]


@pytest.mark.parametrize("kind", ["wait", "stream"])
async def test_who_leaves_may_take_the_run_along(wire: Wire, kind: str) -> None:
    thread_id = await thread_of(wire)
    body = {"assistant_id": "holding", "input": {}, "on_disconnect": "cancel"}
    async with wire.http.stream("POST", f"/threads/{thread_id}/runs/{kind}", json=body) as answer:
        run_id = answer.headers["content-location"].rpartition("/")[2]
    await wire.sdk.runs.join(thread_id, run_id)
    assert await status(wire, {"thread_id": thread_id, "run_id": run_id}) == "interrupted"


async def test_a_listener_that_joined_may_leave(each: Wire) -> None:
    run: Any = await each.sdk.runs.create(await thread_of(each), "holding", input={})
    path = f"/threads/{run['thread_id']}/runs/{run['run_id']}/stream"
    async with each.http.stream("GET", path):
        pass
    assert await status(each, run) == "running"
    async with each.http.stream("GET", path, params={"cancel_on_disconnect": True}):
        pass
    await each.sdk.runs.join(run["thread_id"], run["run_id"])
    assert await status(each, run) == "interrupted"


async def test_a_server_that_stops_breaks_a_wait_off(tmp_path: Path) -> None:
    """So the client asks again, and does not take half an answer for a whole one."""
    held = asyncio.Event()

    async def broken(answer: httpx.Response) -> None:
        with pytest.raises(httpx.RemoteProtocolError):
            await answer.aread()
        # Only now may the run end, for which the server waits.
        held.set()

    async with httpx.AsyncClient(timeout=30) as client:
        async with wired(tmp_path, holding=holding(held)) as wire:
            run: Any = await wire.sdk.runs.create(await thread_of(wire), "holding", input={})
            path = f"{wire.url}/threads/{run['thread_id']}/runs/{run['run_id']}"
            join, stream = (
                client.build_request("GET", f"{path}/{what}", headers=wire.http.headers)
                for what in ("join", "stream")
            )
            waiting = asyncio.create_task(broken(await client.send(join, stream=True)))
            lines = (await client.send(stream, stream=True)).aiter_lines()
            assert await anext(lines) == "event: metadata"
        await waiting
        assert "event: error" not in [line async for line in lines]


class TestModes:
    async def test_events_are_those_of_langchain_beside_the_other_modes(self, wire: Wire) -> None:
        stream = wire.sdk.runs.stream(None, "asking", input={}, stream_mode=["values", "events"])
        parts = [part async for part in stream]
        told = [part.data for part in parts if part.event == "events"]
        begun = [event["name"] for event in told if event["event"] == "on_chain_start"]
        assert [name for name in begun if name in ("first", "second", "ask")] == ["first", "second", "ask"]
        assert {"run_id", "metadata", "tags", "parent_ids"} <= told[0].keys()
        values = [part.data for part in parts if part.event == "values"]
        assert len(values) == 3 and values[-1]["__interrupt__"]

    async def test_events_of_a_run_that_fails_or_is_stopped(self, wire: Wire, held: asyncio.Event) -> None:
        parts = [part async for part in wire.sdk.runs.stream(None, "failing", input={}, stream_mode="events")]
        assert parts[-1].data == {"error": "ValueError", "message": "the node could not do it"}
        run: Any = await wire.sdk.runs.create(None, "holding", input={}, stream_mode=["events"])
        await wire.sdk.runs.cancel(run["thread_id"], run["run_id"], wait=True)
        assert await status(wire, run) == "interrupted"

    async def test_messages_come_so_far_or_in_tuples(self, wire: Wire) -> None:
        async def of(*modes: Any) -> list[tuple[str, Any]]:
            stream = wire.sdk.runs.stream(None, "chatting", input=HI, stream_mode=[*modes])
            parts = [part async for part in stream if part.event.startswith("messages")]
            return [(part.event, part.data) for part in parts]

        said = await of("messages")
        assert [event for event, _ in said[:2]] == ["messages/metadata", "messages/partial"]
        texts = [data[0]["content"] for event, data in said if event == "messages/partial"]
        assert texts[0] == "Good" and texts[-1] == "Good day" and texts == sorted(texts)
        tuples = await of("messages", "messages-tuple")
        assert {event for event, _ in tuples} == {"messages"}
        assert "".join(data[0]["content"] for _, data in tuples) == "Good day"


class TestThreads:
    async def test_a_thread_is_followed_from_run_to_run(self, each: Wire) -> None:
        thread_id = await thread_of(each)
        follower = await each.sdk.threads.join_stream(thread_id, last_event_id="-1")
        run: Any = await each.sdk.runs.create(thread_id, "asking", input={}, stream_mode=["values"])
        seen = await until_done(follower, run)
        frames = [part.data for part in seen if part.event == "values"]
        assert frames[-1]["__interrupt__"] and frames[0]["steps"] == ["first"]
        answer = {"decisions": [{"type": "approve"}]}
        second: Any = await each.sdk.runs.create(thread_id, "asking", command={"resume": answer})
        seen += await until_done(follower, second)
        assert seen[-2].event == "values" and seen[-2].data["answer"] == "approve"
        # Whoever lost it goes on behind any frame.
        for number in (0, 2, len(seen) - 2):
            later = await each.sdk.threads.join_stream(thread_id, last_event_id=seen[number].id)
            told = [part for part in await until_done(later, second) if part.id]
            assert told == [part for part in seen[number + 1 :] if part.id]
        path, modes = f"/threads/{thread_id}/stream", {"stream_mode": ["lifecycle", "state_update"]}
        async with each.http.stream("GET", path, params=modes) as answer:
            location = answer.headers["location"]
        # The client appends it to its base.
        async with each.http.stream("GET", location, headers={"Last-Event-ID": "-1"}) as answer:
            lines = answer.aiter_lines()
            told = [await anext(lines) for _ in range(8)]
        assert [line for line in told if line.startswith("event")] == ["event: metadata", "event: metadata"]

    async def test_lifecycle_and_states_changed_by_hand(self, wire: Wire) -> None:
        thread_id = await wire.ran("talking", **HI)
        modes: Any = ["lifecycle", "state_update"]
        follower = await wire.sdk.threads.join_stream(thread_id, stream_mode=modes)
        coming = asyncio.create_task(anext(follower))
        while not coming.done():
            await wire.sdk.threads.update_state(thread_id, {"mood": "merry"}, as_node="inner")
            await asyncio.wait((coming,), timeout=0.1)
        told = coming.result()
        assert (told.event, told.id) == ("state_update", None)
        assert told.data["state"]["values"]["mood"] == "merry" and told.data["thread_id"] == thread_id
        run: Any = await wire.sdk.runs.create(thread_id, "talking", input=HI, stream_mode=["values"])
        parts = [part for part in await until_done(follower, run) if part.event != "state_update"]
        assert [part.data for part in parts] == [
            {"run_id": run["run_id"], "attempt": 1},
            {"run_id": run["run_id"], "status": "run_done"},
        ]

    @pytest.mark.parametrize("last", ["x", "1", "nobody:1", "-2"])
    async def test_a_place_that_cannot_be_is_refused(self, wire: Wire, last: str) -> None:
        path = f"/threads/{await thread_of(wire)}/stream"
        answer = await wire.http.get(path, headers={"Last-Event-ID": last})
        assert answer.status_code == 422
        assert (await wire.http.get("/threads/nobody/stream")).status_code == 404


async def until_done(follower: AsyncIterator[Any], run: Any) -> list[Any]:
    """What is told until the end of the run."""
    seen = []
    async with asyncio.timeout(30):
        async for part in follower:
            seen.append(part)
            if part.data.get("status") == "run_done" and part.data["run_id"] == run["run_id"]:
                break
    return seen
