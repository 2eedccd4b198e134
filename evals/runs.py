"""The runs of evaluations, a numbered folder each: what was asked for, and the results when it is done."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ValidationError

from .errors import UnknownEval
from .result import Results
from .tapes import Mode


class Asked(BaseModel, frozen=True):
    """code: the version; fingerprint: of all that may change a score; only: cases, all when empty."""

    names: tuple[str, ...]
    only: tuple[str, ...]
    mode: Mode
    code: str
    fingerprint: str


class Done(BaseModel, frozen=True):
    """All that a run brought."""

    asked: Asked
    evals: tuple[Results, ...]


class EvalRun:
    """One run: `asked.json` from its beginning, `done.json` at its end, Inspect's logs beside them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.name

    @property
    def is_done(self) -> bool:
        return (self.folder / "done.json").exists()

    @property
    def asked(self) -> Asked | None:
        try:
            return Asked.model_validate_json((self.folder / "asked.json").read_bytes())
        except (OSError, ValidationError):
            # It was killed before it began, or is of another version.
            return None

    @property
    def done(self) -> Done:
        """Errors: UnknownEval when it never ended."""
        try:
            return Done.model_validate_json((self.folder / "done.json").read_bytes())
        except (OSError, ValidationError) as error:
            raise UnknownEval(f"run {self.name} has no results that can be read") from error

    def begin(self, asked: Asked) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "asked.json").write_text(asked.model_dump_json(), encoding="utf-8")

    def end(self, asked: Asked, evals: Sequence[Results]) -> Done:
        """The results appear whole or not at all."""
        done = Done(asked=asked, evals=tuple(evals))
        part = self.folder / "done.part"
        part.write_text(done.model_dump_json(), encoding="utf-8")
        part.rename(self.folder / "done.json")
        return done


def all_runs(folder: Path) -> list[EvalRun]:
    """The oldest first."""
    found = [it for it in folder.glob("*") if re.fullmatch(r"\d{4,}", it.name)]
    return [EvalRun(it) for it in sorted(found, key=lambda it: int(it.name))]


def find(folder: Path, name: str) -> EvalRun:
    """By its number, or `last`: the newest that is done. Errors: UnknownEval."""
    runs = all_runs(folder)
    wanted = [it for it in runs if it.is_done] if name == "last" else [it for it in runs if it.name == name]
    if not wanted:
        raise UnknownEval(f"there is no run {name} in {folder}")
    return wanted[-1]


def open_run(folder: Path, asked: Asked) -> tuple[EvalRun, bool]:
    """The run to work in, and whether it goes on: the newest, where it was cut and the same is asked."""
    runs = all_runs(folder)
    if runs and not runs[-1].is_done and runs[-1].asked == asked:
        return runs[-1], True
    number = int(runs[-1].name) + 1 if runs else 1
    run = EvalRun(folder / f"{number:04d}")
    run.begin(asked)
    return run, False
