"""The approval queue: a list and a card, the same address for a link, a reload and a colleague."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

from fastapi import APIRouter, Request, Response

from graphs.runtime.bulk import MOST
from graphs.runtime.desk import Listing, Opened, Page
from graphs.runtime.errors import NotFound
from graphs.runtime.people.rights import Person
from memory.queue import COUNTED

from ..deps import Asker, Serving
from ..schemas.decisions import Reason
from .answering import PageRoute
from .discretion import discreet, discreet_rows
from .shell import Shell, Showing
from .view import PAGE, Asked, View

router = APIRouter(route_class=PageRoute, include_in_schema=False)

REASONS = get_args(Reason)
# What the writer without a model can read too, so each works everywhere: by what it asks for.
REMARKS = {
    "shorter": {"ru": "Короче", "en": "Shorter"},
    "friendly": {"ru": "Дружелюбнее", "en": "Friendlier"},
    "formal": {"ru": "Официальнее", "en": "Formal"},
    "technical": {"ru": "Технически", "en": "Technical"},
    "en": {"ru": "На английском", "en": "In English"},
    "ru": {"ru": "На русском", "en": "In Russian"},
}


@router.get("/queue")
async def queue(request: Request, services: Serving, shell: Showing, person: Asker, view: Asked) -> Response:
    """The whole page; for an open page only its list, by another filter."""
    asked = request.query_params.get("id")
    where = (view.filter, view.order, PAGE, view.position, person.actor)
    if shell.is_fragment:
        listing = await _discreet(await services.desk.listing(*where), shell, person)
        address = {"HX-Push-Url": f"/queue{view.query()}"}
        return shell.page(
            "results.html", headers=address, current=asked, **listed(listing, view), **about(person, shell)
        )
    return await _page(shell, person, view, await services.desk.page(*where, asked), asked)


@router.get("/queue/card/{review_id}")
async def card(review_id: str, services: Serving, shell: Showing, person: Asker, view: Asked) -> Response:
    try:
        opened = await services.desk.open(review_id, person.actor)
    except NotFound:
        return shell.page("nothing.html", status=404, missing=True)
    return shell.page(
        "card.html", **carded(await discreet(opened, person, shell.discretion), view), **about(person, shell)
    )


@router.get("/queue/card/{review_id}/fresh")
async def fresh(review_id: str, services: Serving, shell: Showing, person: Asker, view: Asked) -> Response:
    """The card anew, where nothing is being written."""
    return await card(review_id, services, shell, person, view)


@router.get("/queue/card/{review_id}/news")
async def news(review_id: str, services: Serving, shell: Showing, person: Asker, view: Asked) -> Response:
    """What happened to a card that stays as it is: who decided it, who looks at it, which version it has."""
    opened = await services.desk.open(review_id, person.actor)
    return shell.page(
        "news.html", **carded(await discreet(opened, person, shell.discretion), view), **about(person, shell)
    )


@router.get("/queue/row/{review_id}")
async def row(review_id: str, services: Serving, shell: Showing, person: Asker, view: Asked) -> Response:
    """One row, right for this person, and whether it belongs to this view."""
    found = await services.desk.row(review_id, view.filter, person.actor)
    [shown_row] = await discreet_rows([found.row], person, shell.discretion)
    told = {"X-Counted": shell.locale.counted(found.total, COUNTED), "X-Fits": str(int(found.fits))}
    shown: dict[str, Any] = {
        "row": shown_row,
        "claims": found.claims,
        "endorsed": found.endorsed,
        "names": found.names,
        "view": view,
        "current": None,
    }
    return shell.page("row.html", headers=told, **shown, **about(person, shell))


def about(person: Person, shell: Shell) -> dict[str, Any]:
    return {"person": person, "most": COUNTED, "many": MOST, "reasons": REASONS}


def listed(listing: Listing, view: View) -> dict[str, Any]:
    return {
        "rows": listing.rows,
        "more": listing.more,
        "total": listing.total,
        "claimed": listing.claims,
        "endorsed_by": listing.endorsed,
        "names": listing.names,
        "view": view,
    }


def carded(opened: Opened, view: View) -> dict[str, Any]:
    draft = opened.card.draft
    # A letter is not asked to be what it is.
    remarks = [it for what, it in REMARKS.items() if draft and what not in (draft.style, draft.lang)]
    shown = {"opened": opened, "view": view, "current": opened.row.id, "names": opened.names}
    return {**shown, "remarks": remarks}


async def _discreet(listing: Listing, shell: Shell, person: Person) -> Listing:
    return replace(listing, rows=await discreet_rows(listing.rows, person, shell.discretion))


async def _page(shell: Shell, person: Person, view: View, page: Page, asked: str | None) -> Response:
    opened = page.opened and await discreet(page.opened, person, shell.discretion)
    shown = carded(opened, view) if opened else {"opened": None, "current": None}
    address = f"/queue{view.query(id=asked) if asked else view.query()}"
    return shell.page(
        "queue.html",
        status=404 if asked and opened is None else 200,
        picked=asked is not None,
        missing=asked is not None,
        back=address,
        views=page.views,
        **{**listed(await _discreet(page.listing, shell, person), view), **shown},
        **about(person, shell),
    )
