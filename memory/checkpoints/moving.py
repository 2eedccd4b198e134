"""A thread's checkpoints from one database into another, which may be of the other kind."""

from __future__ import annotations

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple

from .saver import Saver


async def carry(source: Saver, target: Saver, thread_id: str) -> None:
    """All checkpoints of the thread with what was written to them, the oldest first."""
    thread: RunnableConfig = {"configurable": {"thread_id": thread_id}}
    found = [it async for it in source.alist(thread)]
    for it in sorted(found, key=lambda it: it.checkpoint["id"]):
        place = await target.aput(_parent(it), it.checkpoint, it.metadata, it.checkpoint["channel_versions"])
        for task in dict.fromkeys(task for task, _, _ in it.pending_writes or ()):
            told = [(channel, value) for of, channel, value in it.pending_writes or () if of == task]
            await target.aput_writes(place, told, task)


def _parent(it: CheckpointTuple) -> RunnableConfig:
    """Where the checkpoint goes: behind the one it came from, if any."""
    at, before = it.config["configurable"], (it.parent_config or {}).get("configurable", {})
    place = {"thread_id": at["thread_id"], "checkpoint_ns": at.get("checkpoint_ns", "")}
    return {"configurable": {**place, "checkpoint_id": before.get("checkpoint_id")}}
