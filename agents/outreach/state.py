"""What the outreach of one pair knows; every key has a default, so old threads go on."""

from __future__ import annotations

from typing import Any

from agents.compatibility.asking import Judged
from agents.context import Lang, Style
from agents.pair import PairState


class OutreachState(PairState, total=False):
    """All that the review shows stands here, so asking needs no database.

    draft_id, draft_version: the version shown; to: address, or the name while no address is known;
    recipient, partner: names; lang, style, short: how the letter is written, kept through rewrites;
    remark: what a person asked to change, until the next version answers it;
    risks, judged: what models said of the pair; decision: approve | edit | reject | respond;
    reason: why a person rejected the pair.
    """

    draft_id: str
    draft_version: int
    to: str
    subject: str
    body: str
    recipient: str
    partner: str
    score: float | None
    lang: Lang
    style: Style
    short: bool
    note: str | None
    remark: str | None
    risks: list[dict[str, Any]]
    judged: list[Judged]
    decision: str
    reason: str | None
