"""A process that takes part: `python -m tests.fakes.member URL MEMBER LEASE_S BEAT_S`.

It prints a line when it has joined, one for each notice heard, and one when its place is lost. A line on
its standard input asks whether it holds its place: a thread answers, before any task can know. It ends
when its input does.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from datetime import UTC, datetime

from memory.cluster import Cluster, join
from memory.db import Database
from memory.notices import Notice


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")  # in one piece: two threads speak
    sys.stdout.flush()


def answer(cluster: Cluster, loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> None:
    for _ in sys.stdin:
        say("holds", cluster.holds())
    loop.call_soon_threadsafe(ended.set)


async def main(url: str, member: str, lease_s: float, beat_s: float) -> None:
    def hear(notice: Notice) -> None:
        say("heard", notice.topic)

    database = Database(url)
    ended = asyncio.Event()
    async with join(
        database,
        member,
        hear,
        lease_s=lease_s,
        beat_s=beat_s,
        clock=lambda: datetime.now(UTC),
        monotonic=time.monotonic,
    ) as cluster:
        threading.Thread(
            target=answer, args=(cluster, asyncio.get_running_loop(), ended), daemon=True
        ).start()
        say("joined")
        lost = asyncio.create_task(cluster.lost.wait())
        lost.add_done_callback(lambda task: say("lost"))
        await ended.wait()
    database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4])))
