"""From the record to a draft: the prompt, the model's answer, and what of it may stand."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any

import prompts
from agents.context import Lang, Sender
from agents.evidence import claims
from agents.evidence.facts import facts
from agents.evidence.grounds import Grounds
from agents.evidence.orders import called
from agents.evidence.record import Record
from memory.models import Draft
from prompts import Prompt
from tools.llm.completion import Completion

from .addressee import to_name
from .brief import variables
from .errors import NothingGrounded
from .grounding import Grounded, ground, note
from .letter import LetterText, assemble
from .task import Task

_FRAME: dict[Lang, dict[str, str]] = {
    "ru": {"greeting": "Здравствуйте!", "closing": "С уважением,", "and": "и"},
    "en": {"greeting": "Hello,", "closing": "Kind regards,", "and": "and"},
}


def prompt_for(record: Record, task: Task, sender: Sender, previous: Draft | None) -> Prompt:
    """The prompt of a first letter, or of a rewrite when there is a version to rewrite."""
    given: dict[str, Any] = variables(record, task.lang) | {
        "sender": {"name": sender.name, "company": sender.company},
        "style": task.style,
        "short": task.short,
        "limits": asdict(task.limits),
        "schema": LetterText.model_json_schema(),
    }
    if previous is None:
        return prompts.load("letter", task.lang, **given)
    texts = {"subject": previous.subject, "body": previous.body}
    given |= {"previous": texts, "remark": task.remark, "unread": list(task.unread)}
    return prompts.load("rewrite", task.lang, **given)


def openings(letter: LetterText) -> frozenset[str]:
    """Words at the beginnings of its sentences, any of which may be the name of a company."""
    return frozenset(words for sentence in letter.sentences for words in claims.openings(sentence.text))


def grounded(
    letter: LetterText,
    record: Record,
    task: Task,
    sender: Sender,
    companies: Collection[str],
    prompt: Prompt,
) -> Grounded:
    """The letter of what the record supports; companies: names we know that its sentences begin with; prompt:
    what was asked.

    Errors: NothingGrounded.
    """
    pair = [called(company.name) for company in record.pair]
    names = frozenset((*pair, sender.name, sender.company))
    grounds = Grounds(facts(record), names, frozenset(companies) - names, prompt.text)
    frame = _FRAME[task.lang]
    held = ground(letter, grounds, task.lang, {**frame, "subject": f" {frame['and']} ".join(pair)})
    if not held.letter.sentences:
        raise NothingGrounded("the model wrote nothing that the record supports: run the pair again")
    return held


def draft_of(
    held: Grounded,
    completion: Completion,
    prompt: Prompt,
    record: Record,
    task: Task,
    *,
    sender: Sender,
    partnership_id: str,
    now: datetime,
) -> Draft:
    """The row of this version. To whom it goes is read from the record and never from the letter."""
    text = assemble(held.letter, sender, task.lang, task.style, task.limits)
    recipient, _ = record.pair
    return Draft(
        id=task.draft_id,
        thread_id=task.thread_id,
        partnership_id=partnership_id,
        version=task.version,
        lang=task.lang,
        style=task.style,
        recipient_company_id=recipient.id,
        to_name=to_name(recipient, task.lang),
        to_email=recipient.contact_email,
        subject=text.subject,
        body=text.body,
        claims=text.claims,
        author=f"{completion.provider} {completion.model}",
        offline=completion.offline,
        prompt=completion.prompt or prompt.label,
        remark=task.remark,
        note="\n".join(filter(None, (completion.note, note(held.dropped, task.lang)))) or None,
        created_at=now,
    )
