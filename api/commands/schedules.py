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


@app.command()
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Option(help="Как назвать · What to call it")],
    cron: Annotated[
        str,
        typer.Option(
            help="Пять полей: минута час день месяц день недели (0 и 7 — воскресенье) · "
            "Five fields: minute hour day month weekday (0 and 7 are Sunday)"
        ),
    ],
    graph: Annotated[str, typer.Option(help="Что запускать · What to run")] = "scout",
    timezone: Annotated[
        str | None, typer.Option(help="Часовой пояс, например Europe/Moscow · Time zone")
    ] = None,
) -> None:
    """Добавить расписание · Add a schedule."""
    body = {"name": name, "cron": cron, "graph": graph, "timezone": timezone}

    async def work(desk: Desk) -> None:
        from api import tables

        added = await desk.post("schedules", body)
        desk.say(desk.words("schedule.added", name=added["name"]))
        desk.show({"items": [added]}, tables.schedules, as_json=False)

    talk(ctx, work)


@app.command()
def remove(ctx: typer.Context, name: Name) -> None:
    """Убрать расписание · Remove a schedule."""

    async def work(desk: Desk) -> None:
        await desk.api.delete(f"schedules/{(await _named(desk, name))['id']}")
        desk.say(desk.words("schedule.removed", name=name))

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
