"""`artel companies`: who is known, and where more comes from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from .talk import AsJson, Cursor, Limit, talk

if TYPE_CHECKING:
    from api.desk import Desk

app = typer.Typer(no_args_is_help=True, help="Компании · Companies")

Kind = Literal["companies", "integrations"]


@app.command("import")
def import_csv(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Файл CSV · A CSV file")],
    kind: Annotated[Kind, typer.Option(help="Что в нём · What it lists")] = "companies",
) -> None:
    """Загрузить из CSV · Import from a CSV file."""

    async def work(desk: Desk) -> None:
        from api.importing import import_file

        await import_file(desk, file, kind)

    talk(ctx, work)


@app.command()
def search(
    ctx: typer.Context,
    query: Annotated[str, typer.Argument(help="Название, сайт, ИНН, слово · Name, site, INN, word")],
    limit: Limit = 20,
    cursor: Cursor = None,
    as_json: AsJson = False,
) -> None:
    """Найти компании · Find companies."""

    async def work(desk: Desk) -> None:
        from api import tables

        page = await desk.get("companies", q=query, limit=limit, cursor=cursor)
        desk.show(page, tables.companies, as_json=as_json)

    talk(ctx, work)


@app.command("show")
def show_company(
    ctx: typer.Context,
    id: Annotated[str, typer.Argument(metavar="ID", help="Номер из поиска · The id from the search")],
    as_json: AsJson = False,
) -> None:
    """Что известно и откуда · What is known and where from."""

    async def work(desk: Desk) -> None:
        from api import tables

        desk.show(await desk.get(f"companies/{id}"), tables.company, as_json=as_json)

    talk(ctx, work)
