"""An article through the scout's nodes, with whatever model the settings give it."""

from __future__ import annotations

from ..articles import record, scout
from ..scorers.reading import Read, ReadingCase
from ..world import World


async def read(case: ReadingCase, world: World) -> Read:
    async with world.nodes() as nodes:
        state = await scout(nodes, [case.article])
        return Read(await nodes.memory.read(record), state["problems"])
