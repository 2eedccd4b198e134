"""Assistants, driven by LangGraph's own client against the real server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from langgraph.pregel.remote import RemoteGraph
from langgraph_sdk.errors import ConflictError, NotFoundError, UnprocessableEntityError

from memory import audit, runs
from memory.ids import derived
from memory.models import Run, Schedule
from tests.fakes.rows import NOW
from tests.fakes.wire import Wire, build_wrapped, wired

pytestmark = pytest.mark.untraced


@pytest.fixture
async def wire(tmp_path: Path) -> AsyncIterator[Wire]:
    async with wired(tmp_path, wrapped=build_wrapped) as wire:
        yield wire


@pytest.fixture
async def each(tmp_path: Path, empty_database: str) -> AsyncIterator[Wire]:
    """Once on each database."""
    async with wired(tmp_path, empty_database) as wire:
        yield wire


class TestOwn:
    async def test_every_graph_has_one_by_its_name(self, wire: Wire) -> None:
        by_name = await wire.sdk.assistants.get("asking")
        assert by_name == await wire.sdk.assistants.get(derived("assistant", "asking"))
        assert (by_name["graph_id"], by_name["name"], by_name["version"]) == ("asking", "asking", 1)
        assert (by_name["config"], by_name["context"]) == ({}, {})

    async def test_stays_with_its_graph(self, wire: Wire) -> None:
        with pytest.raises(ConflictError, match="own assistant"):
            await wire.sdk.assistants.delete("asking")
        with pytest.raises(ConflictError, match="own assistant"):
            await wire.sdk.assistants.update("asking", graph_id="failing")

    async def test_keeps_what_was_changed_over_a_restart(self, tmp_path: Path) -> None:
        async with wired(tmp_path) as wire:
            await wire.sdk.assistants.update("asking", context={"lang": "en"})
        async with wired(tmp_path) as wire:
            again = await wire.sdk.assistants.get("asking")
            assert (again["context"], again["version"]) == ({"lang": "en"}, 2)
            assert len(await wire.sdk.assistants.get_versions("asking")) == 2


class TestLife:
    async def test_is_made_changed_taken_back_and_deleted(self, each: Wire) -> None:
        assistants = each.sdk.assistants
        made = await assistants.create(
            "asking",
            {"recursion_limit": 50, "tags": ["a"]},
            context={"lang": "en", "threshold": 0.5},
            metadata={"team": "x"},
            assistant_id="mine",
            name="Mine",
            description="About it",
        )
        assert (made["assistant_id"], made["version"], made["description"]) == ("mine", 1, "About it")
        assert made["config"] == {"recursion_limit": 50, "tags": ["a"]}
        assert made["context"] == {"lang": "en", "threshold": 0.5}
        changed = await assistants.update(
            "mine", context={"style": "formal"}, metadata={"more": 1}, name="Ours"
        )
        assert (changed["version"], changed["name"], changed["context"]) == (2, "Ours", {"style": "formal"})
        assert changed["metadata"] == {"team": "x", "more": 1} and changed["config"] == made["config"]
        back = await assistants.set_latest("mine", 1)
        assert (back["version"], back["name"], back["context"]) == (1, "Mine", made["context"])
        third = await assistants.update("mine", name="Third")
        assert third["version"] == 3
        versions = await assistants.get_versions("mine")
        assert [(one["version"], one["name"]) for one in versions] == [(3, "Third"), (2, "Ours"), (1, "Mine")]
        assert [one["version"] for one in await assistants.get_versions("mine", {"more": 1})] == [2]
        await assistants.delete("mine")
        with pytest.raises(NotFoundError, match="'mine'"):
            await assistants.get("mine")
        entries = await each.memory.read(audit.entries, "assistant", "mine")
        told = ["create", "update", "use", "update", "delete"]
        assert [entry.action for entry in entries] == [f"assistant.{action}" for action in told]

    async def test_an_id_is_taken_once(self, wire: Wire) -> None:
        await wire.sdk.assistants.create("asking", assistant_id="a", name="First")
        with pytest.raises(ConflictError, match="'a'"):
            await wire.sdk.assistants.create("asking", assistant_id="a")
        again = await wire.sdk.assistants.create("asking", assistant_id="a", if_exists="do_nothing")
        assert again["name"] == "First"

    async def test_runs_through_the_native_api_with_its_settings(self, wire: Wire) -> None:
        await wire.sdk.assistants.create(
            "asking", {"tags": ["a"]}, assistant_id="mine", context={"lang": "en"}
        )
        post = wire.api.client.post
        run = (await post("runs", json={"assistant_id": "mine"})).json()
        assert (run["graph"], run["assistant_id"]) == ("asking", "mine")
        stored = await wire.memory.read(runs.get, run["id"])
        assert stored is not None
        assert stored.options == {"config": {"tags": ["a"]}, "context": {"lang": "en"}}
        for body, status in (({}, 422), ({"graph": "asking", "assistant_id": "mine"}, 422)):
            assert (await post("runs", json=body)).status_code == status
        assert (await post("runs", json={"assistant_id": "nobody"})).status_code == 404

    async def test_the_older_name_of_the_context_is_understood(self, wire: Wire) -> None:
        made = await wire.sdk.assistants.create("asking", {"configurable": {"lang": "en"}})
        assert (made["config"], made["context"]) == ({}, {"lang": "en"})

    async def test_goes_with_its_threads_if_asked(self, wire: Wire) -> None:
        await wire.sdk.assistants.create("asking", assistant_id="a")
        for id in ("ran", "other"):
            await wire.sdk.threads.create(thread_id=id)
        run = Run(id="r", thread_id="ran", graph="asking", trigger="api", status="done", created_at=NOW)
        run.assistant_id = "a"
        await wire.memory.write(lambda session: session.add(run))
        await wire.sdk.assistants.delete("a", delete_threads=True)
        assert [one["thread_id"] for one in await wire.sdk.threads.search()] == ["other"]

    async def test_stays_while_a_schedule_starts_it(self, wire: Wire) -> None:
        await wire.sdk.assistants.create("asking", assistant_id="a")
        told: dict[str, Any] = {"cron": "0 9 * * *", "created_at": NOW, "assistant_id": "a"}
        row = Schedule(id="s", name="daily", graph="asking", **told)
        await wire.memory.write(lambda session: session.add(row))
        with pytest.raises(ConflictError, match="'daily'"):
            await wire.sdk.assistants.delete("a", delete_threads=True)


class TestSearch:
    async def test_finds_by_graph_name_and_metadata(self, each: Wire) -> None:
        assistants = each.sdk.assistants
        await assistants.create("asking", assistant_id="a", name="Письма", metadata={"team": {"n": 1}})
        await assistants.create("talking", assistant_id="b", name="Talk 100%")
        queries: list[tuple[list[str], dict[str, Any]]] = [
            (["a"], {"metadata": {"team": {"n": 1}}}),
            (["b"], {"name": "100%"}),
            (["b", derived("assistant", "talking")], {"graph_id": "talking", "sort_by": "created_at"}),
        ]
        for found, query in queries:
            listed: list[Any] = await assistants.search(**query)
            assert [one["assistant_id"] for one in listed] == found, query
            query.pop("sort_by", None)
            assert await assistants.count(**query) == len(found)

    async def test_pages_follow_each_other(self, wire: Wire) -> None:
        seen: list[str] = []
        after: str | None = "0"
        while after is not None:
            page = await wire.sdk.assistants.search(
                limit=2,
                offset=int(after),
                sort_by="name",
                sort_order="asc",
                select=["name"],
                response_format="object",
            )
            seen += [one["name"] for one in page["assistants"]]
            after = page["next"]
        assert seen == ["asking", "failing", "talking", "wrapped"]


class TestGraph:
    async def test_is_drawn(self, wire: Wire) -> None:
        graph: Any = await wire.sdk.assistants.get_graph("wrapped")
        assert [node["id"] for node in graph["nodes"]] == ["__start__", "inner", "__end__"]
        for xray in (True, 1):
            within: Any = await wire.sdk.assistants.get_graph("wrapped", xray=xray)
            assert "inner:ask" in [node["id"] for node in within["nodes"]]
        drawn = await RemoteGraph("asking", client=wire.sdk).aget_graph()
        assert "ask" in drawn.nodes

    async def test_tells_its_schemas(self, wire: Wire) -> None:
        told: Any = await wire.sdk.assistants.get_schemas("talking")
        assert told["graph_id"] == "talking"
        for name in ("input_schema", "output_schema", "state_schema"):
            assert told[name]["type"] == "object" and "messages" in told[name]["properties"]
        assert told["state_schema"]["properties"]["mood"] == {"type": "string"}
        assert set(told["context_schema"]["properties"]) == {"lang", "style", "threshold", "shortlist"}
        assert "recursion_limit" in told["config_schema"]["properties"]

    async def test_tells_the_graphs_within(self, wire: Wire) -> None:
        within = await wire.sdk.assistants.get_subgraphs("wrapped")
        assert "steps" in within["inner"]["state_schema"]["properties"]  # type: ignore[index]
        assert list(await wire.sdk.assistants.get_subgraphs("wrapped", "inner", recurse=True)) == ["inner"]
        assert await wire.sdk.assistants.get_subgraphs("asking") == {}


class TestWrong:
    async def test_settings_that_no_run_knows_are_named(self, wire: Wire) -> None:
        wrong: list[tuple[dict[str, Any], str]] = [
            ({"context": {"language": "en"}}, "context.language"),
            ({"context": {"lang": "fr"}}, "context.lang"),
            ({"context": {"threshold": 2}}, "context.threshold"),
            ({"config": {"configurable": {"model": "x"}}}, "config.configurable.model"),
            ({"config": {"recursion_limit": 0}}, "config.recursion_limit"),
            ({"config": {"callbacks": []}}, "config.callbacks"),
        ]
        for body, field in wrong:
            answer = await wire.http.post("/assistants", json={"graph_id": "asking", **body})
            assert answer.status_code == 422 and field in answer.json()["detail"]
            assert (await wire.http.patch("/assistants/asking", json=body)).status_code == 422
        assert len(await wire.sdk.assistants.get_versions("asking")) == 1

    async def test_an_id_is_no_name_of_a_graph(self, wire: Wire) -> None:
        with pytest.raises(UnprocessableEntityError, match="name of a graph"):
            await wire.sdk.assistants.create("asking", assistant_id="talking")

    async def test_unknown_ones_are_named(self, wire: Wire) -> None:
        assistants = wire.sdk.assistants
        for missing in (
            assistants.get("nobody"),
            assistants.delete("nobody"),
            assistants.update("nobody", name="x"),
            assistants.get_graph("nobody"),
            assistants.get_schemas("nobody"),
            assistants.get_subgraphs("nobody"),
            assistants.get_versions("nobody"),
            assistants.set_latest("nobody", 1),
            assistants.create("nobody"),
            assistants.update("asking", graph_id="nobody"),
        ):
            with pytest.raises(NotFoundError, match="'nobody'"):
                await missing
        with pytest.raises(NotFoundError, match="version 7"):
            await assistants.set_latest("asking", 7)
