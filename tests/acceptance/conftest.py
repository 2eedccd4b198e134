"""The demo, shown once for all tests that look at what it left; and Artel as a process of its own."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ARTEL = Path(sys.executable).with_name("artel")
TIMEOUT_S = 240


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


def environment(folder: Path, **more: str) -> dict[str, str]:
    """The test's environment without anybody's settings, on `folder`."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ARTEL_")}
    return {**clean, "ARTEL_DATA_DIR": str(folder), "COLUMNS": "100", **more}


def artel(folder: Path, *arguments: str, **more: str) -> Ended:
    """Run the command to its end as a process of its own."""
    done = subprocess.run(
        [ARTEL, *arguments],
        env=environment(folder, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def rows(folder: Path, query: str) -> list[dict[str, Any]]:
    """What a person would see who looks into the database."""
    connection = sqlite3.connect(folder / "artel.db")
    connection.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in connection.execute(query)]
    finally:
        connection.close()


@dataclass(frozen=True)
class Demo:
    folder: Path
    ended: Ended


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """`artel demo --decide approve-first` in a new folder. Read it; to change it take a `copy`."""
    folder = tmp_path_factory.mktemp("demo") / "data"
    return Demo(folder, artel(folder, "demo", "--decide", "approve-first"))


@pytest.fixture(scope="session")
def copy(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """A folder of one's own that stands where the demo ended."""

    def made() -> Path:
        return Path(shutil.copytree(demo.folder, tmp_path_factory.mktemp("copy") / "data"))

    return made
