"""What developers do with evaluations beside running them: a run forked, a decision kept as a case."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from evals.dataset import load
from evals.errors import BadData, UnknownEval
from evals.evaluation import find
from evals.fork import fork
from evals.reviewed import add, case_of
from evals.reviewer import Step, follow
from evals.scenes import run_pair, state_of
from evals.scorers.decisions import DecisionCase
from evals.scorers.outreach import OutreachCase
from evals.trajectories import QUESTION
from graphs.runtime.services import Services, open_services
from graphs.runtime.settings import Settings
from memory import drafts
from memory.models import DecisionType, Run
from memory.reviews import Filter

PHONE = "+7 916 123-45-67"
EDITED = f"Здравствуйте!\n\nПозвоните мне: {PHONE}."


@asynccontextmanager
async def asked(url: str, folder: Path) -> AsyncIterator[tuple[Services, Run]]:
    """A pair whose letter waits for a person."""
    case: OutreachCase = find("outreach").dataset().cases[0]
    settings = Settings(database_url=url, data_dir=folder, threshold=0.0, lang=case.lang, style="formal")
    async with open_services(settings) as artel:
        yield artel, await run_pair(artel, case.scene)


async def test_a_run_is_forked_from_a_node_and_stays_as_it_is(empty_database: str, tmp_path: Path) -> None:
    async with asked(empty_database, tmp_path / "production") as (artel, run):
        before = await state_of(artel, run)
        settings = artel.settings.model_copy(update={"style": "technical"})
        forked = await fork(settings, tmp_path / "branch", run.id, "outreach")
        with pytest.raises(UnknownEval, match="never went to 'crm_sync'"):
            await fork(settings, tmp_path / "other", run.id, "crm_sync")
        with pytest.raises(UnknownEval, match="no run 'nobody'"):
            await fork(settings, tmp_path / "nobody", "nobody", "outreach")

        assert forked.way == ("outreach", QUESTION)
        assert forked.before["body"] == before["body"] != forked.after["body"]
        assert "сценарии обмена данными" in forked.after["subject"], "the style that is set now"
        assert forked.after["score"] == before["score"], "what came before the node is not done again"
        assert await state_of(artel, run) == before
        versions = await artel.memory.read(drafts.versions, run.thread_id)
        assert [it.body for it in versions] == [before["body"]]


async def test_a_decision_becomes_a_case_without_anybodys_data(tmp_path: Path) -> None:
    async with asked(f"sqlite:///{tmp_path / 'artel.db'}", tmp_path) as (artel, run):
        [review] = await artel.reviews.page(Filter(thread_id=run.thread_id), "oldest", 1)
        with pytest.raises(UnknownEval, match="decided on no letter"):
            await case_of(artel, review.id)
        edit = Step(type=DecisionType.EDIT, args={"body": EDITED})
        assert not (await follow(artel, run, [edit])).surprises
        case = await case_of(artel, review.id)

    assert (case.id, case.decision) == (f"review-{review.id}", "edit")
    assert "Позвоните мне" in case.letter.body and PHONE not in case.model_dump_json()
    path = tmp_path / "decisions.jsonl"
    add(case, path)
    assert load(path, DecisionCase).cases == (case,)
    with pytest.raises(BadData, match="is in it already"):
        add(case, path)


async def test_what_was_turned_down_is_a_case_too(tmp_path: Path) -> None:
    async with asked(f"sqlite:///{tmp_path / 'artel.db'}", tmp_path) as (artel, run):
        [review] = await artel.reviews.page(Filter(thread_id=run.thread_id), "oldest", 1)
        shown = (await state_of(artel, run))["body"]
        reject = Step(type=DecisionType.REJECT, message=f"Звонили на {PHONE}: не их рынок")
        assert not (await follow(artel, run, [reject])).surprises
        case = await case_of(artel, review.id)

    assert (case.decision, case.letter.body[:100]) == ("reject", shown[:100])
    assert case.reason and "не их рынок" in case.reason and PHONE not in case.reason
