"""Letters by a model that says too much: what the record does not show is left out, the rest stays."""

from __future__ import annotations

from ..evaluation import Eval
from ..metric import mean
from ..scorers.letters import LetterCase, score
from ..subjects.letters import write

EVAL = Eval(
    about={"ru": "Письма модели держатся фактов", "en": "A model's letters keep to the facts"},
    data="letters/letters.jsonl",
    schema=LetterCase,
    run=write,
    score=score,
    metrics=(
        mean("loose", name="ungrounded", goal=0.0, least=True),
        mean("through", name="lies let through", goal=0.0, least=True),
        mean("kept", name="true sentences kept", goal=1.0),
        mean("told", name="left out and told", goal=1.0, each=1.0),
    ),
    modes=("replay",),
)
