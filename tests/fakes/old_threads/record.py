"""Record the database that an older build leaves while its threads wait for people.

Run by hand, once a release, before the schema or a graph's state changes:

    git worktree add FOLDER COMMIT
    PYTHONPATH=FOLDER python tests/fakes/old_threads/record.py tests/fakes/old_threads/SCHEMA.sql.gz
    git worktree remove --force FOLDER

All that this imports is the older build's: its services make the rows, its graphs the checkpoints. Left are
threads that wait at `review` and one that waits at `crm_review`.
"""

from __future__ import annotations

import asyncio
import gzip
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from evals.dying import rest
from graphs.runtime.reviews import Verdict
from graphs.runtime.runs import Request
from graphs.runtime.services import Services, open_services
from graphs.runtime.settings import Settings
from memory import reviews
from memory.models import DecisionType, Trigger
from memory.reviews import Filter
from tests.fakes.mortal import seed

# Nothing that tells of this machine, and nothing that a waiting thread does not need.
TIDY = """
    DELETE FROM embedding;
    DELETE FROM checkpoints WHERE thread_id IN (SELECT thread_id FROM run WHERE graph = 'scout');
    DELETE FROM writes WHERE thread_id IN (SELECT thread_id FROM run WHERE graph = 'scout');
    UPDATE feed SET url = 'file:///data/feed.xml';
    UPDATE effect SET result = json_set(result, '$.where', 'outbox/letter.eml') WHERE kind = 'letter';
"""


async def record(folder: Path) -> None:
    async with open_services(Settings(data_dir=folder, shortlist=4, threshold=0.3)) as services:
        await services.memory.write(seed, services)
        request = Request("scout", {}, Trigger.PERSON, "person:test", key="test")
        await services.runs.wait((await services.runs.start(request))[0].id)
        await rest(services)
        await disagree(services)


async def disagree(services: Services) -> None:
    """A person wrote the deal of the best pair before its letter went out, so that the CRM is in conflict."""
    waiting = await services.memory.read(reviews.page, Filter(), "score", 100)
    assert len(waiting) > 1
    best, person = waiting[0], "person:test"
    deal = {"title": "Сделка", "stage": "in_discussion", "company": "А", "partner": "Б", "note": "позвонить"}
    await services.context.crm.put(str(best.partnership_id), deal, expected_version=None)
    verdict = Verdict(DecisionType.APPROVE, person, version=best.draft_version)
    await services.reviews.decide(best.id, verdict)
    await rest(services)
    assert await services.memory.read(reviews.count, Filter(kind="crm_conflict")) == 1


def dump(database: Path, target: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(TIDY)
        lines = "\n".join(connection.iterdump())
    with target.open("wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(lines.encode())


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        asyncio.run(record(Path(made)))
        dump(Path(made) / "artel.db", Path(sys.argv[1]))
