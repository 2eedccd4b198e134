"""Decisions of a person: approve, edit, reject, ask for a rewrite, decide twice; three times each."""

from __future__ import annotations

from ..evaluation import Eval
from ..metric import mean
from ..scorers.review import ReviewCase, score
from ..subjects.review import review

EVAL = Eval(
    about={"ru": "Решения человека исполняются", "en": "A person's decisions are carried out"},
    data="review/review.jsonl",
    schema=ReviewCase,
    run=review,
    score=score,
    metrics=(
        mean("right", goal=1.0, each=1.0),
        mean("way", name="trajectory", goal=1.0),
        mean("state", goal=1.0),
        mean("plan", name="plan kept", goal=1.0),
    ),
    epochs=3,
)
