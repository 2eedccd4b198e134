"""Texts that a person has read and found good. After a wanted change: ARTEL_SNAPSHOTS=write make test."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parent


def check(name: str, text: str) -> None:
    """`text` is the same as the file `name` of this folder, no-break spaces shown as "⍽"."""
    shown, file = text.replace("\u00a0", "⍽") + "\n", FOLDER / name
    if os.environ.get("ARTEL_SNAPSHOTS") == "write":
        file.write_text(shown, "utf-8")
    assert shown == file.read_text("utf-8"), f"{name} has changed: read it, then write it anew"
