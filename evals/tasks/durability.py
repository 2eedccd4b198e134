"""A process is killed before and after every node; another carries on, and nobody sees that it happened."""

from __future__ import annotations

from ..evaluation import Eval
from ..metric import mean
from ..scorers.durability import DurabilityCase, score
from ..subjects.durability import survive

EVAL = Eval(
    about={"ru": "Убитый процесс не оставляет следов", "en": "A killed process leaves no trace"},
    data="durability/durability.jsonl",
    schema=DurabilityCase,
    run=survive,
    score=score,
    metrics=(
        mean("right", goal=1.0, each=1.0),
        mean("same", name="final state", goal=1.0),
        mean("once", name="each effect once", goal=1.0),
    ),
)
