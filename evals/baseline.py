"""What an evaluation has reached, committed beside it: evals/baselines/NAME.json.

The gate of a figure starts at what is reached when it is accepted and is never lowered on the same data.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from math import isnan
from pathlib import Path

from pydantic import BaseModel, ValidationError

from .errors import BadBaseline
from .figure import Figure, Repeats
from .marks import Mark, Marks

FOLDER = Path(__file__).parent / "baselines"


class Accepted(BaseModel, frozen=True, extra="forbid"):
    """Why a baseline was moved, by which code, on which data, to which figures."""

    because: str
    code: str
    data: str
    figures: dict[str, float]


class Baseline(BaseModel, frozen=True, extra="forbid"):
    """code: version and commit; data: version of the data set; prompts: their versions; gates: what each
    figure must not fall below (of those where less is better: rise above); failing: cases that did not reach
    what each must; cases: the marks of each, one mapping a repetition; history: the newest first."""

    code: str
    data: str
    prompts: dict[str, str]
    gates: dict[str, float]
    failing: list[str]
    cases: dict[str, list[dict[str, Mark]]]
    history: list[Accepted]

    @property
    def marks(self) -> dict[str, Repeats]:
        return {case: [Marks(values) for values in told] for case, told in self.cases.items()}


def read(name: str, folder: Path = FOLDER) -> Baseline | None:
    """Errors: BadBaseline for a file that is none."""
    path = folder / f"{name}.json"
    try:
        return Baseline.model_validate_json(path.read_bytes()) if path.exists() else None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadBaseline(f"{path}, {place}: {first['msg']}") from None


def check_data(name: str, baseline: Baseline, data: str) -> None:
    """Errors: BadBaseline when it is of another version of the data set."""
    if baseline.data != data:
        raise BadBaseline(
            f"{name}: the baseline is of version {baseline.data} of the data set, which is {data} now: "
            f'artel eval accept {name} --because "…"'
        )


def moved(
    before: Baseline | None,
    figures: Sequence[Figure],
    cases: Mapping[str, Repeats],
    *,
    accepted: Accepted,
    prompts: Mapping[str, str],
    failing: Sequence[str],
) -> Baseline:
    """The next baseline. Errors: BadBaseline where it would lower a gate of the same data."""
    same = before is not None and before.data == accepted.data
    gates = {
        it.name: _gate(it, accepted.figures[it.name], before.gates.get(it.name) if same and before else None)
        for it in figures
        if it.name in accepted.figures
    }
    return Baseline(
        code=accepted.code,
        data=accepted.data,
        prompts=dict(prompts),
        gates=gates,
        failing=sorted(failing),
        cases={case: [dict(it.values) for it in repeats] for case, repeats in cases.items()},
        history=[accepted, *(before.history if before else ())],
    )


def write(name: str, baseline: Baseline, folder: Path = FOLDER) -> Path:
    path = folder / f"{name}.json"
    told = baseline.model_dump(mode="json")
    # A case a line: a change of one is one line of the difference.
    cases = ",\n".join(f"  {json.dumps(case)}: {_line(marks)}" for case, marks in told.pop("cases").items())
    head = json.dumps(told, ensure_ascii=False, indent=1)
    path.write_text(f'{head[:-2]},\n "cases": {{\n{cases}\n }}\n}}\n', encoding="utf-8")
    return path


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _gate(figure: Figure, reached: float, before: float | None) -> float:
    """Errors: BadBaseline."""
    least = figure.better(1.0, 0.0) < 0
    gate = reached + figure.drop if least else reached - figure.drop
    if before is None or isnan(before):
        return gate
    if figure.better(reached, before) < -1e-9:
        raise BadBaseline(
            f"{figure.name} {reached:.3f} is worse than its gate {before:.3f}, which never falls"
        )
    return before if figure.better(before, gate) > 0 else gate
