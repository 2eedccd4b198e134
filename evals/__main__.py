"""`python -m evals NAME…`: what each metric is now. `artel eval` compares it too."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from .evaluation import find
from .running import run
from .tapes import Models


def main(names: list[str]) -> None:
    evals = {name: find(name) for name in names}
    with tempfile.TemporaryDirectory() as folder:
        for name, results in run(evals, Path(folder), Models()).items():
            for metric in evals[name].metrics:
                print(f"{name} {metric.name}: {metric.of([it.marks for it in results]):.3f}")
            for it in results:
                if it.error or it.marks.why:
                    print(f"  {it.case}/{it.epoch}: {it.error or '; '.join(it.marks.why)}")


if __name__ == "__main__":
    main(sys.argv[1:])
