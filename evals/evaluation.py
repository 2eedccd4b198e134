"""An evaluation: a data set, what production does with each case of it, and how that is judged."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from . import tasks
from .case import Case
from .dataset import FOLDER, Dataset, load
from .errors import NoEvals, UnknownEval
from .marks import Marks
from .metric import Metric
from .tapes import Mode
from .world import World

C = TypeVar("C", bound=Case)
O = TypeVar("O")  # noqa: E741


@dataclass(frozen=True, kw_only=True)
class Eval(Generic[C, O]):
    """about: what it asks, by language (ru, en); data: the file within evals/datasets; run: production at
    work on a case; score: what is right of it; epochs: how often each case is run; modes: in which it says
    anything: what vendors do wrong can only be taped, what a model thinks only be asked."""

    about: Mapping[str, str]
    data: str
    schema: type[C]
    run: Callable[[C, World], Awaitable[O]]
    score: Callable[[C, O], Marks]
    metrics: Sequence[Metric]
    epochs: int = 1
    modes: tuple[Mode, ...] = ("replay", "record", "live")

    def dataset(self) -> Dataset[C]:
        """Errors: BadData."""
        return load(FOLDER / self.data, self.schema)

    async def marks(self, case: C, world: World) -> Marks:
        """Errors: whatever production or a scorer raises; such a case counts as failed."""
        return self.score(case, await self.run(case, world))


def names() -> list[str]:
    return sorted(it.name for it in pkgutil.iter_modules(tasks.__path__))


def find(name: str) -> Eval[Any, Any]:
    """EVAL of evals/tasks/NAME.py. Errors: UnknownEval, NoEvals."""
    if name not in names():
        raise UnknownEval(f"there is no evaluation {name!r}, only {', '.join(names())}")
    with evals_installed():
        found: Eval[Any, Any] = importlib.import_module(f"{tasks.__name__}.{name}").EVAL
    return found


@contextmanager
def evals_installed() -> Iterator[None]:
    """Errors: NoEvals, where what is imported needs a package of the group `evals`."""
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in ("inspect_ai", "agentevals"):
            raise
        raise NoEvals(f"evals need {package}: pip install -c constraints.txt -e '.[evals]'") from error
