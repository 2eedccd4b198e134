"""What `artel eval` does: run, judge, accept, compare, show."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console

import prompts
from graphs.runtime.services import Services
from graphs.runtime.settings import Settings

from . import baseline, difference, runs, states
from .difference import Side
from .errors import UnknownEval
from .evaluation import Eval, evals_installed, find, names
from .figure import failing, figures
from .page import write
from .result import Results
from .runs import Asked, Done
from .sheet import shown
from .table import show
from .tapes import Mode, Models
from .verdict import Verdict, judge
from .version import code_version, fingerprint
from .words import Words

# Rows of the progress: a line each so many cases, or a log in CI would have nothing to show.
EVERY = 10


@dataclass(frozen=True)
class Desk:
    """folder: of the runs; baselines: where they are committed; console: for results; aside: for progress."""

    settings: Settings
    words: Words
    console: Console
    aside: Console
    baselines: Path = baseline.FOLDER

    @property
    def folder(self) -> Path:
        return self.settings.data_dir / "evals"

    def run(self, chosen: Sequence[str], models: Models, only: Sequence[str] = ()) -> bool:
        """Run these evaluations (all without a name), say how they did; whether none got worse.

        Errors: UnknownEval, BadData, BadBaseline, NoEvals, before anything runs.
        """
        evals = self._fit(_chosen(chosen, only), models.mode)
        if not evals:
            return True
        verdicts = self.judged(self._ran(evals, models, only))
        show(self.console, verdicts, self.words)
        return not any(verdict.failed for verdict in verdicts)

    def _fit(self, evals: Mapping[str, Eval[Any, Any]], mode: Mode) -> dict[str, Eval[Any, Any]]:
        """Those that say something in this mode; of the others a line says that they are left out."""
        for name, one in evals.items():
            if mode not in one.modes:
                modes = ", ".join(f"--{it}" for it in one.modes)
                self.console.print(self.words("skipped", name=name, modes=modes), soft_wrap=True)
        return {name: one for name, one in evals.items() if mode in one.modes}

    def judged(self, done: Done) -> list[Verdict]:
        """Errors: UnknownEval, BadBaseline."""
        return [self._judged(results, whole=not done.asked.only) for results in done.evals]

    def accept(self, chosen: Sequence[str], because: str) -> None:
        """Make the last run's results the baselines. Errors: UnknownEval, BadBaseline, EvalError."""
        done = runs.find(self.folder, "last").done
        if done.asked.only or done.asked.fingerprint != fingerprint():
            raise UnknownEval(
                "the last run was not of all cases or not of the code that lies here: run it again"
            )
        known = {it.name: it for it in done.evals}
        for name in chosen or known:
            if name not in known:
                raise UnknownEval(f"{name} was not in the last run")
            path = self._accepted(known[name], done.asked, because)
            self.console.print(self.words("accepted", name=name, path=path), soft_wrap=True)

    def _ran(self, evals: Mapping[str, Eval[Any, Any]], models: Models, only: Sequence[str]) -> Done:
        asked = Asked(
            names=tuple(evals),
            only=tuple(only),
            mode=models.mode,
            code=code_version(),
            fingerprint=fingerprint(),
        )
        run, goes_on = runs.open_run(self.folder, asked)
        if goes_on:
            self.aside.print(self.words("resumed", run=run.name))
        results = _running()(evals, run.folder, models, self._tell, only)
        self.console.print(self.words("run", run=run.name, folder=run.folder), soft_wrap=True)
        shutil.rmtree(run.folder / "worlds", ignore_errors=True)
        return run.end(asked, results)

    def _tell(self, name: str, done: int, of: int) -> None:
        if done % EVERY == 0 or done == of:
            self.aside.print(f"{name}: {done} / {of}", highlight=False)

    def _judged(self, results: Results, *, whole: bool) -> Verdict:
        return judge(find(results.name), results, baseline.read(results.name, self.baselines), whole=whole)

    def _accepted(self, results: Results, asked: Asked, because: str) -> Path:
        one, before = find(results.name), baseline.read(results.name, self.baselines)
        cases, found = results.cases, figures(one)
        told = baseline.Accepted(
            because=because,
            code=asked.code,
            data=results.data,
            figures={it.name: value for it in found if (value := it.of(list(cases.values()))) == value},
        )
        failed = [case for case, repeats in cases.items() if failing(one, repeats)]
        made = baseline.moved(before, found, cases, accepted=told, prompts=prompts.versions(), failing=failed)
        self.baselines.mkdir(parents=True, exist_ok=True)
        return baseline.write(results.name, made, self.baselines)

    def diff(self, before: str, after: str) -> None:
        """Compare two runs: each a number, `last` or `baseline`. Errors: UnknownEval, BadBaseline."""
        one, other = self._sides(before, after), self._sides(after, before)
        for name in [it for it in other if it in one]:
            found, sides = find(name), (one[name], other[name])
            told = difference.changes(found, *sides)
            difference.show(self.console, name, told, difference.moved(found, *sides), self.words)

    def _sides(self, wanted: str, other: str) -> dict[str, Side]:
        """The baselines are those of the evaluations that the other side has."""
        if wanted != "baseline":
            done = runs.find(self.folder, wanted).done
            return {it.name: Side(wanted, it.data, it.cases) for it in done.evals}
        names = [] if other == "baseline" else [it.name for it in runs.find(self.folder, other).done.evals]
        found = {name: baseline.read(name, self.baselines) for name in names}
        return {name: Side(wanted, it.data, it.marks) for name, it in found.items() if it}

    def case(self, id: str, run: str, *, whole: bool) -> None:
        """How a case did in a run; whole: with the case itself and the way it went. Errors: UnknownEval."""
        done = runs.find(self.folder, run).done
        found = [(it.name, result) for it in done.evals for result in it.of(id)]
        if not found:
            raise UnknownEval(f"run {run} has no case {id!r}")
        for name, result in found:
            for line in shown(find(name), name, result, whole=whole):
                self.console.print(line, markup=False, highlight=False, soft_wrap=True)

    async def from_review(self, artel: Services, review_id: str) -> None:
        """A person's decision into the data set `decisions`. Errors: NotFound, UnknownEval, BadData."""
        from . import reviewed

        case = await reviewed.case_of(artel, review_id)
        reviewed.add(case)
        self.console.print(self.words("saved", id=case.id, path=reviewed.PATH), soft_wrap=True)

    async def fork(self, run_id: str, node: str, keys: Mapping[str, Any]) -> None:
        """Repeat a run from a node, and show what came of it otherwise. keys: of models that may be asked.

        Errors: UnknownEval, NoEvals."""
        with evals_installed():
            from .fork import fork

        with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            asked = self.settings.model_copy(update={**keys, "llm_tape": None})
            forked = await fork(asked, Path(folder), run_id, node)
        self.console.print(self.words("forked", run=run_id, node=node), soft_wrap=True)
        self.console.print(" → ".join(forked.way), markup=False, highlight=False, soft_wrap=True)
        for line in states.lines(forked.before, forked.after):
            self.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def report(self, run: str) -> None:
        """Write the page of a run, with Inspect's log viewer beside it. Errors: UnknownEval, NoEvals."""
        found = runs.find(self.folder, run)
        path = write(found, self.judged(found.done), self.words)
        _bundle()(found.folder / "logs", path.parent / "logs")
        self.console.print(self.words("report", path=path), soft_wrap=True)


def _chosen(chosen: Sequence[str], only: Sequence[str]) -> dict[str, Eval[Any, Any]]:
    """Errors: UnknownEval, BadData."""
    evals = {name: find(name) for name in dict.fromkeys(chosen or names())}
    known = {case.id for one in evals.values() for case in one.dataset().cases}
    if strange := [case for case in only if case not in known]:
        raise UnknownEval(f"there is no case {', '.join(strange)} in {', '.join(evals)}")
    return evals


def _running() -> Any:
    with evals_installed():
        from .running import run
    return run


def _bundle() -> Any:
    with evals_installed():
        from .running import bundle
    return bundle
