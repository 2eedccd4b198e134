"""`artel review`: the queue of questions that wait for a person, and the person's answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from .talk import AsJson, Cursor, Limit, talk

if TYPE_CHECKING:
    from api.desk import Desk

app = typer.Typer(no_args_is_help=True, help="Предложения и решения по ним · Proposals and decisions")

ReviewId = Annotated[str, typer.Argument(metavar="ID", help="Номер из списка · The id from the list")]
Status = Literal["pending", "decided", "withdrawn"]
Kind = Literal["outreach", "crm_conflict", "company_merge"]
Sort = Literal["score", "newest", "oldest"]
Reason = Literal["not_a_fit", "in_crm", "competitor", "weak_text", "wrong_data", "other"]


@app.command("list")
def list_reviews(
    ctx: typer.Context,
    status: Annotated[Status, typer.Option(help="Какие · Which")] = "pending",
    kind: Annotated[Kind | None, typer.Option(help="О чём · About what")] = None,
    search: Annotated[str | None, typer.Option(help="Слова названия · Words of the title")] = None,
    sort: Annotated[Sort, typer.Option(help="Порядок · Order")] = "score",
    limit: Limit = 50,
    cursor: Cursor = None,
    as_json: AsJson = False,
) -> None:
    """Что ждёт решения · What waits for a decision."""

    async def work(desk: Desk) -> None:
        from api import tables

        page = await desk.get(
            "reviews", status=status, kind=kind, q=search, sort=sort, limit=limit, cursor=cursor
        )
        desk.show(page, tables.reviews, as_json=as_json)

    talk(ctx, work)


@app.command("show")
def show_review(ctx: typer.Context, id: ReviewId, as_json: AsJson = False) -> None:
    """Карточка пары и письма · The card of pair and letter."""

    async def work(desk: Desk) -> None:
        from api.cards import card

        desk.show(await desk.get(f"reviews/{id}"), card, as_json=as_json)

    talk(ctx, work)


@app.command()
def approve(ctx: typer.Context, id: ReviewId) -> None:
    """Одобрить и отправить · Approve and send."""
    _decide(ctx, id, {"type": "approve"})


@app.command()
def edit(
    ctx: typer.Context,
    id: ReviewId,
    subject: Annotated[str | None, typer.Option(help="Новая тема · The new subject")] = None,
    body_file: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Файл с новым текстом · The new text's file"),
    ] = None,
    editor: Annotated[
        str, typer.Option(envvar=["VISUAL", "EDITOR"], help="Чем править · What to edit with")
    ] = "vi",
) -> None:
    """Поправить и отправить · Edit and send."""

    async def work(desk: Desk) -> None:
        from api import editing

        card = await desk.get(f"reviews/{id}")
        if subject is None and body_file is None:
            await editing.in_editor(desk, card, editor)
        else:
            await editing.from_options(desk, card, subject, body_file)

    talk(ctx, work)


@app.command()
def reject(
    ctx: typer.Context,
    id: ReviewId,
    reason: Annotated[Reason, typer.Option(help="Почему · Why")],
    message: Annotated[str | None, typer.Option(help="Подробнее · In more words")] = None,
) -> None:
    """Отклонить · Reject."""
    _decide(ctx, id, {"type": "reject", "reason": reason, "message": message})


@app.command()
def respond(
    ctx: typer.Context,
    id: ReviewId,
    message: Annotated[str, typer.Argument(help="Что изменить · What should change")],
) -> None:
    """Попросить переписать · Ask for a rewrite."""
    _decide(ctx, id, {"type": "respond", "message": message})


def _decide(ctx: typer.Context, id: str, decision: dict[str, Any]) -> None:
    async def work(desk: Desk) -> None:
        from api.decisions import decide

        await decide(desk, (await desk.get(f"reviews/{id}"))["review"], decision)

    talk(ctx, work)
