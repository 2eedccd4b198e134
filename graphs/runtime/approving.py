"""Nobody approves a deal whose amount is over their limit; one whose amount nobody knows is over none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from memory import partnerships, pipeline
from memory.db import TenantSession
from memory.models import DecisionType, Review

from .errors import Ruled
from .people.limits import limit_of


def check_amount(
    session: TenantSession, review: Review, type: DecisionType, actor: str, args: Mapping[str, Any] | None
) -> None:
    """args: what an edit changes. Errors: Ruled, to approve what is over one's limit, with an edit or not."""
    if type not in (DecisionType.APPROVE, DecisionType.EDIT):
        return
    limit = limit_of(session, actor)
    if limit is not None and (amount := _amount(session, review, args)) > limit:
        raise Ruled(
            f"Сумма сделки — {_spaced(amount)}, а ваш предел — {_spaced(limit)}: "
            "одобрить может тот, чей предел выше.",
            f"the deal is worth {amount:,} RUB and your limit is {limit:,} RUB: "
            "somebody with a higher limit may approve it",
        )


def _amount(session: TenantSession, review: Review, args: Mapping[str, Any] | None) -> int:
    """Roubles: the most that is known of the pair, of its deal, and of what the decision would write."""
    asked = review.request["action_requests"][0]["args"]
    told = [part.get("value_rub") for part in _deals({**asked, **(args or {})})]
    if review.partnership_id is not None:
        pair = partnerships.get(session, review.partnership_id)
        deal = pipeline.deal_of(session, review.partnership_id)
        told += [it.value_rub for it in (pair, deal) if it is not None]
    return max((value for value in told if isinstance(value, int)), default=0)


def _deals(args: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The fields of deals among an action's arguments."""
    named = (args.get(name) for name in ("ours", "theirs", "fields"))
    return [fields for fields in named if isinstance(fields, Mapping)]


def _spaced(roubles: int) -> str:
    """As Russians write it: 2 100 000 ₽, in one piece."""
    return f"{roubles:,} ₽".replace(",", "\N{NO-BREAK SPACE}").replace(" ", "\N{NO-BREAK SPACE}")
