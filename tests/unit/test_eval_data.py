"""Data sets and baselines that are wrong say where, and gates never fall."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from evals import baseline, trajectories
from evals.baseline import Accepted, Baseline
from evals.dataset import load
from evals.errors import BadBaseline, BadData, NoEvals, UnknownEval
from evals.evaluation import evals_installed, find, names
from evals.figure import Figure
from evals.marks import Marks
from evals.metric import counted, f1, mean, precision, recall
from evals.scorers.extraction import NewsCase

NEWS = Path(__file__).parents[2] / "evals/datasets/news/news_dev.jsonl"
LINES = NEWS.read_text(encoding="utf-8").splitlines()


def changed(line: str, **values: object) -> str:
    return json.dumps({**json.loads(line), **values}, ensure_ascii=False)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (changed(LINES[1], lang=7), "line 2, lang: Input should be a valid string"),
        (changed(LINES[1], mood="good"), "line 2, mood: Extra inputs are not permitted"),
        (changed(LINES[1], events=[{"type": "launch"}]), "line 2, events.0.subject: Field required"),
        (changed(LINES[1], id=""), "line 2, id: String should have at least 1 character"),
        (LINES[1][:40], "line 2: Invalid JSON"),
        (changed(LINES[1], id=json.loads(LINES[0])["id"]), "line 2, id: 'n002' stands in line 1 already"),
    ],
)
def test_a_broken_line_says_which_line_and_field(tmp_path: Path, line: str, told: str) -> None:
    path = tmp_path / "news.jsonl"
    path.write_text(f"{LINES[0]}\n{line}\n", encoding="utf-8")
    with pytest.raises(BadData, match=re.escape(f"news.jsonl, {told}")):
        load(path, NewsCase)


def test_a_file_that_is_missing_or_empty_is_no_data_set(tmp_path: Path) -> None:
    with pytest.raises(BadData, match="No such file"):
        load(tmp_path / "none.jsonl", NewsCase)
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(BadData, match="no case"):
        load(tmp_path / "empty.jsonl", NewsCase)


def test_a_version_is_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl"
    path.write_text(f"{LINES[0]}\n", encoding="utf-8")
    first = load(path, NewsCase).version
    path.write_text(f"{changed(LINES[0], lang='en')}\n", encoding="utf-8")
    assert load(path, NewsCase).version != first


@pytest.mark.parametrize("name", names())
def test_every_evaluation_has_data_a_card_and_words(name: str) -> None:
    one = find(name)
    assert one.dataset().cases
    assert one.about.keys() == {"ru", "en"}
    assert (one.dataset().path.parent / "README.md").exists(), "a data set has a card"
    task = Path(find.__code__.co_filename).parent / "tasks" / f"{name}.py"
    assert len(task.read_text(encoding="utf-8").splitlines()) < 40, "an evaluation is one small file"


def test_an_unknown_evaluation_names_those_there_are() -> None:
    with pytest.raises(UnknownEval, match=r"no evaluation 'scuot', only .*scout"):
        find("scuot")


def test_what_is_not_installed_is_one_line() -> None:
    with (
        pytest.raises(NoEvals, match=r"inspect_ai: pip install -c constraints.txt -e '.\[evals\]'"),
        evals_installed(),
    ):
        raise ModuleNotFoundError(name="inspect_ai.log")
    with pytest.raises(ModuleNotFoundError), evals_installed():
        raise ModuleNotFoundError(name="agents.mistyped")


def test_a_crash_counts_as_the_worst() -> None:
    right = Marks(counted("companies", 2, 0, 0) | {"kept": 1.0, "leaks": 0.0})
    cases = [right, Marks()]
    assert mean("kept").of(cases) == 0.5
    assert mean("leaks", least=True).of(cases) == 0.5
    assert precision("companies").of(cases) == pytest.approx(2 / 3)
    assert recall("companies").of(cases) == pytest.approx(2 / 3)
    assert f1("companies").of(cases) == pytest.approx(4 / 6)


FIGURE = Figure("kept", lambda cases: 0.0, lambda now, then: now - then, None, 0.02)


def moved(before: Baseline | None, reached: float, data: str = "d1", figure: Figure = FIGURE) -> Baseline:
    accepted = Accepted(because="a test", code="0", data=data, figures={"kept": reached})
    return baseline.moved(before, [figure], {}, accepted=accepted, prompts={}, failing=[])


def test_a_gate_goes_up_and_never_down(tmp_path: Path) -> None:
    first = moved(None, 0.80)
    assert first.gates == {"kept": pytest.approx(0.78)}
    higher = moved(first, 0.90)
    assert higher.gates == {"kept": pytest.approx(0.88)}
    assert moved(higher, 0.89).gates == higher.gates, "what is reached is lower, the gate stays"
    with pytest.raises(BadBaseline, match=r"0\.800 is worse than its gate 0\.880, which never falls"):
        moved(higher, 0.80)
    assert moved(higher, 0.50, data="d2").gates == {"kept": pytest.approx(0.48)}, "harder data begin anew"
    assert [it.figures["kept"] for it in moved(higher, 0.91).history] == [0.91, 0.90, 0.80]


def test_a_gate_of_what_should_be_small_goes_down() -> None:
    least = Figure("leaks", FIGURE.of, lambda now, then: then - now, None, 0.0)
    accepted = {"kept": 0.0}
    told = Accepted(because="a test", code="0", data="d", figures={"leaks": 0.2, **accepted})
    first = baseline.moved(None, [least], {}, accepted=told, prompts={}, failing=[])
    assert first.gates == {"leaks": 0.2}
    with pytest.raises(BadBaseline):
        worse = told.model_copy(update={"figures": {"leaks": 0.3}})
        baseline.moved(first, [least], {}, accepted=worse, prompts={}, failing=[])


def test_a_baseline_is_read_as_it_was_written(tmp_path: Path) -> None:
    told = moved(None, 0.8).model_copy(update={"cases": {"ключ": [{"kept": 0.8, "list": [1.0, 2.0]}]}})
    baseline.write("x", told, tmp_path)
    assert baseline.read("x", tmp_path) == told
    assert baseline.read("y", tmp_path) is None
    (tmp_path / "x.json").write_text('{"code": "1"}')
    with pytest.raises(BadBaseline, match=r"x\.json, data: Field required"):
        baseline.read("x", tmp_path)


WAY = [["compatibility", "outreach", "review", "__interrupt__"], ["review", "send"]]


def test_a_way_that_differs_shows_where() -> None:
    sent_twice = [WAY[0], ["review", "send", "send"]]
    assert trajectories.strict(WAY, WAY) == []
    assert trajectories.strict(WAY, sent_twice)[-1] == "+ 2. send"
    assert trajectories.strict(WAY, [[*WAY[0], *WAY[1]]]), "in one turn, as if nobody had been asked"
    assert trajectories.unordered(WAY, WAY[::-1]) == []
    assert trajectories.unordered(WAY, [WAY[0]]) == ["- review", "- send"]
    assert trajectories.subset(WAY, [WAY[0]]) == []
    assert trajectories.subset(WAY, sent_twice) == ["+ send"]


def test_a_state_that_differs_shows_which_value() -> None:
    got = {"decision": "edit", "deal": {"stage": "new", "note": "—"}}
    assert trajectories.state({"decision": "edit", "deal": {"stage": "new"}}, got) == []
    wanted = {"decision": "approve", "deal": {"stage": "won"}, "sent": True}
    assert trajectories.state(wanted, got) == [
        "- decision: 'approve'",
        "+ decision: 'edit'",
        "- deal.stage: 'won'",
        "+ deal.stage: 'new'",
        "- sent: True",
    ]
