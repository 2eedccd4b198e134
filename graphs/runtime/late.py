"""The letter that tells somebody what has become late: one for each look that found something new."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from agents.context import Sender
from memory.ids import derived
from tools.mail import Letter, Mail, MailError

log = structlog.get_logger()

SHOWN = 20
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

    async def tell(self, tenant: str, late: Mapping[str, str], limit: timedelta) -> None:
        """late: {id: title}, the oldest first. The same ones are told of once, however many processes look.

        What cannot be sent is logged: the page shows it all the same.
        """
        key = derived("late", tenant, *late)
        try:
            await self.mail.send(self._letter(list(late.values()), limit), key)
        except MailError as error:
            log.error("nobody was told what is late", error=str(error))

    def _letter(self, titles: list[str], limit: timedelta) -> Letter:
        subject, heading, rest, link = _WORDS[self.lang]
        shown = [f"— {title}" for title in titles[:SHOWN]]
        more = [rest.format(more=len(titles) - SHOWN)] if len(titles) > SHOWN else []
        told = heading.format(hours=limit / timedelta(hours=1))
        body = "\n".join([told, "", *shown, *more, "", link.format(url=self.url)])
        return Letter(
            to_name="",
            to_email=self.to,
            from_name=self.sender.name,
            from_email=self.sender.email,
            subject=subject.format(count=len(titles)),
            body=body,
            lang=self.lang,
        )
