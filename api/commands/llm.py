"""`artel llm`: the models that the agents ask."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from .talk import AsJson, talk

if TYPE_CHECKING:
    from api.desk import Desk

app = typer.Typer(no_args_is_help=True, help="Модели · Models")


class Dimension(StrEnum):
    """Typer knows no lists of literals."""

    DAY = "day"
    PROVIDER = "provider"
    MODEL = "model"
    AGENT = "agent"


@app.command()
def check(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Спросить каждую модель, у которой есть ключ · Ask each model that has a key."""

    async def work(desk: Desk) -> None:
        from api import providers

        desk.show(await desk.post("llm/check"), providers.probes, as_json=as_json)

    talk(ctx, work)


@app.command()
def models(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Кого спрашивают агенты и что ещё есть · Whom the agents ask, and what else there is."""

    async def work(desk: Desk) -> None:
        from api import providers

        desk.show(await desk.get("llm/models"), providers.offers, as_json=as_json)

    talk(ctx, work)


@app.command()
def usage(
    ctx: typer.Context,
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="С какого дня (иначе 30 дней) · From which day (else 30 days)"
        ),
    ] = None,
    by: Annotated[
        list[Dimension] | None,
        typer.Option(
            help="По чему разложить, можно несколько (иначе по всему) · "
            "What to tell apart by, several times (else all)"
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Сколько спрашивали моделей и во что это обошлось · What the models were asked and cost."""

    async def work(desk: Desk) -> None:
        from api import costs

        start = since.replace(tzinfo=desk.words.zone).isoformat() if since else None
        desk.show(
            await desk.get("usage", since=start, by=by or list(Dimension)), costs.usage, as_json=as_json
        )

    talk(ctx, work)
