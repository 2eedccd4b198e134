"""Imported once by the process from which others are forked: it loads what takes long, and keeps no thread.

What the product loads when it first needs it, is loaded by doing the work of one case of each graph.
"""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path
from tempfile import TemporaryDirectory

from .mortal import SETTINGS, work
from .tasks.durability import EVAL
from .world import Shared, World


async def _work(folder: Path) -> None:
    shared = Shared(folder)
    for case in {case.graph: case for case in EVAL.dataset().cases}.values():
        async with World(folder / case.id, shared).artel(**SETTINGS) as artel:
            await work(artel, case)


with TemporaryDirectory() as folder:
    asyncio.run(_work(Path(folder)))
# What is there stays: no child looks through it for garbage.
gc.freeze()
