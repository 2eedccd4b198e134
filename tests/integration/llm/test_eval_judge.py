"""A judge of letters against the local servers of vendors: asked live only, its kappa and price beside it."""

from __future__ import annotations

import json
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from evals.desk import Desk
from evals.evaluation import find
from evals.scorers.judge import JudgeCase, Opinion, score
from evals.tapes import Models, models_of
from evals.words import Words
from tests.fakes.llm.configured import LETTER, settings_of
from tests.fakes.llm.openrouter import FakeOpenRouter
from tests.fakes.llm.script import Turn, structured
from tests.fakes.llm.yandex import FakeYandex

CASES: tuple[JudgeCase, ...] = find("judge").dataset().cases
LABELLED = [it for it in CASES if it.labels][:8]
WRITTEN = next(it for it in CASES if it.scene)
FINE = {"tone": True, "persuasive": True, "language": True, "why": ""}


def answered(body: Any) -> Turn:
    """A judge who finds no tone bad, and the language of two letters: one is so, one is not."""
    prompt = body.messages[-1].text
    if '"title": "Opinion"' not in prompt:
        return structured(LETTER)
    known = [it for it in LABELLED if it.letter and json.dumps(it.letter.body, ensure_ascii=False) in prompt]
    bad = bool(known) and known[0].id in ("1-nothing-ru", "1-language-ru")
    return structured(FINE | {"language": not bad, "why": "language" if bad else ""})


def desk(folder: Path, settings: Any) -> tuple[Desk, StringIO]:
    said = StringIO()
    console = Console(file=said, width=160)
    return Desk(settings, Words("en"), console, Console(file=StringIO()), folder / "baselines"), said


def test_offline_it_is_skipped_with_a_line(tmp_path: Path) -> None:
    with FakeYandex() as yandex, FakeOpenRouter() as openrouter:
        at, said = desk(tmp_path, settings_of(tmp_path, yandex, openrouter))
    assert at.run(["judge"], Models())
    assert said.getvalue() == "judge: skipped, it says something only with --live\n"


def test_live_its_agreement_stands_beside_it_and_the_report_has_its_price(tmp_path: Path) -> None:
    with FakeYandex() as yandex, FakeOpenRouter() as openrouter:
        settings = settings_of(tmp_path, yandex, openrouter)
        yandex.script.always(answered)
        at, said = desk(tmp_path, settings)
        models = models_of(settings, "live", "yandex")
        assert at.run(["judge", "router"], models, [it.id for it in (*LABELLED, WRITTEN)])
        assert not openrouter.script.asked
    table = said.getvalue()
    assert "router: skipped, it says something only with --replay" in table
    figures = dict(re.findall(r"^│\s+([a-z: ]+?)\s+│\s+(\S+)", table, re.MULTILINE))
    assert (figures["tone"], figures["tone: kappa"]) == ("1.000", "0.000"), "it never says that a tone is bad"
    # 6 of 8 letters are judged as labelled, 5 of 8 would be by chance.
    assert figures["language: kappa"] == "0.333"
    at.report("last")
    report = (at.folder / "0001/report/index.html").read_text(encoding="utf-8")
    row = re.search(r"<tr><td>yandex</td><td>([^<]+)</td><td>(\d+)</td>.*?</tr>", report, re.DOTALL)
    assert row is not None and (row[1], row[2]) == ("yandexgpt/latest", str(len(LABELLED) + 2))
    cost, latency = re.findall(r"<td>([\d.]+)<svg", row[0])
    assert float(cost) == pytest.approx(0.0216 * (len(LABELLED) + 2), abs=0.01)
    assert float(latency) >= 0


def test_what_differs_from_a_label_is_shown() -> None:
    [case, *_] = LABELLED
    assert case.labels is not None
    assert score(case, case.labels).why == ()
    other = Opinion(**{**case.labels.model_dump(), "tone": not case.labels.tone, "why": "rude"})
    assert score(case, other).why == ("tone: the judge says otherwise: rude",)


def test_a_case_is_a_letter_with_labels_or_a_scene() -> None:
    with pytest.raises(ValueError, match="a letter with its labels is needed"):
        JudgeCase(id="x", lang="ru", letter=LABELLED[0].letter)
