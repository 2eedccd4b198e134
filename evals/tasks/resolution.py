"""Which company a mention means: spellings put together, namesakes kept apart, no two INNs ever one."""

from __future__ import annotations

from ..evaluation import Eval
from ..metric import mean, precision, recall
from ..scorers.resolution import ResolutionCase, score
from ..subjects.resolution import resolve

EVAL = Eval(
    about={"ru": "Скаут узнаёт компании", "en": "The scout recognises companies"},
    data="resolution/resolution.jsonl",
    schema=ResolutionCase,
    run=resolve,
    score=score,
    metrics=(
        precision("pairs", goal=0.98),
        recall("pairs"),
        mean("b3 P"),
        mean("b3 R"),
        mean("merged", name="two INNs in one", goal=0.0, each=0.0, least=True),
    ),
)
