"""`artel deals`: the pipeline that stands in for a CRM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from .talk import AsJson, talk

if TYPE_CHECKING:
    from api.desk import Desk

Stage = Literal["suggested", "contacted", "in_discussion", "won", "lost", "rejected"]


def deals(
    ctx: typer.Context,
    stage: Annotated[Stage | None, typer.Option(help="На каком этапе · At which stage")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="Сколько показать · How many to show")] = 100,
    as_json: AsJson = False,
) -> None:
    """Сделки местной воронки · The deals of the local pipeline."""

    async def work(desk: Desk) -> None:
        from api import tables

        desk.show(await desk.get("deals", stage=stage, limit=limit), tables.deals, as_json=as_json)

    talk(ctx, work)
