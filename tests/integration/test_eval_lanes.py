"""Evaluations in two processes: what they bring and tell comes home, and none outlives the one that asked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from evals.errors import BadData, EvalError
from evals.lanes import LANES, Tell, share

ENDLESS = """
import os, signal
from evals.lanes import share
def work(name, tell):
    os.write(1, b"begun\\n")
    signal.pause()
share(["a", "b"], work, print)
"""


def test_all_is_brought_and_told() -> None:
    told: list[tuple[str, int, int]] = []

    def work(name: str, tell: Tell) -> tuple[str, int]:
        tell(name, 1, 1)
        return name.upper(), os.getpid()

    brought = share(["a", "b", "c", "d"], work, lambda *what: told.append(what))
    assert {name: result for name, (result, _) in brought.items()} == {it: it.upper() for it in "abcd"}
    assert sorted(told) == [(name, 1, 1) for name in "abcd"]
    processes = {process for _, process in brought.values()}
    assert os.getpid() not in processes and len(processes) <= LANES


def test_what_is_raised_is_raised_here() -> None:
    def work(name: str, tell: Tell) -> None:
        raise BadData(f"{name} is wrong")

    with pytest.raises(BadData, match="a is wrong"):
        share(["a"], work, print)


def test_a_killed_process_is_told() -> None:
    def work(name: str, tell: Tell) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(EvalError, match="run it again"):
        share(["a", "b"], work, print)


def test_none_outlives_the_one_that_asked() -> None:
    asking = subprocess.Popen([sys.executable, "-c", ENDLESS], stdout=subprocess.PIPE, text=True)
    assert asking.stdout is not None
    with asking.stdout as said:
        assert [said.readline() for _ in range(LANES)] == ["begun\n"] * LANES
        asking.kill()
        assert said.read() == "", "the end comes when nobody is left to write"
    asking.wait()
