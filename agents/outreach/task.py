"""What the next version of a letter should be: the policy, what was chosen before, and the new remark."""

from __future__ import annotations

from dataclasses import dataclass

from agents.context import Lang, Policy, Style
from memory.ids import derived

from .letter import FULL, SHORT, Limits
from .remark import read
from .state import OutreachState


@dataclass(frozen=True)
class Task:
    """Version `version` of the thread's letter. `unread` holds what code could not read in the remark:
    a model may still understand it, a template cannot.
    """

    thread_id: str
    version: int
    lang: Lang
    style: Style
    short: bool
    remark: str | None = None
    unread: tuple[str, ...] = ()

    @property
    def draft_id(self) -> str:
        """The same for the same version, so that a repeated step makes no second draft."""
        return derived("draft", self.thread_id, str(self.version))

    @property
    def limits(self) -> Limits:
        return SHORT if self.short else FULL


def next_task(state: OutreachState, policy: Policy) -> Task:
    """The first version by the policy; later ones as before but for what the remark changes."""
    remark = state.get("remark")
    change = read(remark or "")
    short = state.get("short", False)
    # What is short already is the shortest that a template has.
    again = (remark,) if remark and change.shorter and short else ()
    return Task(
        thread_id=state["thread_id"],
        version=state.get("draft_version", 0) + 1,
        lang=change.lang or state.get("lang", policy.lang),
        style=change.style or state.get("style", policy.style),
        short=short or change.shorter,
        remark=remark,
        unread=change.unread or again,
    )
