"""A process that spends until its budgets are at an end: `python -m tests.fakes.spender URL CAP TENANT_CAP
CALLS`. It begins at a line on its standard input, and kills itself after so many calls.

Each line on its output is what a call has cost, said once the money is gone and before it is settled; the
last line is `over`. Many calls are under way at once.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
import uuid
from collections.abc import Iterator
from datetime import UTC

from graphs.runtime.spending import Spending
from memory.db import Database, Memory
from tests.fakes.rows import NOW
from tools.llm.attempt import Attempt
from tools.llm.errors import OverBudget
from tools.llm.outcome import Outcome
from tools.llm.question import Asker

CALLERS = 8
MOST_RUB = 2.0


async def spend(spending: Spending, cap: float, calls: Iterator[int], rng: random.Random) -> None:
    asker = Asker("outreach")
    while True:
        try:
            reserved = await spending.reserve(asker, rng.uniform(0.1, MOST_RUB), cap)
        except OverBudget:
            return
        await asyncio.sleep(rng.random() / 500)
        cost = reserved * rng.random()
        print(cost, flush=True)
        if next(calls) == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        spending.settle(asker, Attempt("gigachat", "m", Outcome.OK), reserved, cost)


async def main(url: str, cap: float, tenant_cap: float, calls: int) -> None:
    print("ready", flush=True)
    sys.stdin.readline()
    database = Database(url)
    left = iter(range(calls, 0, -1))
    spending = Spending(
        Memory(database), cap=tenant_cap, zone=UTC, clock=lambda: NOW, new_id=lambda: str(uuid.uuid4())
    )
    rng = random.Random(calls)
    await asyncio.gather(*(spend(spending, cap, left, rng) for _ in range(CALLERS)))
    await spending.aclose()
    database.close()
    print("over", flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])))
