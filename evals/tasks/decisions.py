"""Letters that people have let go, written again: how much of them a person would not have to touch."""

from __future__ import annotations

from agents.outreach.letter import LetterText
from agents.outreach.writing import draft_of, grounded, prompt_for
from memory.models import Draft

from ..evaluation import Eval
from ..metric import mean
from ..scorers.decisions import DecisionCase, score
from ..world import START, World


async def rewrite(case: DecisionCase, world: World) -> Draft:
    record, task, sender = case.said.record, case.task, case.signed_by
    prompt = prompt_for(record, task, sender, case.rewritten)
    async with world.artel() as artel:
        completion = await artel.context.llm.complete(prompt, LetterText, agent="outreach", thread_id=case.id)
    held = grounded(completion.value, record, task, sender, ())
    return draft_of(held, completion, prompt, record, task, sender=sender, partnership_id=case.id, now=START)


EVAL = Eval(
    about={"ru": "Письма, которые отпустил человек", "en": "Letters that a person let go"},
    data="decisions/decisions.jsonl",
    schema=DecisionCase,
    run=rewrite,
    score=score,
    metrics=(mean("kept", goal=0.9, drop=0.02),),
)
