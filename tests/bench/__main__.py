"""`make bench`: every figure we publish, beside what it is held against, in one run.

`python -m tests.bench [LEADS.csv]` adds the lead scoring figures, whose data is not part of the project.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from evals import extraction, leads, ranking
from evals.report import show
from tests.bench import cycles, footprint


def main(leads_csv: Path | None) -> None:
    show("Starting", footprint.run())
    show("Cycles: start -> review -> resume -> done, SQLite", asyncio.run(cycles.run()))
    show("Extraction from Russian SaaS news", extraction.run())
    show("Ranking of partners", ranking.run())
    if leads_csv is not None:
        show("Lead scoring", leads.run(leads_csv))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
