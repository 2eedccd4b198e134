"""A run taken back: its thread stands where it stood before the run."""

from __future__ import annotations

from langchain_core.runnables import RunnableConfig

from memory.checkpoints import Checkpoints, Saver


async def rollback(saver: Saver, thread_id: str, run_id: str) -> None:
    """Drop what the run wrote to its thread's checkpoints. The run must not run any more."""
    await Checkpoints(saver).rollback(thread_id, await _before(saver, thread_id, run_id))


async def _before(saver: Saver, thread_id: str, run_id: str) -> str | None:
    """The newest checkpoint of the thread, its subgraphs' included, that the run did not write."""
    thread: RunnableConfig = {"configurable": {"thread_id": thread_id}}
    async for saved in saver.alist(thread):
        if (saved.metadata or {}).get("run_id") != run_id:
            return str(saved.config["configurable"]["checkpoint_id"])
    return None
