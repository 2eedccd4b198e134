"""`make bench`: every figure we publish, beside what it is held against, in one run.

`python -m tests.bench [LEADS.csv]` adds the lead scoring figures, whose data is not part of the project.
"""

from __future__ import annotations

import sys
from pathlib import Path

import uvloop

from evals import extraction, leads, ranking
from evals.report import show
from tests.bench import cycles, footprint, queue, starts, storage, workers
from tests.bench.databases import databases
from tests.bench.llm import masking, speed


async def durable() -> None:
    """The runtime, on both databases."""
    with databases() as all:
        show("Cycles: start -> review -> resume -> done", await cycles.speeds(all))
        show("What a lone cycle is made of", await cycles.parts(all))
        show("From a request to its first node, idle", await starts.run(all))
        show("Workers", [*await workers.second(all), *await workers.idle(all)])
        show("What is left in the database, pages and indexes included", await storage.bytes_a_cycle(all))
        show("A resume beside open reviews", await storage.resumes(all))
        show("The approval queue, 100,000 reviews waiting", await queue.run(all))


def main(leads_csv: Path | None) -> None:
    show("Starting", footprint.run())
    uvloop.run(durable())
    show("Models: one question, many, and failover", uvloop.run(speed.run()))
    show("Models: placeholders for personal data", masking.run())
    show("Extraction from Russian SaaS news", extraction.run())
    show("Ranking of partners", ranking.run())
    if leads_csv is not None:
        show("Lead scoring", leads.run(leads_csv))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
