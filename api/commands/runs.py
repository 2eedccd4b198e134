"""`artel runs`: what was started and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from .talk import AsJson, Cursor, Limit, talk

if TYPE_CHECKING:
    from api.desk import Desk

app = typer.Typer(no_args_is_help=True, help="Запуски графов · Runs of the graphs")

RunId = Annotated[str, typer.Argument(metavar="ID", help="Номер из списка · The id from the list")]
Status = Literal["queued", "running", "waiting", "done", "failed", "cancelled", "dead"]


@app.command("list")
def list_runs(
    ctx: typer.Context,
    status: Annotated[Status | None, typer.Option(help="Какие · Which")] = None,
    graph: Annotated[str | None, typer.Option(help="Какого графа · Of which graph")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    as_json: AsJson = False,
) -> None:
    """Запуски, новые сверху · Runs, the newest first."""

    async def work(desk: Desk) -> None:
        from api import tables

        page = await desk.get("runs", status=status, graph=graph, limit=limit, before=cursor)
        desk.show(page, tables.runs, as_json=as_json)

    talk(ctx, work)


@app.command("show")
def show_run(ctx: typer.Context, id: RunId, as_json: AsJson = False) -> None:
    """Один запуск и его итог · One run and its result."""

    async def work(desk: Desk) -> None:
        from api import tables

        desk.show(await desk.get(f"runs/{id}"), tables.run, as_json=as_json)

    talk(ctx, work)


@app.command()
def cancel(ctx: typer.Context, id: RunId) -> None:
    """Отменить и снять вопрос · Cancel and withdraw its question."""

    async def work(desk: Desk) -> None:
        await desk.post(f"runs/{id}/cancel")
        desk.say(desk.words("run.cancelled"))

    talk(ctx, work)


@app.command()
def retry(ctx: typer.Context, id: RunId) -> None:
    """Вернуть сорвавшийся запуск в очередь · Queue a dead or failed run again."""

    async def work(desk: Desk) -> None:
        await desk.post(f"runs/{id}/retry")
        desk.say(desk.words("run.requeued"))

    talk(ctx, work)
