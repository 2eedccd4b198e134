"""`artel schedules`: what starts without anybody asking."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from .talk import AsJson, talk

if TYPE_CHECKING:
    from api.desk import Desk

app = typer.Typer(no_args_is_help=True, help="Расписания · Schedules")

Name = Annotated[str, typer.Argument(help="Имя из списка · The name from the list")]


@app.command("list")
def list_schedules(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Что и когда сработает · What fires and when."""

    async def work(desk: Desk) -> None:
        from api import tables

        desk.show(await desk.get("schedules"), tables.schedules, as_json=as_json)

    talk(ctx, work)


@app.command()
def pause(ctx: typer.Context, name: Name) -> None:
    """Остановить до resume · Stop until resume."""
    _change(ctx, name, "pause", "schedule.paused")


@app.command()
def resume(ctx: typer.Context, name: Name) -> None:
    """Снова запускать · Let it fire again."""
    _change(ctx, name, "resume", "schedule.on")


@app.command("run")
def run_now(ctx: typer.Context, name: Name) -> None:
    """Запустить сейчас и дождаться · Run it now and wait for it."""

    async def work(desk: Desk) -> None:
        from api.watch import watch_scout

        run = await desk.post(f"schedules/{(await _named(desk, name))['id']}/run")
        await watch_scout(desk, run["id"])

    talk(ctx, work)


def _change(ctx: typer.Context, name: str, action: str, state: str) -> None:
    async def work(desk: Desk) -> None:
        await desk.post(f"schedules/{(await _named(desk, name))['id']}/{action}")
        desk.say(f"{name}: {desk.words(state)}")

    talk(ctx, work)


async def _named(desk: Desk, name: str) -> dict[str, Any]:
    from api.client import Refused

    schedules: list[dict[str, Any]] = (await desk.get("schedules"))["items"]
    for schedule in schedules:
        if name in (schedule["name"], schedule["id"]):
            return schedule
    known = ", ".join(schedule["name"] for schedule in schedules)
    raise Refused(desk.words("schedule.unknown", name=name, known=known))
