"""Parts of a thread that a search asks for by path, such as `values.messages[-1].content`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from graphs.runtime.errors import BadRequest

_PATH = re.compile(r"(?:values|metadata|interrupts)(?:\.[^.\[\]]+|\[-?\d{1,9}\])*")
_STEP = re.compile(r"([^.\[\]]+)|\[(-?\d+)\]")


def extracted(thread: Mapping[str, Any], paths: Mapping[str, str]) -> dict[str, Any]:
    """What stands at each path; null where there is nothing. Errors: BadRequest for what is no path."""
    return {name: _at(thread, path) for name, path in paths.items()}


def _at(value: Any, path: str) -> Any:
    if not _PATH.fullmatch(path):
        raise BadRequest(f"{path!r} is no path: write values, metadata or interrupts, then .key and [index]")
    for key, index in _STEP.findall(path):
        try:
            value = value[key] if key else value[int(index)]
        except (KeyError, IndexError, TypeError):
            return None
    return value
