"""The scout reads news with a model beside its rules: what it adds stands in the article, or nowhere."""

from __future__ import annotations

from ..evaluation import Eval
from ..metric import f1, mean, precision, recall
from ..scorers.reading import ReadingCase, score
from ..subjects.reading import read

EVAL = Eval(
    about={"ru": "Скаут читает новости с моделью", "en": "The scout reads news with a model"},
    data="reading/reading.jsonl",
    schema=ReadingCase,
    run=read,
    score=score,
    metrics=(
        precision("events", goal=0.90),
        recall("events", goal=0.80),
        f1("events"),
        mean("lies", name="lies recorded", goal=0.0, each=0.0, least=True),
        mean("told", name="failures told", goal=1.0, each=1.0),
    ),
    modes=("replay",),
)
