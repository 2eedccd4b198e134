"""Evaluations on Inspect: each case a sample, with epochs, in a log that goes on where it was cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from inspect_ai import Task, eval_set
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.log import EvalLog, EvalSample, read_eval_log
from inspect_ai.scorer import Score, Scorer, Target, scorer
from inspect_ai.solver import Generate, Solver, TaskState, solver

from .case import Case
from .evaluation import Eval
from .marks import Marks
from .tapes import Models
from .world import Shared, World

AT_ONCE = 4


@dataclass(frozen=True)
class Result:
    """One case in one epoch. calls: what it asked of models (fields of memory.usage.Total); error: why it
    crashed; seconds: of work, without waiting for its turn."""

    case: str
    epoch: int
    marks: Marks
    seconds: float = 0.0
    calls: tuple[Mapping[str, Any], ...] = ()
    error: str | None = None


def run(
    evals: Mapping[str, Eval[Any, Any]], folder: Path, models: Models, only: Sequence[str] = ()
) -> dict[str, list[Result]]:
    """The results by evaluation, as they stand in the logs of this folder when all is done. `only`: these
    cases. What an earlier, interrupted call with this folder has finished is not run again."""
    made = [_task(name, one, folder, models, only) for name, one in evals.items()]
    _, headers = eval_set(
        made,
        log_dir=str(folder / "logs"),
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
    return {header.eval.task: _results(read_eval_log(header.location)) for header in headers}


def _task(name: str, one: Eval[Any, Any], folder: Path, models: Models, only: Sequence[str]) -> Task:
    cases = [case for case in one.dataset().cases if not only or case.id in only]
    samples = [Sample(id=case.id, input=case.model_dump_json(), metadata=dict(case.slices)) for case in cases]
    shared = Shared(folder / "worlds" / name)
    return Task(
        name=name,
        dataset=MemoryDataset(samples),
        solver=_at_work(name, one, {case.id: case for case in cases}, shared, models),
        scorer=_told(),
        epochs=one.epochs,
    )


@solver
def _at_work(
    name: str, one: Eval[Any, Any], cases: Mapping[str, Case], shared: Shared, models: Models
) -> Solver:
    async def solve(state: TaskState, generate: Generate) -> TaskState:
        case, place = cases[str(state.sample_id)], f"{state.sample_id}-{state.epoch}"
        given = replace(shared, settings=models.settings(name, state.epoch))
        world = World(shared.folder / place, given)
        marks = await one.marks(case, world)
        state.store.set("marks", asdict(marks))
        state.store.set("calls", [asdict(call) for call in world.calls])
        state.store.set("values", {metric.name: metric.of([marks]) for metric in one.metrics})
        return state

    return solve


@scorer(metrics=[], name="artel")
def _told() -> Scorer:
    async def score(state: TaskState, target: Target) -> Score:
        told = {name: state.store.get(name) for name in ("marks", "calls")}
        values = {name: value for name, value in state.store.get("values").items() if value == value}
        return Score(value=values, explanation="\n".join(told["marks"]["why"]), metadata=told)

    return score


def _results(log: EvalLog) -> list[Result]:
    return [_result(sample) for sample in log.samples or ()]


def _result(sample: EvalSample) -> Result:
    case, seconds = str(sample.id), sample.working_time or 0.0
    if sample.error is not None or not sample.scores:
        why = sample.error.message if sample.error else "it was not scored"
        return Result(case, sample.epoch, Marks(), seconds, error=why)
    told = next(iter(sample.scores.values())).metadata or {}
    marks = Marks(told["marks"]["values"], tuple(told["marks"]["why"]), tuple(told["marks"]["trajectory"]))
    return Result(case, sample.epoch, marks, seconds, tuple(told["calls"]))
