"""SIGKILL in the middle, a second process to the end: the world is as if nothing had happened."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

POINTS = [
    "after:fetch",
    "after:resolve",
    "before:start",
    "after:start",
    "after:compatibility",
    "after:outreach",
    "decided",
    "before:send",
    "mail",
    "after:send",
    "crm",
    "after:crm_sync",
    "after:analytics",
]


def run(folder: Path, point: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.fakes.mortal", str(folder), point]
    root = Path(__file__).parents[2]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=root, check=False)


def outcome(folder: Path) -> dict[str, Any]:
    ended = run(folder)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    world = outcome(tmp_path_factory.mktemp("undisturbed"))
    assert world["effects"] == [["crm", "done"], ["letter", "done"]]
    assert len(world["letters"]) == 1
    assert world["waiting"] >= 1
    return world


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_leaves_no_trace(point: str, tmp_path: Path, undisturbed: dict[str, Any]) -> None:
    killed = run(tmp_path, point)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    world = outcome(tmp_path)
    # Effect keys and file names hold the draft's id, which the dead process may have made anew.
    assert {**world, "letters": len(world["letters"])} == {
        **undisturbed,
        "letters": len(undisturbed["letters"]),
    }
