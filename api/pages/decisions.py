"""What a person does with a card: forms in, fragments out."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Response
from pydantic import BaseModel, ConfigDict

from graphs.runtime.desk import Opened, decided, row_of
from graphs.runtime.errors import (
    AlreadyDecided,
    ArtelError,
    BadRequest,
    Conflict,
    Ruled,
    TooLate,
)
from graphs.runtime.people.rights import Person
from graphs.runtime.reviews import Endorsed
from graphs.runtime.services import Services
from memory.models import Decision, DecisionType, ReviewKind, Run
from memory.queue import Row

from ..deps import Asker, Serving
from .answering import PageRoute
from .filled import Filled, verdict_of
from .locale import N_
from .queue import about, carded
from .shell import Shell, Showing
from .view import Asked, View

router = APIRouter(prefix="/queue", route_class=PageRoute, include_in_schema=False)

_SAID: dict[str | None, str] = {
    None: N_("The first approval is kept: the letter waits for somebody else's"),
    DecisionType.APPROVE: N_("Approved. The email goes out in %(seconds)s s"),
    DecisionType.EDIT: N_("Approved with your edit. The email goes out in %(seconds)s s"),
    DecisionType.REJECT: N_("Rejected"),
    DecisionType.RESPOND: N_("Sent for a rewrite"),
}
_SAID_OF_DEALS: dict[str | None, str] = {
    DecisionType.APPROVE: N_("Recorded. The CRM changes in %(seconds)s s"),
    DecisionType.EDIT: N_("Recorded. The CRM changes in %(seconds)s s"),
    DecisionType.REJECT: N_("Left as in the CRM"),
}
_TOO_LATE = N_("Too late to undo: the email has gone out")
_TOO_LATE_FOR_DEALS = N_("Too late to undo: it is done already")


class Working(BaseModel):
    """The editor's fields, as they are typed."""

    model_config = ConfigDict(extra="ignore")

    subject: str = ""
    body: str = ""
    version: str = ""

    @property
    def number(self) -> int:
        """Errors: BadRequest."""
        if not self.version.isdecimal() or len(self.version) > 9:
            raise BadRequest("the version is not a number")
        return int(self.version)


@router.post("/{review_id}/decide")
async def decide(
    review_id: str,
    form: Annotated[Filled, Form()],
    services: Serving,
    shell: Showing,
    person: Asker,
    view: Asked,
) -> Response:
    """The row as it stands now and the undo; 409 and 422 leave the form as it was, with what is wrong."""
    card = await services.reviews.card(review_id)
    try:
        verdict = verdict_of(form, card, person.actor, shell.locale.gettext)
        window = timedelta(seconds=services.settings.undo_s)
        timed = replace(verdict, window=window or None)
        done = await services.reviews.answer(review_id, timed, leaving=True)
    except ArtelError as error:
        return await _refused(services, shell, person, view, review_id, form, error)
    total = await services.desk.count(view.filter)
    return _decided(row_of(card), done, total, window, shell, person, view)


@router.post("/{review_id}/undo")
async def undo(review_id: str, services: Serving, shell: Showing, person: Asker, view: Asked) -> Response:
    try:
        await services.undo.undo(review_id, person.actor)
    except TooLate:
        row = (await services.desk.row(review_id, view.filter, person.actor)).row
        text = shell.locale.gettext(_TOO_LATE if row.kind == ReviewKind.OUTREACH else _TOO_LATE_FOR_DEALS)
        return shell.page("failed.html", status=409, text=text, is_out=False)
    opened = await services.desk.open(review_id, person.actor)
    shown: dict[str, Any] = {
        **carded(opened, view),
        "total": await services.desk.count(view.filter),
        "claims": (),
        "endorsed": opened.endorsed,
    }
    return shell.page("undone.html", headers=_event("undone", review_id), **shown, **about(person, shell))


@router.post("/{review_id}/work")
async def keep(
    review_id: str, form: Annotated[Working, Form()], services: Serving, person: Asker
) -> Response:
    """The draft of this person alone, kept on the server."""
    await services.desk.keep(review_id, person.actor, form.number, form.subject, form.body)
    return Response(status_code=204)


@router.post("/{review_id}/work/drop")
async def drop(review_id: str, services: Serving, person: Asker) -> Response:
    await services.desk.drop(review_id, person.actor)
    return Response(status_code=204)


@router.post("/{review_id}/diff")
async def diff(
    review_id: str,
    form: Annotated[Working, Form()],
    services: Serving,
    shell: Showing,
    person: Asker,
) -> Response:
    """The typed text against the agent's, word by word."""
    card = await services.reviews.card(review_id)
    if card.draft is None:
        raise BadRequest("there is no letter here")
    return shell.page("diff.html", before=card.draft, after=form)


@router.post("/{review_id}/comment")
async def comment(
    review_id: str,
    body: Annotated[str, Form()],
    services: Serving,
    shell: Showing,
    person: Asker,
    view: Asked,
) -> Response:
    await services.desk.comment(review_id, person.actor, body)
    opened = await services.desk.open(review_id, person.actor)
    return shell.page("comments.html", **carded(opened, view), **about(person, shell))


def _decided(
    row: Row,
    done: tuple[Decision, Run] | Endorsed,
    total: int,
    window: timedelta,
    shell: Shell,
    person: Person,
    view: View,
) -> Response:
    """The first of two approvals has no window: it lets nothing leave."""
    if isinstance(done, Endorsed):
        type, seconds, endorsed = None, 0, done.by
    else:
        type, seconds, endorsed = done[0].type, round(window.total_seconds()), ()
        row = decided(row, done[0])
    words = _SAID if row.kind == ReviewKind.OUTREACH else {**_SAID, **_SAID_OF_DEALS}
    said = shell.locale.gettext(words[type]) % {"seconds": seconds}
    shown: dict[str, Any] = {"row": row, "claims": (), "current": row.id, "total": total, "view": view}
    return shell.page(
        "decided.html",
        headers=_event("decided", row.id),
        said=said,
        window=seconds,
        names={person.actor: person.name},
        endorsed=endorsed,
        **shown,
        **about(person, shell),
    )


async def _refused(
    services: Services,
    shell: Shell,
    person: Person,
    view: View,
    review_id: str,
    form: Filled,
    error: ArtelError,
) -> Response:
    opened = await services.desk.open(review_id, person.actor)
    lost = isinstance(error, Conflict)
    shown: dict[str, Any] = {
        "text": _why(error, opened, shell),
        "lost": lost,
        "stale": lost and opened.card.decision is None,
        "yours": form if form.body is not None else None,
        "theirs": opened.card.draft,
        "review_id": review_id,
        "row": opened.row if lost else None,
        "claims": opened.claimants,
        "endorsed": opened.endorsed,
        "names": opened.names,
        "current": review_id,
        "view": view,
    }
    status = 409 if lost else 422
    return shell.page(
        "refusal.html", status=status, headers=_event("refused", review_id), **shown, **about(person, shell)
    )


def _why(error: ArtelError, opened: Opened, shell: Shell) -> str:
    say = shell.locale.gettext
    if isinstance(error, BadRequest):
        return str(error)
    if isinstance(error, Ruled):
        return error.ru if shell.lang == "ru" else error.en
    decision = opened.card.decision
    if isinstance(error, AlreadyDecided) and decision is not None:
        told = {
            "name": opened.names.get(decision.actor, decision.actor.removeprefix("person:")),
            "decision": shell.locale.name("decision", decision.type).lower(),
        }
        return say("Already decided: %(name)s — %(decision)s. Your edits are kept") % told
    if opened.row.status == "pending":
        return say("The letter was rewritten meanwhile. Your edits are kept")
    return say("This question was withdrawn. Your edits are kept")


def _event(name: str, review_id: str) -> dict[str, str]:
    return {"HX-Trigger": json.dumps({name: {"id": review_id}})}
