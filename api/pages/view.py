"""A view of the queue: what its address says. The address is the view that a person saves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Annotated, Any, get_args
from urllib.parse import urlencode

from fastapi import Depends, Request

from memory.models import ReviewKind
from memory.reviews import Filter, Position, Sort

from ..paging import decode, encode

PAGE = 50
SEARCHED = 200


@dataclass(frozen=True)
class View:
    """Texts as they stand in the address; what is left out or unknown is the first choice.

    after: the cursor of the page before; start: the number of the first row, for the eye alone.
    """

    status: str = "pending"
    kind: str = ""
    lang: str = ""
    crm: str = ""
    sort: str = "score"
    q: str = ""
    after: str = ""
    start: int = 1

    @property
    def filter(self) -> Filter:
        status = {"all": None, "late": "pending"}.get(self.status, self.status)
        in_crm = {"deal": True, "none": False}.get(self.crm)
        late = self.status == "late"
        return Filter(status, self.kind or None, self.lang or None, self.q or None, late=late, in_crm=in_crm)

    @property
    def order(self) -> Sort:
        known: dict[str, Sort] = {name: name for name in get_args(Sort)}
        return known[self.sort]

    @property
    def position(self) -> Position | None:
        return decode(self.after or None, Position)

    @property
    def is_narrowed(self) -> bool:
        return any((self.status != "pending", self.kind, self.lang, self.crm, self.q))

    def following(self, last: Position) -> View:
        return replace(self, after=encode(last), start=self.start + PAGE)

    def first(self) -> View:
        return replace(self, after="", start=1)

    def query(self, **more: str) -> str:
        """`?…` of what is not the first choice, and `more`; empty for the plain queue."""
        chosen: dict[str, Any] = {
            one.name: value for one in fields(self) if (value := getattr(self, one.name)) != one.default
        }
        told = urlencode({**chosen, **more})
        return f"?{told}" if told else ""


CHOICES = {
    "status": ("pending", "late", "decided", "all"),
    "kind": ("", *ReviewKind),
    "lang": ("", "ru", "en"),
    "crm": ("", "deal", "none"),
    "sort": get_args(Sort),
}


async def view_of(request: Request) -> View:
    return read_view(request.query_params)


def read_view(said: Mapping[str, str]) -> View:
    """What nobody offered is as if it had not been said: an old link still opens the queue."""
    chosen = {name: value for name in CHOICES if (value := said.get(name, "")) in CHOICES[name] and value}
    start = said.get("start", "")
    return View(
        **chosen,
        q=said.get("q", "").strip()[:SEARCHED],
        after=said.get("after", ""),
        start=int(start) if start.isdecimal() and len(start) < 10 else 1,
    )


Asked = Annotated[View, Depends(view_of)]
