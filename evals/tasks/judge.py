"""A model judges letters, live only: Artel's of today, and those a person has judged, for comparison."""

from __future__ import annotations

from ..evaluation import Eval
from ..scorers.judge import METRICS, JudgeCase, score
from ..subjects.judge import judge

EVAL = Eval(
    about={"ru": "Модель судит письма", "en": "A model judges letters"},
    data="judge/judge.jsonl",
    schema=JudgeCase,
    run=judge,
    score=score,
    metrics=METRICS,
    modes=("live",),
)
