"""The letter that tells somebody what has become late: one for each look that found something new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from agents.context import Sender
from memory import effects, late
from memory.db import Memory
from memory.ids import derived
from memory.models import Effect
from tools.mail import Letter, Mail, MailError

log = structlog.get_logger()

_WORDS = {
    "ru": (
        "Просрочено решений: {count}",
        "Ждут дольше срока ({hours:g} ч):",
        "…и ещё {more}",
        "Решить: {url}",
    ),
    "en": (
        "Late decisions: {count}",
        "Waiting past the deadline ({hours:g} h):",
        "…and {more} more",
        "Decide: {url}",
    ),
}


@dataclass(frozen=True)
class Digest:
    """to: an e-mail address; url: of what is late, which shows it and decides nothing."""

    mail: Mail = field(repr=False)
    sender: Sender
    to: str
    url: str
    lang: str

    async def tell(self, memory: Memory, look: datetime, limit: timedelta) -> None:
        """What was marked at this look, and what an earlier one left untold.

        What cannot be sent is logged and tried again for a day: the page shows it all the same.
        """
        for noted in await memory.read(late.untold, look):
            try:
                await self._told(memory, noted, look, limit)
            except MailError as error:
                log.error("nobody was told what is late", error=str(error))

    async def _told(self, memory: Memory, noted: Effect, now: datetime, limit: timedelta) -> None:
        async def perform() -> dict[str, Any]:
            letter = self._letter(noted.payload["titles"], noted.payload["count"], limit)
            return asdict(await self.mail.send(letter, derived("late", memory.tenant, noted.key)))

        await effects.once(
            memory,
            key=noted.key,
            kind=noted.kind,
            thread_id=None,
            payload=noted.payload,
            perform=perform,
            clock=lambda: now,
        )

    def _letter(self, titles: Sequence[str], count: int, limit: timedelta) -> Letter:
        """titles: of the first of so many."""
        subject, heading, rest, link = _WORDS[self.lang]
        shown = [f"— {title}" for title in titles]
        more = [rest.format(more=count - len(titles))] if count > len(titles) else []
        told = heading.format(hours=limit / timedelta(hours=1))
        body = "\n".join([told, "", *shown, *more, "", link.format(url=self.url)])
        return Letter(
            to_name="",
            to_email=self.to,
            from_name=self.sender.name,
            from_email=self.sender.email,
            subject=subject.format(count=count),
            body=body,
            lang=self.lang,
        )
