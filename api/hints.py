"""The exact commands that come next, ready to be copied."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.text import Text

from .cards import Json
from .desk import Desk


def how_to_go_on(desk: Desk, waiting: Sequence[Json]) -> None:
    """Print what can be done with the proposals, in the terminal and over HTTP."""
    desk.say(desk.words("hints"))
    for command, key in _commands(desk, waiting):
        lines = Text.assemble((f"  # {desk.words(key)}\n", "dim"), (f"  {command}", "bold"))
        desk.out.print(lines, soft_wrap=True)


def _commands(desk: Desk, waiting: Sequence[Json]) -> list[tuple[str, str]]:
    artel, settings = _artel(), desk.settings
    folder = settings.data_dir
    commands = [(f"export ARTEL_DATA_DIR={folder}", "hint.folder")]
    if waiting:
        first = waiting[0]["review"]["id"]
        commands += [
            (f"{artel} review show {first}", "hint.show"),
            (f"{artel} review approve {first}", "hint.approve"),
        ]
    base = f"http://{settings.host}:{settings.port}"
    queue = f'curl -H "Authorization: Bearer $(cat {folder}/token)" {base}/api/v1/reviews'
    return [
        *commands,
        (f"{artel} review list", "hint.list"),
        (f"{artel} serve", "hint.serve"),
        (f"{base}/queue", "hint.page"),
        (queue, "hint.http"),
    ]


def _artel() -> str:
    """How this very command is called again from the same place."""
    called = Path(sys.argv[0])
    if shutil.which("artel") and Path(shutil.which("artel") or "").resolve() == called.resolve():
        return "artel"
    return str(called.relative_to(Path.cwd())) if called.is_relative_to(Path.cwd()) else str(called)
