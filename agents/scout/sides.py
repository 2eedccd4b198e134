"""The two sides of an event by the value of `roles` in triggers.yaml."""

from __future__ import annotations

from collections.abc import Callable

from . import deals, moves, ties
from .roles import Scene, Sides

ROLES: dict[str, Callable[[Scene], Sides]] = {
    function.__name__: function
    for function in (
        deals.does,
        deals.is_done,
        deals.moves_to,
        deals.becomes_owner,
        deals.deal_done,
        deals.belongs,
        deals.share_grows,
        deals.pays_for,
        deals.joins,
        deals.raises,
        deals.gives_money,
        deals.is_funded,
        deals.lends,
        deals.enters,
        deals.leads_round,
        ties.launches,
        ties.appears,
        ties.connects,
        ties.has_module,
        ties.agrees,
        ties.agrees_with,
        ties.is_agreed,
        ties.awarded,
        ties.becomes_partner,
        moves.offers_jobs,
        moves.hires,
        moves.appoints,
        moves.leaves,
        moves.expands,
    )
}
