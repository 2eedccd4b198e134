"""Imported once by the process from which others are forked: what takes long to load and starts no thread."""

from __future__ import annotations

import faiss  # noqa: F401

from agents.compatibility import priors, taxonomy
from api.logs import log_to_stderr
from graphs.runtime.settings import Settings
from tests.fakes import laborer, mortal, server  # noqa: F401
from tools import tagger

# structlog's own renderer draws every local of every frame: seconds of a busy loop for one exception.
log_to_stderr(Settings())
tagger._model()
taxonomy.categorise("CRM", None)
taxonomy.markets_in("CRM")
priors.average_lift()
