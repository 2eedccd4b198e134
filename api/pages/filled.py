"""The form of a card as a verdict. What is wrong is said in the person's language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict

from graphs.runtime.errors import BadRequest
from graphs.runtime.reviews import Card, Verdict
from memory.models import DecisionType, Draft

from ..schemas.decisions import Reason

SUBJECT_LENGTH, TEXT_LENGTH, REMARK_LENGTH = 300, 20_000, 4_000
FIELD = "field:"

Say = Callable[[str], str]


class Filled(BaseModel):
    """verdict: approve, respond or reject:<reason>; `field:<name>`: ours or theirs, of a deal in conflict."""

    model_config = ConfigDict(extra="allow")

    verdict: str
    version: str = ""
    subject: str | None = None
    body: str | None = None
    note: str = ""
    remark: str = ""


def verdict_of(form: Filled, card: Card, actor: str, say: Say) -> Verdict:
    """Errors: BadRequest, in the words of `say`."""
    kind, _, reason = form.verdict.partition(":")
    version = int(form.version) if form.version.isdecimal() and len(form.version) < 10 else None
    if kind == "reject" and reason in get_args(Reason):
        note = _line(form.note, REMARK_LENGTH, say) or None
        return Verdict(DecisionType.REJECT, actor, version, reason=reason, message=note)
    if kind == "respond":
        remark = _line(form.remark, REMARK_LENGTH, say)
        if not remark:
            raise BadRequest(say("Say what should change"))
        return Verdict(DecisionType.RESPOND, actor, version, message=remark)
    if kind == "approve":
        args = _edited(form, card.draft, say) if card.draft else _resolved(form, card)
        return Verdict(DecisionType.EDIT if args else DecisionType.APPROVE, actor, version, args=args or None)
    raise BadRequest(say("Choose what to do"))


def _edited(form: Filled, draft: Draft, say: Say) -> dict[str, Any]:
    """{subject, body} where they differ from what was shown."""
    if form.subject is None or form.body is None:
        return {}
    subject = _line(form.subject, SUBJECT_LENGTH, say)
    body = _line(form.body, TEXT_LENGTH, say)
    if not subject:
        raise BadRequest(say("A letter needs a subject"))
    if not body:
        raise BadRequest(say("A letter needs a text"))
    same = (subject, body) == (draft.subject.strip(), draft.body.strip())
    return {} if same else {"subject": subject, "body": body}


def _resolved(form: Filled, card: Card) -> dict[str, Any]:
    """The deal's fields that a person chose from the CRM; none: all is to be as we have it."""
    theirs = card.review.request["action_requests"][0]["args"].get("theirs", {})
    chosen = form.model_extra or {}
    fields = {name: theirs[name] for name in theirs if chosen.get(FIELD + name) == "theirs"}
    return {"fields": fields} if fields else {}


def _line(text: str, length: int, say: Say) -> str:
    plain = text.replace("\r\n", "\n").strip()
    if len(plain) > length:
        raise BadRequest(say("The text is too long: %(most)s characters at most") % {"most": length})
    return plain
