"""`artel demo`: the whole chain on bundled data."""

from __future__ import annotations

from typing import Annotated, Literal

import typer


def demo(
    ctx: typer.Context,
    decide: Annotated[
        Literal["approve-first"] | None,
        typer.Option(
            help="Одобрить лучшее предложение и показать всю цепочку · Approve the best and show the chain"
        ),
    ] = None,
) -> None:
    """Всё сразу на настоящих новостях · All of it on real news."""
    import asyncio

    from api.live import starting

    with starting() as begun:
        from api.demo import run_demo
        from graphs.runtime.settings import Settings

        settings, approve_first = Settings.load(), decide == "approve-first"
        asyncio.run(run_demo(settings, begun, english=ctx.obj, approve_first=approve_first))
