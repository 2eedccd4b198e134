"""`artel eval`: whether prompts, weights and graphs got better or worse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from evals.desk import Desk


class _RunByDefault(TyperGroup):
    """`artel eval scout` is `artel eval run scout`: to run is what one does all day."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        known = bool(args) and (args[0] in self.commands or args[0] == "--help")
        return super().parse_args(ctx, args if known else ["run", *args])


app = typer.Typer(
    cls=_RunByDefault,
    help="Стало ли лучше: прогон на размеченных данных · Whether it got better: runs on labelled data",
)
Names = Annotated[list[str] | None, typer.Argument(help="Какие проверки; без имени все · Which; else all")]


@app.command()
def run(
    ctx: typer.Context,
    names: Names = None,
    case: Annotated[
        list[str] | None, typer.Option(help="Только этот пример; повторяемо · Only this case; repeatable")
    ] = None,
    record: Annotated[
        bool,
        typer.Option("--record", help="Спросить модели, записать ответы · Ask models, keep the answers"),
    ] = False,
    live: Annotated[bool, typer.Option("--live", help="Спросить модели · Ask models")] = False,
    replay: Annotated[
        bool, typer.Option("--replay", help="По записям, без сети (по умолчанию) · From tapes, the default")
    ] = False,
    provider: Annotated[
        str | None, typer.Option(help="Спрашивать только этого · Ask nobody else: yandex, gigachat, …")
    ] = None,
) -> None:
    """Прогнать и сравнить с базой; код 1, если стало хуже · Run and compare; exits with 1 if it got worse."""
    from evals.tapes import models_of

    if replay + record + live > 1:
        raise typer.BadParameter("--replay, --record, --live: only one of them")
    desk = _desk(ctx)
    models = models_of(desk.settings, "record" if record else "live" if live else "replay", provider)
    if not desk.run(names or [], models, case or []):
        raise typer.Exit(1)


@app.command()
def accept(
    ctx: typer.Context,
    names: Names = None,
    because: Annotated[str, typer.Option(help="Почему · Why", prompt=False)] = "",
) -> None:
    """Сделать последний прогон базой · Make the last run the baseline."""
    if not because.strip():
        raise typer.BadParameter('--because "…"')
    _desk(ctx).accept(names or [], because.strip())


Run = Annotated[str, typer.Option(help="Номер прогона или last · A run's number, or last")]


@app.command()
def diff(
    ctx: typer.Context,
    before: Annotated[str, typer.Argument(help="Номер прогона, last или baseline · A run, last, baseline")],
    after: Annotated[str, typer.Argument(help="С чем сравнить · What to compare with")] = "last",
) -> None:
    """Сравнить два прогона по примерам · Compare two runs case by case."""
    _desk(ctx).diff(before, after)


@app.command()
def case(
    ctx: typer.Context,
    id: Annotated[str, typer.Argument(help="Какой пример · Which case")],
    run: Run = "last",
    show: Annotated[
        bool, typer.Option("--show", help="Пример целиком и путь по графу · The whole case, and its way")
    ] = False,
) -> None:
    """Показать, как прошёл один пример · Show how one case did."""
    _desk(ctx).case(id, run, whole=show)


@app.command()
def report(
    ctx: typer.Context,
    run: Annotated[str, typer.Argument(help="Номер прогона или last · A run's number, or last")] = "last",
) -> None:
    """Записать отчёт как страницы, которым не нужна сеть · Write the report: pages that need no network."""
    _desk(ctx).report(run)


@app.command("from-review")
def from_review(
    ctx: typer.Context,
    id: Annotated[str, typer.Argument(help="Какое решение · Which review")],
) -> None:
    """Решение человека — в размеченные примеры · A person's decision becomes a labelled case."""
    import asyncio

    from graphs.runtime.services import open_services

    desk = _desk(ctx)

    async def work() -> None:
        async with open_services(desk.settings.model_copy(update={"concurrency": 0})) as artel:
            await desk.from_review(artel, id)

    asyncio.run(work())


@app.command()
def fork(
    ctx: typer.Context,
    run: Annotated[str, typer.Argument(help="Какой запуск · Which run")],
    at: Annotated[str, typer.Option(help="С какого узла · From which node")],
    live: Annotated[bool, typer.Option("--live", help="Спросить модели · Ask models")] = False,
    provider: Annotated[
        str | None, typer.Option(help="Спрашивать только этого · Ask nobody else: yandex, gigachat, …")
    ] = None,
) -> None:
    """Повторить запуск с узла с нынешними промптами · Repeat a run from a node with these prompts."""
    import asyncio

    from evals.tapes import NOBODY, models_of

    desk = _desk(ctx)
    keys = models_of(desk.settings, "live", provider).keys if live else NOBODY
    asyncio.run(desk.fork(run, at, keys))


def _desk(ctx: typer.Context) -> Desk:
    from rich.console import Console

    from evals.desk import Desk
    from evals.words import Words
    from graphs.runtime.settings import Settings

    console, aside = Console(), Console(stderr=True)
    wide = console if console.is_terminal else Console(width=140)
    return Desk(Settings.load(), Words("en" if ctx.obj else "ru"), wide, aside)
