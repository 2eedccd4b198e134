"""Deciding a review from the command line."""

from __future__ import annotations

from .cards import Json
from .desk import Desk
from .live import step
from .watch import watch


async def decide(desk: Desk, review: Json, decision: Json) -> str:
    """Send the decision about the version that `review` shows, and stay until it has been carried out.

    The id of the run that carried it out; of that which waits on, after the first of two approvals.
    Errors: Refused when somebody was first, or when what follows the decision failed.
    """
    words = desk.words
    body = {**decision, "version": review["draft_version"]}
    answer = await desk.post(f"reviews/{review['id']}/decide", body)
    if "endorsed_by" in answer:
        desk.say(words("decision.endorsed"))
        return str(answer["review"]["run_id"])
    desk.say(words("decision.recorded", decision=words.name("decision", decision["type"])))
    with step(desk.aside, words("decision.working")) as shown:
        last = await watch(desk, answer["run_id"], shown)
        shown.done(words("decision.done"))
    for id in last.get("reviews", ()):
        desk.say(words("decision.asks", command=f"artel review show {id}"))
    return str(answer["run_id"])
