"""Imported once by the process from which others are forked: what takes long to load and starts no thread."""

from __future__ import annotations

import faiss  # noqa: F401

from tests.fakes import mortal  # noqa: F401
from tools import tagger

tagger._model()
