"""Real partners stand above other companies, and a probability of a link is one."""

from __future__ import annotations

from ..evaluation import Eval
from ..scorers.ranking import METRICS, RankingCase, score
from ..subjects.ranking import rank

EVAL = Eval(
    about={"ru": "Партнёры стоят выше прочих", "en": "Partners rank above others"},
    data="ranking/ranking.jsonl",
    schema=RankingCase,
    run=rank,
    score=score,
    metrics=METRICS,
)
