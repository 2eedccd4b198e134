"""Records the tapes of evaluations: `python -m tests.tapes [NAME…]`, from the local servers of the vendors.

There is no key here, so nobody's model speaks: each data set says what a model answers. What is recorded is
real all the same: the SDKs, the routing, the masking and the form of the answers.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from evals.evaluation import find
from evals.running import run
from evals.tapes import TAPES, Models
from tests.fakes.llm.script import Turn, structured

from .answering import NoAnswer, answer_to, shown
from .turns import InTurn, prompt_of
from .vendors import ALL, served

Answers = Callable[[str, Any], Turn]


@dataclass(frozen=True)
class Recorded:
    """vendors: who has a key; answers: what each of them says to a request, made of the cases."""

    vendors: Sequence[str]
    answers: Callable[[Sequence[Any]], Answers]


def _by_marks(cases: Sequence[Any]) -> Answers:
    said = [answer for case in cases for answer in case.answers]
    return lambda vendor, body: structured(answer_to(prompt_of(body), said))


def _in_turn(cases: Sequence[Any]) -> Answers:
    return InTurn({f"[{case.id}]": case.reactions for case in cases})


def _by_title(cases: Sequence[Any]) -> Answers:
    return InTurn({f'"title": "{shown(case.article.title)}"': case.reactions for case in cases})


ASKED = {
    "injection": Recorded(("yandex",), _by_marks),
    "letters": Recorded(("yandex",), _by_marks),
    "reading": Recorded(("yandex",), _by_title),
    "router": Recorded(ALL, _in_turn),
}


def record(name: str, folder: Path) -> None:
    """The tape of the evaluation, into `folder`."""
    one, recorded = find(name), ASKED[name]
    answers, missing = recorded.answers(one.dataset().cases), list[str]()

    def answered(vendor: str, body: Any) -> Turn:
        try:
            return answers(vendor, body)
        except NoAnswer as error:
            missing.append(str(error))
            return Turn(status=400)

    with served(recorded.vendors) as (scripts, keys), tempfile.TemporaryDirectory() as scratch:
        for vendor, script in scripts.items():
            script.always(partial(answered, vendor))
        [told] = run({name: one}, Path(scratch), Models("record", folder, keys), lambda *done: None)
    problems = [*missing, *(f"{it.case}: {it.error}" for it in told.results if it.error)]
    if problems:
        raise SystemExit("\n".join(problems))
    for tape in (folder / name).glob("*.jsonl"):
        _once(tape)


def _once(tape: Path) -> None:
    """Of calls that were made by several cases keep one, in an order that each recording has."""
    lines = [json.loads(line) for line in tape.read_bytes().split(b"\n") if line]
    providers = next(line for line in lines if "providers" in line)
    calls = {line["key"]: line for line in lines if "key" in line}
    kept = [providers, *(calls[key] for key in sorted(calls))]
    tape.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in kept), encoding="utf-8")


def main(names: list[str]) -> None:
    for name in names or ASKED:
        with tempfile.TemporaryDirectory() as folder:
            record(name, Path(folder))
            shutil.rmtree(TAPES / name, ignore_errors=True)
            shutil.copytree(Path(folder) / name, TAPES / name)
        print(name, sum(file.stat().st_size for file in (TAPES / name).iterdir()) // 1000, "KB")


if __name__ == "__main__":
    main(sys.argv[1:])
