"""Letters that people have decided on, written again: how much of those let go a person would not touch."""

from __future__ import annotations

from agents.outreach.letter import LetterText
from agents.outreach.writing import draft_of, grounded, prompt_for
from memory.models import Draft

from ..evaluation import Eval
from ..metric import Metric
from ..scorers.decisions import DecisionCase, again, kept, score
from ..world import START, World


async def rewrite(case: DecisionCase, world: World) -> Draft:
    record, task, sender = case.said.record, case.task, case.signed_by
    prompt = prompt_for(record, task, sender, case.rewritten)
    async with world.artel() as artel:
        completion = await artel.context.llm.complete(prompt, LetterText, agent="outreach", thread_id=case.id)
    held = grounded(completion.value, record, task, sender, (), prompt)
    return draft_of(held, completion, prompt, record, task, sender=sender, partnership_id=case.id, now=START)


EVAL = Eval(
    about={"ru": "Письма, по которым решил человек", "en": "Letters that a person decided on"},
    data="decisions/decisions.jsonl",
    schema=DecisionCase,
    run=rewrite,
    score=score,
    metrics=(
        Metric("kept", kept, goal=0.9, drop=0.02),
        # Most are turned down for the pair and not for the words: it says what to look at, and fails nothing.
        Metric("again", again, drop=1.0, least=True),
    ),
)
