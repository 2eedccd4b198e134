"""What a person does with many reviews at once, and with views of the queue."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, get_args
from urllib.parse import parse_qsl

from fastapi import APIRouter, Form, Response
from pydantic import BaseModel

from graphs.runtime.bulk import Item, Report
from graphs.runtime.errors import AlreadyDecided, ArtelError, AsksSecond, BadRequest, Ruled, TooLate
from graphs.runtime.people.rights import Person
from graphs.runtime.reviews import Verdict
from graphs.runtime.services import Services
from memory.models import DecisionType

from ..deps import Asker, Serving
from ..schemas.decisions import Reason
from .answering import PageRoute
from .queue import about
from .shell import Shell, Showing
from .view import read_view

router = APIRouter(prefix="/queue", route_class=PageRoute, include_in_schema=False)


class Chosen(BaseModel):
    """item: `id:version` each; everything: all that match `query` instead."""

    verdict: str
    reason: str = "other"
    query: str = ""
    everything: str = ""
    item: list[str] = []


@router.post("/bulk")
async def bulk(form: Annotated[Chosen, Form()], services: Serving, shell: Showing, person: Asker) -> Response:
    """How many were decided, and why the others were not, one by one."""
    items = [_item(one) for one in form.item]
    if form.verdict == "undo":
        report = await services.bulk.undo([id for id, _ in items], person.actor)
        return await _reported(services, shell, person, report, undone=True)
    if form.everything:
        items = [*await services.bulk.matching(read_view(dict(parse_qsl(form.query.lstrip("?")))).filter)]
    window = timedelta(seconds=services.settings.undo_s) or None
    report = await services.bulk.decide(items, _verdict(form, person.actor, window))
    return await _reported(services, shell, person, report)


@router.post("/views")
async def save_view(
    name: Annotated[str, Form()],
    query: Annotated[str, Form()],
    services: Serving,
    shell: Showing,
    person: Asker,
) -> Response:
    """The address's query under a name; only what a view can hold of it."""
    view = read_view(dict(parse_qsl(query.lstrip("?")))).first()
    await services.desk.save_view(person.actor, name, view.query())
    return shell.page("views.html", views=await services.desk.views(person.actor))


@router.post("/views/{view_id}/drop")
async def drop_view(view_id: str, services: Serving, shell: Showing, person: Asker) -> Response:
    await services.desk.drop_view(view_id, person.actor)
    return shell.page("views.html", views=await services.desk.views(person.actor))


@router.post("/claim")
async def claim(
    services: Serving,
    person: Asker,
    id: Annotated[str, Form()] = "",
    before: Annotated[str, Form()] = "",
) -> Response:
    """The person looks at `id` now, and no longer at `before`."""
    await services.desk.look(id, before, person.actor)
    return Response(status_code=204)


def _item(text: str) -> Item:
    id, _, version = text.rpartition(":")
    return id, int(version) if version.isdecimal() and len(version) < 10 else None


def _verdict(form: Chosen, actor: str, window: timedelta | None) -> Verdict:
    if form.verdict == "approve":
        return Verdict(DecisionType.APPROVE, actor, window=window)
    if form.verdict == "reject" and form.reason in get_args(Reason):
        return Verdict(DecisionType.REJECT, actor, reason=form.reason, window=window)
    raise BadRequest("choose to approve, or to reject with a reason")


async def _reported(
    services: Services, shell: Shell, person: Person, report: Report, *, undone: bool = False
) -> Response:
    titles, names = await services.desk.titles([id for id, _ in report.failed])
    failed = [(titles.get(id, id), reason(error, names, shell)) for id, error in report.failed]
    return shell.page(
        "bulked.html",
        headers={"HX-Trigger": json.dumps({"bulked": {"ids": list(report.done)}})},
        done=report.done,
        failed=failed,
        undone=undone,
        window=0 if undone else round(services.settings.undo_s),
        **about(person, shell),
    )


def reason(error: ArtelError, names: Mapping[str, str], shell: Shell) -> str:
    """Why one of many was left as it was."""
    say = shell.locale.gettext
    match error:
        case AlreadyDecided():
            return say("already decided by %(name)s") % {"name": names.get(error.by, error.by)}
        case AsksSecond():
            return say("two people approve it: open it")
        case TooLate():
            return say("too late")
        case Ruled():
            return error.ru if shell.lang == "ru" else error.en
        case BadRequest():
            return say("this question does not allow it")
        case _:
            return say("changed meanwhile")
