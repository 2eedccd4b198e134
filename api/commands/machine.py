"""The commands that run Artel itself: serve, migrate, graph."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from api.words import Words
    from graphs.runtime.settings import Settings


def serve(ctx: typer.Context) -> None:
    """Запустить сервер · Start the server."""
    # What is imported lives as long as the process: to collect in between is a fifth of the start, and
    # frozen it is not walked again by every later collection.
    gc.disable()
    import uvloop

    from api.desk import words_of
    from api.logs import log_to_stderr
    from api.server import serve as serve_until_stopped
    from graphs.runtime.settings import Settings

    gc.freeze()
    gc.enable()
    settings = Settings.load()
    words = words_of(settings, english=ctx.obj)
    log_to_stderr(settings)

    links: list[str] = []

    def ready(url: str) -> None:
        typer.echo(words("serving", url=url, token=settings.data_dir / "token"))
        for link in links:
            typer.echo(words("invited.first", link=link))
        _say_who_writes(settings, words)

    uvloop.run(serve_until_stopped(settings, ready, links.append))


def worker(
    ctx: typer.Context,
    concurrency: Annotated[
        int | None, typer.Option(min=1, max=1000, help="Сколько запусков сразу · Runs at once")
    ] = None,
    queue: Annotated[
        list[str] | None, typer.Option(help="Из какой очереди; повторяемо · From which queue; repeatable")
    ] = None,
) -> None:
    """Выполнять запуски без сервера · Execute runs without a server."""
    import uvloop

    from api.desk import words_of
    from api.logs import log_to_stderr
    from api.server import work
    from graphs.runtime.settings import Settings

    given = {"concurrency": concurrency, "queue": ",".join(queue) if queue else None}
    settings = Settings.load(**{name: value for name, value in given.items() if value is not None})
    words = words_of(settings, english=ctx.obj)
    log_to_stderr(settings)

    def ready(member: str) -> None:
        typer.echo(words("working", member=member, count=words.number(settings.concurrency)))
        _say_who_writes(settings, words)

    uvloop.run(work(settings, ready))


def _say_who_writes(settings: Settings, words: Words) -> None:
    if not settings.asks_models:
        typer.echo(words("llm.none"))


def migrate(ctx: typer.Context) -> None:
    """Обновить схему базы · Bring the database up to date."""
    from sqlalchemy.engine import make_url

    from api.desk import words_of
    from graphs.runtime.services import migrated
    from graphs.runtime.settings import Settings

    settings = Settings.load()
    asyncio.run(migrated(settings))
    shown = make_url(settings.url).render_as_string(hide_password=True)
    typer.echo(words_of(settings, english=ctx.obj)("migrated", url=shown))


def graph(
    name: Annotated[
        Literal["scout", "partnership"] | None,
        typer.Argument(help="Какой; без имени все · Which; all without a name"),
    ] = None,
) -> None:
    """Показать графы как Mermaid · Print the graphs as Mermaid."""
    from graphs.registry import GRAPHS

    drawn = {title: build().compile().get_graph().draw_mermaid() for title, build in GRAPHS.items()}
    if name:
        typer.echo(drawn[name])
    else:
        typer.echo("\n".join(f"## {title}\n\n```mermaid\n{text}```\n" for title, text in drawn.items()))
