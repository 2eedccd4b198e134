"""Text of others, made safe for a terminal."""

from __future__ import annotations

import unicodedata
from typing import Any

_KEPT = "\n\t"


def plain(value: Any) -> Any:
    """The JSON value with each text freed of what a terminal would obey instead of show.

    Escape sequences (Cc) move the cursor and repaint what stands above; directional marks (Cf) show a text
    in another order than it is sent in.
    """
    if isinstance(value, str):
        return "".join(
            mark for mark in value if mark in _KEPT or unicodedata.category(mark) not in ("Cc", "Cf")
        )
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return value
