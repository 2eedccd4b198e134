"""How a command meets the API. Light to import: what is heavy is imported when a command runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.status import Status

    from api.desk import Desk

AsJson = Annotated[bool, typer.Option("--json", help="JSON для программ · JSON for programs")]
Limit = Annotated[int, typer.Option(min=1, max=200, help="Сколько показать · How many to show")]
Cursor = Annotated[str | None, typer.Option(help="Следующая страница · The next page")]


def talk(ctx: typer.Context, work: Callable[[Desk], Awaitable[None]]) -> None:
    """Run `work` at a desk of its own. Errors: graphs.runtime.errors.ArtelError, one line each."""
    import asyncio

    from api.live import starting

    async def session(begun: Status) -> None:
        from api.desk import at_desk
        from graphs.runtime.settings import Settings

        async with at_desk(Settings.load(), begun, english=ctx.obj) as desk:
            await work(desk)

    with starting() as begun:
        asyncio.run(session(begun))
