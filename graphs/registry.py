"""The graphs that can be run, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from langgraph.graph import StateGraph

from agents.context import Context

from . import partnership, scout

Build = Callable[[], "StateGraph[Any, Context, Any, Any]"]

GRAPHS: Mapping[str, Build] = {"scout": scout.build, "partnership": partnership.build}

# The model provider that a graph's runs lean on: what ARTEL_PROVIDER_CAPS counts.
PROVIDERS: Mapping[str, str] = {"partnership": "offline"}
