"""Who receives the letter of a pair, and who is proposed to them."""

from __future__ import annotations

from collections.abc import Sequence

from agents.context import Lang
from agents.evidence.orders import called
from memory.models import Company, Signal

_DEPARTMENT: dict[Lang, str] = {"ru": "Отдел партнёрств", "en": "Partnerships"}


def assign(a: Company, b: Company, signals: Sequence[Signal]) -> tuple[Company, Company]:
    """The recipient, and the partner proposed to them. `signals`: the freshest first.

    The company with news is written to: it has the reason to listen. Without news of either, the one
    whose address is known; else `a`. News only decides who is written to: the address itself comes from the
    company's row and never from an article.
    """
    for named in ("company_id", "object_company_id"):
        for signal in signals:
            for one, other in ((a, b), (b, a)):
                if getattr(signal, named) == one.id:
                    return one, other
    return (b, a) if b.contact_email and not a.contact_email else (a, b)


def to_name(recipient: Company, lang: Lang) -> str:
    return f"{_DEPARTMENT[lang]}, {called(recipient.name)}"
