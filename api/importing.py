"""A CSV file sent to the API, and what became of its rows."""

from __future__ import annotations

from pathlib import Path

from .client import Refused
from .desk import Desk
from .live import step

# A file of nothing but mistakes would push everything else off the screen.
PROBLEMS_SHOWN = 20


async def import_file(desk: Desk, path: Path, kind: str) -> None:
    """Send the file; one line says what came of it, one more each row that was not taken.

    Errors: Refused when the file as a whole is not one.
    """
    words = desk.words
    with step(desk.aside, words("import.working", file=path.name)) as shown:
        answer = await desk.send("companies/import", _content(desk, path), path.name, kind)
        counts = [words(f"import.{name}", count=answer[name]) for name in ("created", "updated")]
        rows = words.count(answer["rows"], "row")
        shown.done(words("import.done", file=path.name, rows=rows, counts=", ".join(counts)))
    problems = answer["problems"]
    for problem in problems[:PROBLEMS_SHOWN]:
        desk.warn(f"{path.name}: {problem}")
    if (hidden := len(problems) - PROBLEMS_SHOWN) > 0:
        desk.warn(words("import.more", count=words.count(hidden, "problem")))


def _content(desk: Desk, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refused(desk.words("file.unreadable", path=path, error=error.strerror)) from error
