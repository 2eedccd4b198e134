"""A pair is judged by models through its graph: what is recorded, asked once, and what stands without."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from langgraph.types import Command
from sqlmodel import select

from agents.compatibility.judgement import NAMED
from agents.evidence.facts import entries
from agents.evidence.rows import record_of
from memory import partnerships
from memory.db import Memory, TenantSession
from memory.models import Evidence, Partnership
from tests.fakes.llm.asking import PATIENT_S
from tests.fakes.llm.script import HANG, structured
from tests.fakes.llm.vendors import Vendor, anthropic, openrouter
from tests.fakes.opinions import FIT, KINDS, REPEATS, letter, notes, opinion, reason
from tests.fakes.panel import JUDGE, WARNER, Panel, panel
from tests.integration.test_outreach_nodes import INPUT, store
from tests.snapshots.pairs import diadoc_elma

BROKEN = structured({"complementarity": {"value": 7}})


@pytest.fixture(scope="module")
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Vendor]]:
    with ExitStack() as stack:
        folder = tmp_path_factory.mktemp("vendors")
        named = {JUDGE: openrouter, WARNER: anthropic}
        yield {name: stack.enter_context(opened(folder)) for name, opened in named.items()}


@pytest.fixture
async def stored(memory: Memory) -> Memory:
    await memory.write(store, diadoc_elma())
    return memory


async def judged(
    vendors: dict[str, Vendor], memory: Memory, clock: Callable[[], datetime], outbox: Path, *turns: Any
) -> tuple[dict[str, Any], Partnership, Panel]:
    """The pair's state when its graph asks, its row, and who was asked; turns: of the judge."""
    async with panel(vendors, memory, clock, outbox) as to:
        to.judge.next(*turns or (structured(opinion("ru")), structured(letter("ru"))))
        to.warner.always(structured(notes("ru")))
        # A thread of its own: a letter that is written is not written again.
        thread = "judged" if vendors else "ruled"
        done = await to.run(thread, INPUT | {"thread_id": thread})
        return done, await memory.read(_row), to


def _row(session: TenantSession) -> Partnership:
    return session.exec(select(Partnership)).one()


def _evidence(session: TenantSession) -> set[str]:
    return {it.id for it in session.exec(select(Evidence))}


def _factor(row: Partnership, name: str) -> dict[str, Any]:
    return next(it for it in row.factors if it["name"] == name)


async def test_a_judgement_is_on_record_with_who_gave_it_and_why(
    vendors: dict[str, Vendor], stored: Memory, clock: Callable[[], datetime], tmp_path: Path
) -> None:
    by_rules, before, _ = await judged({}, stored, clock, tmp_path)
    done, row, to = await judged(vendors, stored, clock, tmp_path)
    fit = _factor(row, "complementarity")
    rules = _factor(before, "complementarity")["value"]
    assert fit["value"] == pytest.approx(rules + NAMED * (0.7 - rules))
    said = fit["judged"]
    assert (said["author"], said["rules"], said["model"]) == ("openrouter openai/gpt-4o", rules, 0.7)
    assert said["prompt"].startswith("judgement.ru@")
    assert [it["evidence"] for it in said["reasons"]] == [KINDS]
    assert FIT["ru"] in said["reasons"][0]["text"].replace("\u00a0", " ")
    assert row.confidence == pytest.approx(by_rules["confidence"] - NAMED * 0.3)
    assert row.score is not None and by_rules["score"] - NAMED <= row.score < by_rules["score"]
    (risk,) = row.risks
    assert (risk["kind"], risk["severity"], risk["evidence"]) == ("technical", "low", ["quote-n075"])
    assert risk["text"].replace("\u00a0", " ") == REPEATS["ru"]
    assert [(it["what"], it["author"], it["note"]) for it in row.judged] == [
        ("judgement", "openrouter openai/gpt-4o", None),
        ("risks", "anthropic claude-sonnet-4-6", None),
    ]
    asked = done["__interrupt__"][0].value["action_requests"][0]["args"]
    assert (asked["score"], asked["risks"], asked["judged"]) == (row.score, row.risks, row.judged)
    assert len(to.judge.asked) == 2 and len(to.warner.asked) == 1, "a judgement and a letter; the risks"


async def test_what_is_cited_of_a_field_without_a_quotation_becomes_evidence(
    memory: Memory, vendors: dict[str, Vendor], clock: Callable[[], datetime], tmp_path: Path
) -> None:
    record = diadoc_elma()
    next(it for it in record.fields if it.id == "field-diadok-industry").evidence_id = None
    await memory.write(store, record)
    facts = entries(await memory.read(record_of, ("diadok", "elma365"), []))
    entry = next(it["id"] for it in facts if (it["about"], it["kind"]) == ("Диадок", "industry"))
    assert entry not in await memory.read(_evidence)
    cited = opinion("ru", reasons=[reason(FIT["ru"], [entry])])
    _, row, _ = await judged(vendors, memory, clock, tmp_path, structured(cited), structured(letter("ru")))
    assert _factor(row, "complementarity")["judged"]["reasons"][0]["evidence"] == [entry]
    assert entry in await memory.read(_evidence)


async def test_a_model_that_breaks_the_schema_twice_leaves_the_rules_and_the_record_says_so(
    vendors: dict[str, Vendor], stored: Memory, clock: Callable[[], datetime], tmp_path: Path
) -> None:
    by_rules, before, _ = await judged({}, stored, clock, tmp_path)
    done, row, to = await judged(vendors, stored, clock, tmp_path, BROKEN, BROKEN, structured(letter("ru")))
    assert _told(row) == _told(before) and done["score"] == by_rules["score"]
    assert row.method == before.method
    who = row.judged[0]
    assert who["author"] is None and who["prompt"].startswith("judgement.ru@")
    assert "openrouter/openai/gpt-4o invalid" in who["note"]
    assert len(row.risks) == 1, "what the other model noted is kept"
    assert len(to.judge.asked) == 3


def _told(row: Partnership) -> tuple[Any, ...]:
    return row.score, row.confidence, row.factors, row.reasons, row.synergy_areas


async def test_with_nobody_to_ask_the_rules_alone_are_on_record(
    stored: Memory, clock: Callable[[], datetime], tmp_path: Path
) -> None:
    done, row, _ = await judged({}, stored, clock, tmp_path)
    assert (row.method, row.risks, row.judged) == ("six-factors/1", [], [])
    assert row.confidence == 0.3 and not any("judged" in it for it in row.factors)
    args = done["__interrupt__"][0].value["action_requests"][0]["args"]
    assert not {"risks", "judged"} & args.keys()


async def test_a_judgement_of_which_nothing_holds_is_dropped_and_that_is_told(
    vendors: dict[str, Vendor], stored: Memory, clock: Callable[[], datetime], tmp_path: Path
) -> None:
    _, before, _ = await judged({}, stored, clock, tmp_path)
    made_up = opinion("ru", fit=0, reasons=[reason(FIT["ru"], ["made-up"])])
    _, row, _ = await judged(vendors, stored, clock, tmp_path, structured(made_up), structured(letter("ru")))
    assert _told(row) == _told(before)
    assert row.judged[0]["note"] == "Отброшено: нет источника"


async def test_a_judgement_may_take_a_pair_back(
    vendors: dict[str, Vendor], stored: Memory, clock: Callable[[], datetime], tmp_path: Path
) -> None:
    by_rules, _, _ = await judged({}, stored, clock, tmp_path)
    async with panel(vendors, stored, clock, tmp_path) as to:
        strict = to.with_threshold(by_rules["score"])
        to.judge.next(structured(opinion("ru", fit=0, rivalry=1)))
        to.warner.always(structured(notes("ru")))
        done = await strict.run("t1", INPUT)
    assert "__interrupt__" not in done
    row = await stored.read(_row)
    assert row.score == done["score"] < by_rules["score"]
    assert row.risks and len(to.judge.asked) == 1


async def test_only_what_the_rules_would_propose_is_asked_about(
    vendors: dict[str, Vendor], stored: Memory, clock: Callable[[], datetime], tmp_path: Path
) -> None:
    async with panel(vendors, stored, clock, tmp_path) as to:
        await to.with_threshold(0.95).run("t1", INPUT)
        assert (to.judge.asked, to.warner.asked) == ([], [])
    assert (await stored.read(_row)).judged == []


async def test_both_are_asked_at_once_and_a_resumed_run_asks_only_who_has_not_answered(
    vendors: dict[str, Vendor], stored: Memory, clock: Callable[[], datetime], tmp_path: Path
) -> None:
    async with panel(vendors, stored, clock, tmp_path) as to:
        to.judge.next(structured(opinion("ru")), structured(letter("ru")))
        to.warner.next(HANG)
        to.warner.always(structured(notes("ru")))
        running = asyncio.create_task(to.run("t1", INPUT))
        async with asyncio.timeout(PATIENT_S):
            while not (to.warner.running and await to.kept("t1", "judge")):  # noqa: ASYNC110 - a server's
                await asyncio.sleep(0.005)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

        done = await to.run("t1", None)
        assert "__interrupt__" in done
        assert [len(it.asked) for it in (to.judge, to.warner)] == [2, 2], "the judgement was not asked again"
        await to.run("t1", Command(resume={"decisions": [{"type": "reject", "message": "нет"}]}))
        assert [len(it.asked) for it in (to.judge, to.warner)] == [2, 2]
    row = await stored.read(partnerships.get, done["partnership_id"])
    assert row is not None and "judged" in _factor(row, "complementarity") and row.risks
