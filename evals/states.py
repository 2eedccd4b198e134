"""How two states differ, line by line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from difflib import unified_diff
from typing import Any


def lines(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Of each key that is not the same: its name, and what goes (-) and comes (+)."""
    for key in sorted((before.keys() | after.keys()) - {"thread_id", "run_id"}):
        one, other = _text(before.get(key)), _text(after.get(key))
        if one != other:
            yield f"{key}:"
            for line in list(unified_diff(one.splitlines(), other.splitlines(), lineterm="", n=1))[2:]:
                if not line.startswith("@@"):
                    yield f"  {line}"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1, default=str)
