"""One case of a run, as lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .evaluation import Eval
from .figure import failing
from .result import Result


def shown(one: Eval[Any, Any], name: str, result: Result, *, whole: bool) -> Iterator[str]:
    """How it did; whole: with the case itself, its marks, the way it went and what was asked of models."""
    yield f"{name} {result.case}/{result.epoch}: {'; '.join(problems(one, result)) or 'ok'}"
    if not whole:
        return
    yield json.dumps(json.loads(result.input), ensure_ascii=False, indent=1)
    for mark, value in sorted(result.marks.values.items()):
        yield f"  {mark}: {value:g}" if isinstance(value, int | float) else f"  {mark}: {list(value)}"
    if result.marks.trajectory:
        yield f"  {' → '.join(result.marks.trajectory)}"
    for it in result.asked:
        yield f"  {it.provider}/{it.model} ×{it.calls}, {it.cost_rub:.2f} ₽"


def problems(one: Eval[Any, Any], result: Result) -> list[str]:
    """Why it failed, and what else was wrong."""
    if result.error:
        return [f"crashed: {result.error}"]
    return [*failing(one, [result.marks]), *result.marks.why]
