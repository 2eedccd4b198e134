"""Evaluations that ask models: live, recorded, and played again without a key or a network."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.errors import NoModels
from evals.evaluation import find
from evals.page import spent
from evals.result import Results
from evals.running import run
from evals.tapes import Models, models_of
from tests.fakes.llm.configured import LETTER, settings_of
from tests.fakes.llm.openrouter import FakeOpenRouter
from tests.fakes.llm.script import structured
from tests.fakes.llm.yandex import FakeYandex

CASES = tuple(it.id for it in find("decisions").dataset().cases[:2])


def ran(folder: Path, models: Models) -> Results:
    told: list[tuple[str, int, int]] = []
    chosen = {"decisions": find("decisions")}
    [results] = run(chosen, folder, models, lambda *it: told.append(it), CASES)
    assert told == [("decisions", 1, 2), ("decisions", 2, 2)], "progress is told"
    return results


def test_models_are_asked_recorded_and_played_again(tmp_path: Path) -> None:
    tapes = tmp_path / "tapes"
    with FakeYandex() as yandex, FakeOpenRouter() as openrouter:
        yandex.script.always(structured(LETTER))
        openrouter.script.always(structured(LETTER))
        settings = settings_of(tmp_path, yandex, openrouter)
        with pytest.raises(NoModels, match="a key: ARTEL_GIGACHAT_KEYS"):
            models_of(settings, "live", "gigachat")
        live = ran(tmp_path / "live", models_of(settings, "live", "openrouter"))
        assert {it.provider for it in spent(live.results)} == {"openrouter"}, "the other has a key too"
        assert spent(live.results)[0].calls == 2 and spent(live.results)[0].cost_rub > 0
        recording = Models("record", tapes, models_of(settings, "record", "yandex").keys)
        recorded = ran(tmp_path / "record", recording)
        assert {it.provider for it in spent(recorded.results)} == {"yandex"}
    played = ran(tmp_path / "replay", Models("replay", tapes))
    assert played.cases == recorded.cases
    assert all(it.marks.values["kept"] < 0.5 for it in played.results), "it is the model's letter"
    _forget_the_last(tapes / "decisions/1.jsonl")
    missed = [it.error for it in ran(tmp_path / "missed", Models("replay", tapes)).results if it.error]
    assert len(missed) == 1 and "has no answer of yandex/yandexgpt/latest to" in missed[0]


def _forget_the_last(tape: Path) -> None:
    tape.write_text("\n".join(tape.read_text(encoding="utf-8").splitlines()[:-1]) + "\n", encoding="utf-8")
