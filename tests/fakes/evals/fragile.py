"""An evaluation whose process dies at its seventh case, the first time, and whose fourth case crashes."""

from __future__ import annotations

import os
from pathlib import Path

from evals.case import Case
from evals.evaluation import Eval
from evals.marks import Marks
from evals.metric import mean
from evals.world import World


class FragileCase(Case):
    journal: Path


async def go(case: FragileCase, world: World) -> None:
    first = not case.journal.exists() or "g" not in case.journal.read_text()
    with case.journal.open("a") as file:
        file.write(case.id)
    if case.id == "g" and first:
        os._exit(9)
    if case.id == "d":
        raise ValueError("a case that crashes")


EVAL = Eval(
    about={"ru": "Хрупкая", "en": "Fragile"},
    data="fragile/fragile.jsonl",
    schema=FragileCase,
    run=go,
    score=lambda case, outcome: Marks({"stood": 1.0}),
    metrics=(mean("stood"),),
)
