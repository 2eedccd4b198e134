"""Progress as it happens: a spinner and a bar on a terminal, one plain line a finished step elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.columns import Columns
from rich.console import Console, RenderableType
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
)
from rich.status import Status


@dataclass
class Step:
    """One thing under way. `total` of None means that nobody knows how much there is."""

    title: str
    _progress: Progress
    _result: str = ""

    def __post_init__(self) -> None:
        self._task = self._progress.add_task(escape(self.title), total=None)

    def expect(self, total: int) -> None:
        self._progress.update(self._task, total=total)

    def advance(self) -> None:
        self._progress.advance(self._task)

    def note(self, text: str) -> None:
        """Say what it does right now; seen on a terminal only."""
        self._progress.update(self._task, description=f"{escape(self.title)} [dim]· {escape(text)}[/]")

    def done(self, result: str) -> None:
        """Say what came of it: the line that stays."""
        self._result = result

    @property
    def line(self) -> str:
        return f"[green]✓[/] {escape(self._result or self.title)}"


@contextmanager
def step(console: Console, title: str) -> Iterator[Step]:
    """A step of the command. A step that fails leaves no line: the error is the line."""
    columns = SpinnerColumn(), TextColumn("{task.description}"), _Bar()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        current = Step(title, progress)
        yield current
    console.print(current.line, soft_wrap=True)


class _Bar(ProgressColumn):
    """A bar and `3/20`, once it is known how much there is."""

    _bar, _count = BarColumn(bar_width=20), MofNCompleteColumn()

    def render(self, task: Task) -> RenderableType:
        if task.total is None:
            return ""
        return Columns([self._bar.render(task), self._count.render(task)])


def starting() -> Status:
    """A spinner for the seconds before there is anything to say; nothing where nobody watches."""
    return Console(stderr=True).status("Запускаю Artel · Starting Artel")
