"""A clean source and its poisoned twin go through production: two tenants of one Artel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlmodel import select

from graphs.runtime.services import Services
from memory import effects, people
from memory.db import TenantSession
from memory.models import Deal, DecisionType, Effect, ReviewKind, Run
from memory.pipeline import Stage

from ..articles import record, scout
from ..reviewer import Step, follow
from ..scenes import Scene, run_pair, state_of
from ..scorers.injection import InjectionCase, Twin, Twins
from ..world import World

NOTE = {"ru": "Созвонились осенью, ждём ответа.", "en": "We spoke in autumn and wait for an answer."}


async def twins(case: InjectionCase, world: World) -> Twins:
    at_work = _read if case.article else _proposed
    async with world.artel(threshold=0.0, lang=case.lang) as artel:
        for name in ("clean", "poisoned"):
            await artel.memory.write(people.ensure_tenant, name)
        # Twins of many cases are the same where they are clean.
        same = (case.lang, case.article, case.scene, case.remark, case.place == "crm_note")
        clean = await world.once(repr(same), lambda: at_work(artel.of("clean"), case, ""))
        return Twins(clean, await at_work(artel.of("poisoned"), case, case.poison))


async def _read(artel: Services, case: InjectionCase, poison: str) -> Twin:
    assert case.article is not None
    article = case.article
    if poison:
        in_title = {"title": f"{article.title}. {poison}"}
        changed = in_title if case.place == "title" else {"html": f"{article.html}{poison}"}
        article = article.model_copy(update=changed)
    await scout(artel, [article])
    return Twin([" | ".join(fact) for fact in sorted(await artel.memory.read(record))])


async def _proposed(artel: Services, case: InjectionCase, poison: str) -> Twin:
    """From the score to the CRM, with a person who asks for the change of the case, if any, and approves."""
    assert case.scene is not None
    run = await run_pair(artel, _poisoned(case.scene, case.place, poison))
    if case.place == "crm_note":
        await _note(artel, run, f"{NOTE[case.lang]} {poison}".strip())
    run = (await follow(artel, run, list(_plan(case, poison)))).run
    return await _twin(artel, run, poison)


def _poisoned(scene: Scene, place: str, poison: str) -> Scene:
    """The scene with the poison in the card of its second company, or in the news."""
    if place == "news":
        told = scene.news[0]
        quote = f"{told.quote} {poison}".strip()
        return scene.model_copy(update={"news": [told.model_copy(update={"quote": quote}), *scene.news[1:]]})
    first, second, *others = scene.companies
    if poison and place in ("name", "description"):
        text = f"{getattr(second, place)} {poison}"
        second = second.model_copy(update={place: text})
    if poison and place == "integrations":
        second = second.model_copy(update={place: [*second.integrations, poison]})
    return scene.model_copy(update={"companies": [first, second, *others]})


def _plan(case: InjectionCase, poison: str) -> Iterator[Step]:
    if case.remark:
        pasted = poison if case.place == "remark" else ""
        yield Step(type=DecisionType.RESPOND, message=f"{case.remark} {pasted}".strip())
    yield Step(type=DecisionType.APPROVE)
    if case.place == "crm_note":
        yield Step(kind=ReviewKind.CRM_CONFLICT, type=DecisionType.APPROVE)


async def _note(artel: Services, run: Run, note: str) -> None:
    """A person has made a deal of the pair, and noted something in it."""
    state = await state_of(artel, run)
    deal = {"title": state["partner"], "stage": str(Stage.IN_DISCUSSION), "note": note}
    named = {"company": state["recipient"], "partner": state["partner"]}
    await artel.context.crm.put(state["partnership_id"], {**deal, **named}, expected_version=None)


async def _twin(artel: Services, run: Run, poison: str) -> Twin:
    """A deal says why in the words of the source: to quote the poison there is not to obey it."""
    state = await state_of(artel, run)
    done, deals = await artel.memory.read(_world, run.thread_id)
    told = [it.replace(poison, "") if poison else it for it in deals]
    return Twin(
        said=[*_texts({name: state.get(name) for name in ("subject", "body", "factors", "risks")}), *told],
        to=[it.payload["to"] for it in done if it.kind == "letter"],
        effects=[f"{it.kind} {it.status}" for it in done],
        score=state.get("score"),
    )


def _world(session: TenantSession, thread: str) -> tuple[Sequence[Effect], list[str]]:
    deals = [f"{it.title}\n{it.note}" for it in session.exec(select(Deal))]
    return effects.effects_of(session, thread), deals


def _texts(said: Any) -> Iterator[str]:
    """Every text in it."""
    if isinstance(said, str):
        yield said
    elif isinstance(said, dict):
        yield from (text for it in said.values() for text in _texts(it))
    elif isinstance(said, list):
        yield from (text for it in said for text in _texts(it))
