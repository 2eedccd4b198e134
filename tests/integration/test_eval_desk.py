"""What is done with a run of evaluations that has ended: it is compared, shown, reported."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from evals import baseline
from evals.desk import Desk
from evals.errors import BadBaseline, UnknownEval
from evals.evaluation import find
from evals.tapes import Models
from evals.words import Words
from graphs.runtime.settings import Settings

CASE = find("decisions").dataset().cases[0]


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A run of one evaluation."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"))
    desk = Desk(settings, Words("ru"), Console(file=StringIO()), Console(file=StringIO()))
    assert desk.run(["decisions"], Models())
    return desk


@pytest.fixture
def desk(ended: Desk) -> Desk:
    return replace(ended, console=Console(file=StringIO(), width=140))


def said(desk: Desk) -> str:
    assert isinstance(desk.console.file, StringIO)
    return desk.console.file.getvalue()


def test_a_run_is_compared_with_the_baseline(desk: Desk) -> None:
    """Both ways, and with itself: nothing was changed."""
    for pair in (("baseline", "last"), ("last", "baseline"), ("last", "last"), ("0001", "last")):
        desk.diff(*pair)
    assert said(desk).count("decisions") == 4
    with pytest.raises(UnknownEval, match="no run 0007"):
        desk.diff("0007", "last")


def test_a_case_is_shown_with_what_was_asked_and_answered(desk: Desk) -> None:
    desk.case(CASE.id, "last", whole=False)
    short = said(desk)
    desk.case(CASE.id, "last", whole=True)
    assert CASE.id in short and CASE.letter.subject not in short
    assert CASE.letter.subject in said(desk), "the case itself"
    with pytest.raises(UnknownEval, match="no case 'nothing'"):
        desk.case("nothing", "last", whole=False)


def test_a_report_needs_nothing_from_elsewhere(desk: Desk) -> None:
    desk.report("last")
    page = desk.folder / "0001/report/index.html"
    text = page.read_text(encoding="utf-8")
    assert "decisions" in text
    loaded = re.findall(r'(?:src|<link[^>]+href)="([^"]+)"', text)
    assert not [it for it in loaded if it.startswith(("http:", "https:", "//"))]
    for link in re.findall(r'<a [^>]*href="([^"#]+)"', text):
        assert (page.parent / link).exists(), "the logs' viewer lies beside it"
    listing = json.loads((page.parent / "logs/logs/listing.json").read_text(encoding="utf-8"))
    assert len(listing) == 1, "the logs of every evaluation are in it"


def test_a_baseline_of_other_data_is_refused(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "baselines"
    shutil.copytree(baseline.FOLDER, folder)
    path = folder / "decisions.json"
    other = {**json.loads(path.read_text(encoding="utf-8")), "data": "another"}
    path.write_text(json.dumps(other), encoding="utf-8")
    moved = replace(desk, baselines=folder)
    with pytest.raises(BadBaseline, match="of version another of the data set"):
        moved.diff("baseline", "last")
    assert not moved.run(["decisions"], Models(), ()), "nobody can say that it got no worse"
    assert "of version another of the data set" in said(moved)
