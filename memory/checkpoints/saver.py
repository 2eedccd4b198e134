"""LangGraph's savers, which write nothing for a worker that lost its lease."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver, ChannelVersions, Checkpoint, CheckpointMetadata

from ..db import LeaseLost


@dataclass(frozen=True)
class Table:
    """One of LangGraph's. columns: all but the thread's id; bytes: SQL for the length of a row's values."""

    name: str
    columns: str
    bytes: str


class Saver(BaseCheckpointSaver[str]):
    """What both backends add to LangGraph's saver: the lease, and statements of our own on its tables."""

    tables: ClassVar[Sequence[Table]]
    """Of checkpoints, of their writes, and of the values that checkpoints share, if these have a table."""

    among: ClassVar[str]
    """SQL for the ids in the JSON list `%(threads)s`."""

    sweep: ClassVar[Sequence[str]] = ()
    """What removes values that no checkpoint of `%(thread)s` needs any more."""

    holds: Callable[[], bool] = staticmethod(lambda: True)

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        self._check()
        return await super().aput(config, checkpoint, metadata, new_versions)

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        self._check()
        await super().aput_writes(config, writes, task_id, task_path)

    async def call_itself(self, name: str) -> None:
        """From now on the server, if there is one, knows connections by this name."""

    @abstractmethod
    async def together(self, statements: Sequence[str], values: Mapping[str, Any]) -> None:
        """Change rows in one transaction. `%(name)s` stands for a value, with either database."""

    @abstractmethod
    async def row(self, query: str, values: Mapping[str, Any]) -> Sequence[Any]:
        """The only row that the query answers."""

    @abstractmethod
    async def keep_newest(self, thread_id: str) -> None:
        """Leave the newest checkpoint of each namespace; a thread that needs older ones stays whole."""

    def _check(self) -> None:
        if not self.holds():
            raise LeaseLost("this worker lost its lease: others may run its threads now")
