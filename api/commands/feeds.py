"""`artel feeds`: where news is read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .talk import AsJson, talk

if TYPE_CHECKING:
    from api.desk import Desk

app = typer.Typer(no_args_is_help=True, help="Ленты новостей · News feeds")


@app.command("list")
def list_feeds(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Ленты и когда их читали · The feeds and when they were read."""

    async def work(desk: Desk) -> None:
        from api import tables

        desk.show(await desk.get("feeds"), tables.feeds, as_json=as_json)

    talk(ctx, work)


@app.command()
def add(
    ctx: typer.Context,
    url: Annotated[
        str, typer.Argument(help="Адрес RSS или Atom, или файл · An RSS or Atom address, or a file")
    ],
) -> None:
    """Добавить ленту · Add a feed."""
    address = Path(url).resolve().as_uri() if Path(url).is_file() else url

    async def work(desk: Desk) -> None:
        await desk.post("feeds", {"url": address})
        desk.say(desk.words("feed.added", url=address))

    talk(ctx, work)
