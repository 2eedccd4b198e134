"""An evaluation of one file: the way of a pair whose letter a person rejects, then of one that is sent."""

from __future__ import annotations

from evals.case import Case
from evals.evaluation import Eval
from evals.marks import Marks
from evals.metric import mean
from evals.reviewer import Step, follow
from evals.trajectories import flat, strict, turns
from evals.vendors import company
from evals.world import World
from graphs.runtime.runs import Request
from memory.models import Trigger


class WayCase(Case):
    plan: list[Step]
    way: list[list[str]]


async def go(case: WayCase, world: World) -> list[list[str]]:
    async with world.artel(threshold=0.0) as artel:
        pair = [
            company("a", "Альфа", "CRM", "CRM для продаж"),
            company("b", "Бета", "телефония", "Облачная АТС"),
        ]
        await artel.memory.write(lambda session: session.add_all(pair))
        given = {"company_a_id": "a", "company_b_id": "b"}
        run, _ = await artel.runs.start(Request("partnership", given, Trigger.API, "person:test"))
        await follow(artel, run, case.plan)
        return await turns(artel, "partnership", run.thread_id)


def score(case: WayCase, way: list[list[str]]) -> Marks:
    difference = strict(case.way, way)
    return Marks({"same way": float(not difference)}, tuple(difference), flat(way))


EVAL = Eval(
    about={"ru": "Путь", "en": "The way"},
    data="way/way.jsonl", schema=WayCase, run=go, score=score, metrics=(mean("same way", each=1.0),),
)  # fmt: skip
