"""`artel`: the command line. Only the commands' names and words are loaded before one is chosen."""

from __future__ import annotations

import gc
import sys
from typing import Annotated

import typer

from graphs.runtime.errors import ArtelError

from .commands import (
    companies,
    deals,
    demo,
    evals,
    feeds,
    llm,
    machine,
    review,
    runs,
    schedules,
    scout,
    users,
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    # Boxes around the help would double the time of `artel --help`.
    rich_markup_mode=None,
    help="Ищет партнёров в российском B2B SaaS · Finds partners in Russian B2B SaaS",
)


@app.callback()
def _every(
    ctx: typer.Context,
    en: Annotated[bool, typer.Option("--en", help="Ответы по-английски · Answers in English")] = False,
) -> None:
    ctx.obj = en


app.command()(demo.demo)
app.add_typer(review.app, name="review")
app.add_typer(scout.app, name="scout")
app.command()(deals.deals)
app.add_typer(companies.app, name="companies")
app.add_typer(feeds.app, name="feeds")
app.add_typer(llm.app, name="llm")
app.add_typer(runs.app, name="runs")
app.add_typer(schedules.app, name="schedules")
app.add_typer(users.app, name="users")
app.add_typer(evals.app, name="eval")
app.command()(machine.serve)
app.command()(machine.worker)
app.command()(machine.migrate)
app.command()(machine.graph)


def main() -> None:
    """Run the command. What Artel itself refuses is one line and exit code 1; a misuse exits with 2."""
    # A command imports hundreds of thousands of objects that stay. To look through them for garbage every
    # 700, as Python does, takes a quarter of its start.
    gc.set_threshold(20_000)
    try:
        app()
    except ArtelError as error:
        typer.echo(f"artel: {error}", err=True)
        sys.exit(1)
