"""A migrated SQLite file in no time: the migrations run once a process, and their result is copied."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from memory.schema import upgrade


def migrated_file(folder: Path) -> str:
    """The URL of `artel.db` in the folder; if there is none yet, it is made with our tables and no rows."""
    path = folder / "artel.db"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_migrated())
    return f"sqlite:///{path}"


@cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "artel.db"
        upgrade(f"sqlite:///{path}")
        return path.read_bytes()
