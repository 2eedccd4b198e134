"""The evaluation of the router sees whatever goes another way than it should, and nobody's name is taped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from evals.evaluation import find
from evals.scorers.router import Came, Question, RouterCase, score
from evals.subjects.router import route
from evals.tapes import TAPES, Models
from evals.world import Shared, World
from tests.fakes.sqlite import migrated_file
from tools.llm.tape import TapeMiss

CASES: Mapping[str, RouterCase] = {it.id: it for it in find("router").dataset().cases}


async def came(case: RouterCase, folder: Path) -> list[Came]:
    """What the router does with it now, by the tape."""
    migrated_file(folder)
    return await route(case, World(folder, Shared(folder, Models().settings("router", 1))))


def changed(case: RouterCase, **policy: object) -> RouterCase:
    default = {**case.policies["default"], **policy}
    return case.model_copy(update={"policies": {**case.policies, "default": default}})


async def test_another_policy_goes_another_way_and_what_is_not_taped_is_named(tmp_path: Path) -> None:
    case = CASES["fault-500-ru"]
    right = score(case, await came(case, tmp_path / "right"))
    assert (right.values["right"], right.why) == (1.0, ())
    nobody_else = changed(case, steps=case.policies["default"]["steps"][:1])
    alone = score(case, await came(nobody_else, tmp_path / "alone"))
    wrong = {name for name, value in alone.values.items() if not value}
    assert wrong == {"provider", "order", "cost", "said", "right"}
    assert "answered AllProvidersFailed, not gigachat/GigaChat-2-Max" in alone.why
    with pytest.raises(TapeMiss, match="has no answer of yandex/yandexgpt/latest to"):
        await came(changed(case, temperature=0.9), tmp_path / "hotter")


async def test_a_budget_stops_what_a_larger_one_lets_through(tmp_path: Path) -> None:
    [spent] = [it for id, it in CASES.items() if id.rpartition("-")[0] == "spent"]
    assert [it.by for it in await came(spent, tmp_path)][1] == "OverBudget"
    with pytest.raises(TapeMiss):
        await came(changed(spent, budget_rub=100), tmp_path / "rich")


def test_each_part_of_what_came_is_compared() -> None:
    case = next(it for it in CASES.values() if len(it.questions) == 1)
    fine = _as_wanted(case.questions[0])
    assert set(score(case, [fine]).values.values()) == {1.0}
    others = {
        "provider": replace(fine, by="templates"),
        "order": replace(fine, attempts=[*fine.attempts, fine.attempts[0]]),
        "cost": replace(fine, kopecks=fine.kopecks + 0.01),
        "said": replace(fine, said="…"),
    }
    for name, it in others.items():
        told = score(case, [it])
        assert [mark for mark, value in told.values.items() if not value] == [name, "right"]


def _as_wanted(it: Question) -> Came:
    return Came(it.by, it.attempts, it.kopecks, it.said)


def test_nobodys_name_is_on_the_tape() -> None:
    tape = (TAPES / "router/1.jsonl").read_text(encoding="utf-8")
    private = {word for case in CASES.values() for word in case.private}
    assert len(private) > 2
    assert not [word for word in private if word in tape]
