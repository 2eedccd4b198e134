"""Work for two processes: each evaluation in one of them, for what runs graphs has one core's time to take.

Lanes are forked from the process that has imported everything, each takes what is next, and all end with that
process, also when it is killed: its run may be called again, and they would still be writing its logs.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar

from .errors import EvalError

LANES = 2
_FORK = multiprocessing.get_context("fork")

R = TypeVar("R")
Tell = Callable[[str, int, int], None]
Work = Callable[[str, Tell], R]


def share(names: Sequence[str], work: Work[R], tell: Tell) -> Mapping[str, R]:
    """What `work` brings for each name; what it tells comes here. Errors: what it raises; EvalError."""
    brought: dict[str, R] = {}
    waiting = list(names)
    with _lanes(work, min(LANES, len(waiting))) as lanes:
        for lane in lanes:
            lane.send(waiting.pop(0))
        while len(brought) < len(names):
            for lane in _heard(lanes):
                match _said(lane):
                    case "told", *what:
                        tell(*what)
                    case "brought", name, result:
                        brought[name] = result
                        if waiting:
                            lane.send(waiting.pop(0))
                        else:
                            lanes.remove(lane)
                    case "raised", error:
                        raise error
    return brought


def _heard(lanes: Sequence[Connection]) -> list[Connection]:
    return [lane for lane in wait(lanes) if isinstance(lane, Connection)]


def _said(lane: Connection) -> Any:
    """Errors: EvalError."""
    try:
        return lane.recv()
    except EOFError as error:
        raise EvalError("a process was killed: run it again, and it goes on from there") from error


@contextmanager
def _lanes(work: Work[Any], many: int) -> Iterator[list[Connection]]:
    alive = os.pipe()
    ours, processes = [], []
    try:
        for _ in range(many):
            mine, theirs = _FORK.Pipe()
            process = _FORK.Process(target=_lane, args=(work, theirs, alive))
            process.start()
            theirs.close()
            ours.append(mine)
            processes.append(process)
        yield ours
    finally:
        for end in alive:
            os.close(end)
        for process in processes:
            process.join()


def _lane(work: Work[Any], asked: Connection, alive: tuple[int, int]) -> None:
    _end_with_parent(*alive)
    # What is imported stays: nobody need look through it for garbage.
    gc.freeze()
    while True:
        name = asked.recv()
        try:
            asked.send(("brought", name, work(name, lambda *what: asked.send(("told", *what)))))
        except Exception as error:
            asked.send(("raised", error))


def _end_with_parent(reads: int, writes: int) -> None:
    """Nobody writes: to read ends when the last end to write is closed, and that is the parent's."""
    os.close(writes)

    def watch() -> None:
        os.read(reads, 1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
