"""What the router costs beside ChatOpenAI and litellm's router, all against one local vendor.

The vendor, our process and litellm's take turns within one run, so that a busy machine slows all: only
differences and ratios of one round mean something.
"""

from __future__ import annotations

import statistics
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from evals.report import Row
from tests.bench.children import Child, child

from .vendor import AT_ONCE

ROUNDS = 60
CALLS = 10
LOADS = 5
LOAD = (640, 64)
CROWD = 1000
# Where `make bench` installs it.
PEERS = Path(sys.prefix) / "peers" / "bin" / "python"

ALONE = ("ChatOpenAI", "SDK", "router", "after a 500", "after a 429", "after an opened breaker")
Made = dict[str, Any]


async def run() -> list[Row]:
    if not PEERS.exists():
        raise SystemExit(f"litellm is not installed in {PEERS}: `make bench` does it")
    async with AsyncExitStack() as stack:
        vendor = await stack.enter_async_context(child(sys.executable, "tests.bench.llm.vendor"))
        ours = await stack.enter_async_context(child(sys.executable, "tests.bench.llm.ours", vendor.said))
        peer = await stack.enter_async_context(child(PEERS, "tests.bench.llm.peer", vendor.said))
        return [
            *_latencies(
                await _rounds(dict.fromkeys(ALONE, ours) | {"litellm": peer}, ROUNDS, CALLS, 1), peer
            ),
            *_loads(await _rounds({"ChatOpenAI": ours, "router": ours, "litellm": peer}, LOADS, *LOAD), peer),
            *await _crowd(ours, vendor),
        ]


async def _rounds(who: Mapping[str, Child], rounds: int, times: int, at_once: int) -> dict[str, list[Made]]:
    """What each did in each round; the first round only warms up."""
    found: dict[str, list[Made]] = defaultdict(list)
    for _ in range(rounds + 1):
        for name, process in who.items():
            found[name].append(await process.ask([name, times, at_once]))
    return {name: made[1:] for name, made in found.items()}


def _latencies(found: Mapping[str, Sequence[Made]], peer: Child) -> list[Row]:
    p50 = {name: statistics.median(ms for it in made for ms in it["ms"]) for name, made in found.items()}

    def more(title: str, name: str, than: str, demand: str) -> Row:
        pairs = zip(found[name], found[than], strict=True)
        spent = statistics.median(a["cpu_ms"] - b["cpu_ms"] for a, b in pairs)
        return Row(f"   more {title}", p50[name] - p50[than], f"{demand}; of processor time {spent:.2f}")

    alone = {"SDK": "openai SDK", "ChatOpenAI": "ChatOpenAI", "litellm": peer.said, "router": "router"}
    return [
        *(Row(f"one call: {title}, p50 ms", p50[name]) for name, title in alone.items()),
        more("than the openai SDK", "router", "SDK", "at most 0.5"),
        more("than ChatOpenAI", "router", "ChatOpenAI", "at most 0.5"),
        more("after a 500", "after a 500", "router", "under 5"),
        more("after a 429", "after a 429", "router", "under 5"),
        more("after an opened breaker", "after an opened breaker", "router", "under 1"),
    ]


def _loads(found: Mapping[str, Sequence[Made]], peer: Child) -> list[Row]:
    def ratio(than: str, figure: str) -> float:
        pairs = zip(found["router"], found[than], strict=True)
        return statistics.median(a[figure] / b[figure] for a, b in pairs)

    def against(than: str, title: str, demand: str) -> Row:
        spent = f"{demand}; by processor time {1 / ratio(than, 'cpu_ms'):.2f}"
        return Row(f"   router / {title}", ratio(than, "rate"), spent)

    names = {"ChatOpenAI": "ChatOpenAI", "litellm": peer.said, "router": "router"}
    rates = [
        Row(f"{LOAD[1]} at once: {title}, calls/s", statistics.median(it["rate"] for it in found[name]))
        for name, title in names.items()
    ]
    return [
        *rates,
        against("ChatOpenAI", "ChatOpenAI", "at least 0.85"),
        against("litellm", peer.said, "at least 2"),
    ]


async def _crowd(ours: Child, vendor: Child) -> list[Row]:
    made = await ours.ask(["limited", CROWD, CROWD])
    seen = await vendor.ask()
    return [
        Row(f"{CROWD} at once, {AT_ONCE} let in: answered", len(made["ms"]), f"{CROWD}"),
        Row("   the most that the vendor had at once", seen, f"at most {AT_ONCE}"),
    ]
