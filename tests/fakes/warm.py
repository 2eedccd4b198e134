"""Imported once by the process from which others are forked: it loads what takes long, and keeps no thread.

What the product loads when it first needs it, is loaded by doing the main job once.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import faiss  # noqa: F401

from api.logs import log_to_stderr
from graphs.runtime.services import open_services
from graphs.runtime.settings import Settings
from tests.fakes import laborer, mortal, server  # noqa: F401
from tests.fakes.sqlite import migrated_file


async def _work(folder: Path) -> None:
    url = migrated_file(folder)
    await mortal.prepare(url, folder)
    async with open_services(mortal.settings(url, folder)) as services:
        await mortal.main_job(services)


# structlog's own renderer draws every local of every frame: seconds of a busy loop for one exception.
log_to_stderr(Settings())
with tempfile.TemporaryDirectory() as folder:
    asyncio.run(_work(Path(folder)))
