"""A letter before a model that judges it, through the router like every other question."""

from __future__ import annotations

import prompts

from ..nodes import Nodes
from ..scorers.judge import JudgeCase, Letter, Opinion
from ..world import World
from .letters import written

AGENT = "judge"


async def judge(case: JudgeCase, world: World) -> Opinion:
    async with world.nodes(lang=case.lang, style=case.style) as nodes:
        letter = case.letter or await _written(nodes, case)
        prompt = prompts.load(
            "judge",
            case.lang,
            letter=letter.model_dump(),
            style=case.style,
            schema=Opinion.model_json_schema(),
        )
        said = await nodes.context.llm.complete(prompt, Opinion, agent=AGENT, thread_id=case.id)
        opinion: Opinion = said.value
        return opinion


async def _written(nodes: Nodes, case: JudgeCase) -> Letter:
    assert case.scene is not None
    held = await written(nodes, case.id, case.scene)
    return Letter(subject=held.subject, body=held.body)
