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

    from api.demo import run_demo
    from graphs.runtime.settings import Settings

    asyncio.run(run_demo(Settings.load(), english=ctx.obj, approve_first=decide == "approve-first"))
