"""Evaluations on Inspect: each case a sample, with epochs, in a log that goes on where it was cut."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import asdict, replace
from io import StringIO
from itertools import count
from pathlib import Path
from typing import Any

from inspect_ai import Task, eval_set
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.log import EvalLog, EvalSample, bundle_log_dir, read_eval_log
from inspect_ai.scorer import Score, Scorer, Target, scorer
from inspect_ai.solver import Generate, Solver, TaskState, solver

from .case import Case
from .dataset import Dataset
from .evaluation import Eval
from .lanes import Tell, share
from .marks import Marks
from .result import Result, Results
from .tapes import Models
from .world import Shared, World

AT_ONCE = 4


def run(
    evals: Mapping[str, Eval[Any, Any]],
    folder: Path,
    models: Models,
    tell: Tell,
    only: Sequence[str] = (),
) -> list[Results]:
    """What stands in the logs of this folder when all is done; tell: is told how many cases of how many an
    evaluation has done; only: these cases. What an interrupted call with this folder has finished is not run
    again. Errors: BadData.
    """
    sets = {name: one.dataset() for name, one in evals.items()}

    def results(name: str, tell: Tell) -> Results:
        cases = _only(sets[name], only)
        log = _ran(_task(name, evals[name], cases, folder, models, tell), folder / "logs" / name)
        return _results(name, sets[name].version, log)

    if len(evals) == 1:
        return [results(name, tell) for name in evals]
    longest = sorted(evals, key=lambda name: -len(sets[name].cases) * evals[name].epochs)
    brought = share(longest, results, tell)
    return [brought[name] for name in evals]


def _ran(task: Task, folder: Path) -> EvalLog:
    _, [header] = eval_set(
        [task],
        log_dir=str(folder),
        model="mockllm/model",
        display="none",
        log_level="error",
        log_level_transcript="error",
        log_buffer=1,
        log_shared=False,
        max_samples=AT_ONCE,
        max_tasks=1,
        retry_attempts=0,
        retry_immediate=False,
        fail_on_error=False,
        score_display=False,
        ctl_server=False,
    )
    return read_eval_log(header.location)


def bundle(logs: Path, folder: Path) -> None:
    """Inspect's viewer of these logs as pages that need no server; what stood there is replaced."""
    with redirect_stdout(StringIO()):
        bundle_log_dir(str(logs), output_dir=str(folder), overwrite=True)


def _only(data: Dataset[Any], only: Sequence[str]) -> Sequence[Case]:
    return [case for case in data.cases if not only or case.id in only]


def _task(
    name: str, one: Eval[Any, Any], cases: Sequence[Case], folder: Path, models: Models, tell: Tell
) -> Task:
    samples = [Sample(id=it.id, input=it.model_dump_json(), metadata=dict(it.slices)) for it in cases]
    worlds, done = folder / "worlds", count(1)
    shared = Shared(worlds / name, empty=worlds / "empty.db")

    def one_more() -> None:
        tell(name, next(done), len(samples) * one.epochs)

    return Task(
        name=name,
        dataset=MemoryDataset(samples),
        solver=_at_work(name, one, {it.id: it for it in cases}, shared, models, one_more),
        scorer=_told(),
        epochs=one.epochs,
    )


@solver
def _at_work(
    name: str,
    one: Eval[Any, Any],
    cases: Mapping[str, Case],
    shared: Shared,
    models: Models,
    tell: Callable[[], None],
) -> Solver:
    async def solve(state: TaskState, generate: Generate) -> TaskState:
        case = cases[str(state.sample_id)]
        given = replace(shared, settings=models.settings(name, state.epoch))
        world = World(shared.folder / f"{case.id}-{state.epoch}", given)
        try:
            marks = await one.marks(case, world)
        finally:
            tell()
        state.store.set("marks", asdict(marks))
        state.store.set("asked", [asdict(call) for call in world.calls])
        state.store.set("values", {metric.name: metric.of([marks]) for metric in one.metrics})
        return state

    return solve


@scorer(metrics=[], name="artel")
def _told() -> Scorer:
    async def score(state: TaskState, target: Target) -> Score:
        told = {name: state.store.get(name) for name in ("marks", "asked")}
        values = {name: value for name, value in state.store.get("values").items() if value == value}
        return Score(value=values, explanation="\n".join(told["marks"]["why"]), metadata=told)

    return score


def _results(name: str, data: str, log: EvalLog) -> Results:
    return Results(name=name, data=data, results=tuple(map(_result, log.samples or ())))


def _result(sample: EvalSample) -> Result:
    told = next(iter((sample.scores or {}).values()), None)
    error = sample.error.message if sample.error else None if told else "it was not scored"
    return Result(
        case=str(sample.id),
        epoch=sample.epoch,
        slices={name: str(value) for name, value in sample.metadata.items()},
        input=str(sample.input),
        seconds=sample.working_time or 0.0,
        error=error,
        **({"marks": Marks()} if error or not told else told.metadata or {}),
    )
