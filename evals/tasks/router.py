"""Who is asked, in which order, who answers, and what that costs: exactly."""

from __future__ import annotations

from ..evaluation import Eval
from ..metric import mean
from ..scorers.router import RouterCase, score
from ..subjects.router import route

EVAL = Eval(
    about={"ru": "Вопрос доходит до нужной модели", "en": "A question reaches the model it should"},
    data="router/router.jsonl",
    schema=RouterCase,
    run=route,
    score=score,
    metrics=(
        mean("right", goal=1.0, each=1.0),
        mean("provider", goal=1.0),
        mean("order", goal=1.0),
        mean("cost", goal=1.0),
        mean("said", goal=1.0),
    ),
    modes=("replay",),
)
