"""`artel eval` as CI runs it, on a copy of the project in which something is broken on purpose."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LAYERS = ("agents", "api", "evals", "graphs", "memory", "prompts", "tools")
FIRST = ["__start__", "compatibility", "warn", "judge", "weigh", "outreach", "review", "__interrupt__"]

# What each break spoils, and which evaluation must see it.
BREAKS = {
    "prompts/offline/letter.ru.jinja": ("Предлагаем провести встречу", "Немедленно проведите встречу"),
    "agents/scout/ner.py": ('    "tagged": 2,', '    "tagged": 0,'),
    "agents/outreach/nodes.py": (
        'return Command(goto="reject", update={"decision": decided.type, "reason": decided.message})',
        'return Command(goto="outreach", update={"decision": decided.type, "reason": decided.message})',
    ),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy with three evaluations more, each one file and its data: one is the README's."""
    folder = tmp_path_factory.mktemp("project")
    for layer in LAYERS:
        shutil.copytree(ROOT / layer, folder / layer, ignore=shutil.ignore_patterns("__pycache__"))
    rejected = {"id": "rejected", "plan": [{"type": "reject", "message": "не наш рынок"}]}
    sent = {"id": "sent", "plan": [{"type": "approve", "again": True}]}
    ways = [(rejected, ["reject", "analytics"]), (sent, ["send", "crm_sync", "analytics"])]
    _add(folder, "way", [{**case, "way": [FIRST, way]} for case, way in ways])
    task = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    [greeting] = [it for it in task if "GreetingCase" in it]
    assert len(greeting.splitlines()) < 40
    (folder / "evals/tasks/greeting.py").write_text(greeting, encoding="utf-8")
    _data(folder, "greeting", [{"id": "ru", "file": "letter.ru.jinja", "greeting": "Здравствуйте!"}])
    _add(folder, "fragile", [{"id": id, "journal": str(folder / "journal")} for id in "abcdefgh"])
    return folder


def _add(folder: Path, name: str, cases: list[dict[str, Any]]) -> None:
    shutil.copy(ROOT / "tests/fakes/evals" / f"{name}.py", folder / "evals/tasks")
    _data(folder, name, cases)


def _data(folder: Path, name: str, cases: list[dict[str, Any]]) -> None:
    data = folder / "evals/datasets" / name
    data.mkdir()
    (data / f"{name}.jsonl").write_text("\n".join(map(json.dumps, cases)))


def artel(project: Path, *commands: str) -> tuple[list[int], str]:
    """The exit code of each `artel --en …`, and all that was said. One process: it is slow to start.

    Of a process that died there is but its own code.
    """
    code = (
        "import sys\nfrom api.cli import app\n"
        "codes = [app(['--en', *line.split('|')], standalone_mode=False) or 0 for line in sys.argv[1:]]\n"
        "print(*codes)\n"
    )
    env = {**os.environ, "PYTHONPATH": str(project), "ARTEL_DATA_DIR": str(project / "data")}
    command = [sys.executable, "-c", code, *commands]
    done = subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, timeout=280)
    codes = done.stdout.splitlines()[-1].split() if not done.returncode else [done.returncode]
    return [*map(int, codes)], done.stdout + done.stderr


def test_an_interrupted_run_goes_on_and_a_crash_is_a_failure(project: Path) -> None:
    died, said = artel(project, "eval|fragile")
    assert died == [9], said
    failed, said = artel(project, "eval|fragile")
    assert failed == [1], said
    assert "Run 0001 was interrupted, it goes on where it stood." in said
    assert "fragile d: crashed: ValueError('a case that crashes')" in said
    assert "no baseline: artel eval accept fragile" in said
    assert "0.875" in said, "seven of eight, none is left out"
    journal = (project / "journal").read_text()
    assert set(journal) == set("abcdefgh")
    assert len(journal) < 14, "what was done is not done again"


def test_a_broken_prompt_weight_and_edge_fail_the_gate(project: Path) -> None:
    first, whole = "eval|way|greeting", "eval|way|scout|decisions|greeting"
    codes, said = artel(project, first, "eval|accept|--because|a test", whole)
    assert (codes, "way: no baseline" in said) == ([1, 0, 0], True), said
    for path, (right, wrong) in BREAKS.items():
        text = (project / path).read_text(encoding="utf-8")
        assert right in text
        (project / path).write_text(text.replace(right, wrong), encoding="utf-8")
    failed, said = artel(project, "eval|way|scout|decisions")
    assert failed == [1], said
    reasons = said.partition("It got worse:")[2]
    assert "way: same way got worse by 0.500" in reasons
    assert "way rejected: same way 0, must be 1" in reasons
    assert "scout: companies R" in reasons
    assert "decisions: kept got worse" in reasons
