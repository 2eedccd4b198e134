"""LangGraph's synchronous savers, driven from an event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import partial
from typing import Any, ParamSpec, TypeVar

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    DeltaChannelHistory,
)

from ..turns import Turns

P = ParamSpec("P")
T = TypeVar("T")


class Threaded(BaseCheckpointSaver[str]):
    """Each call is one of `turns`: LangGraph's own asynchronous savers change threads or
    tasks several times for each checkpoint."""

    turns: Turns

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        return await self.turn(self.get_tuple, config)

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        def listed() -> list[CheckpointTuple]:
            return [*self.list(config, filter=filter, before=before, limit=limit)]

        for one in await self.turn(listed):
            yield one

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        return await self.turn(self.put, config, checkpoint, metadata, new_versions)

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        await self.turn(self.put_writes, config, writes, task_id, task_path)

    async def adelete_thread(self, thread_id: str) -> None:
        await self.turn(self.delete_thread, thread_id)

    async def aget_delta_channel_history(
        self, *, config: RunnableConfig, channels: Sequence[str]
    ) -> Mapping[str, DeltaChannelHistory]:
        return await self.turn(lambda: self.get_delta_channel_history(config=config, channels=channels))

    async def turn(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Waits for the end however often the caller is cancelled: what comes next must find it done."""
        return await self.turns.insist(partial(self.call, partial(work, *args, **kwargs)))

    def call(self, work: Callable[[], T]) -> T:
        """In a thread."""
        return work()
