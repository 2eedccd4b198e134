"""Deciding a review from the command line, and a letter as the text that an editor shows."""

from __future__ import annotations

from .cards import Json
from .client import Refused
from .desk import Desk
from .live import step
from .watch import watch
from .words import Words


async def decide(desk: Desk, review: Json, decision: Json) -> None:
    """Send the decision about the version that `review` shows, and stay until it has been carried out.

    Errors: Refused when somebody was first, or when what follows the decision failed.
    """
    words = desk.words
    body = {**decision, "version": review["draft_version"]}
    answer = await desk.post(f"reviews/{review['id']}/decide", body)
    desk.say(words("decision.recorded", decision=words.name("decision", decision["type"])))
    with step(desk.aside, words("decision.working")) as shown:
        last = await watch(desk, answer["run"]["id"], shown)
        shown.done(words("decision.done"))
    for id in last.get("reviews", ()):
        desk.say(words("decision.asks", command=f"artel review show {id}"))


def letter_text(draft: Json, words: Words) -> str:
    """The letter as it is edited: the subject's line, an empty line, the body."""
    return f"{words('letter.subject')}: {draft['subject']}\n\n{draft['body']}\n"


def letter_of(text: str, words: Words) -> Json:
    """{subject, body} of an edited text. Errors: Refused when the subject's line is gone."""
    head, _, body = text.lstrip().partition("\n")
    label, colon, subject = head.partition(":")
    if not colon or label.strip() != words("letter.subject"):
        raise Refused(words("edit.no_subject", label=words("letter.subject")))
    return {"subject": subject.strip(), "body": body.strip()}
