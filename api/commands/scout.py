"""`artel scout`: from the feeds to the proposals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from .talk import AsJson, talk

if TYPE_CHECKING:
    from api.desk import Desk

app = typer.Typer(no_args_is_help=True, help="От лент до предложений · From feeds to proposals")


@app.command()
def run(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Прочитать ленты, разобрать пары · Read the feeds, work it out."""

    async def work(desk: Desk) -> None:
        from api import tables
        from api.watch import watch_scout

        started = await desk.post("runs", {"graph": "scout"})
        desk.show(await watch_scout(desk, started["id"]), tables.run, as_json=as_json)

    talk(ctx, work)
