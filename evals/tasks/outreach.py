"""Letters: grounded, in their language and style, with what each must have and nothing private."""

from __future__ import annotations

from ..evaluation import Eval
from ..metric import mean
from ..scorers.outreach import OutreachCase, score
from ..subjects.outreach import write

EVAL = Eval(
    about={"ru": "Письма опираются на факты", "en": "Letters rest on facts"},
    data="outreach/outreach.jsonl",
    schema=OutreachCase,
    run=write,
    score=score,
    metrics=(
        mean("loose", name="ungrounded", goal=0.0, least=True),
        mean("private", name="nothing private", goal=1.0, each=1.0),
        mean("phrases", name="required phrases", goal=1.0, each=1.0),
        mean("language", goal=1.0),
        mean("style", goal=1.0),
        mean("length", goal=1.0),
    ),
)
