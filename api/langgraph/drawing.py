"""What goes into a graph and comes out of it, as JSON schemas."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_type_hints

from langgraph.pregel import Pregel
from langgraph.pregel.protocol import PregelProtocol
from pydantic import PydanticUserError, TypeAdapter

from graphs.runtime.assistants import Config
from graphs.runtime.options import Overrides


def schemas(name: str, graph: PregelProtocol[Any, Any, Any, Any]) -> dict[str, Any]:
    """LangGraph's `GraphSchema`. The context is what a run may say of it: the rest is the operator's."""
    assert isinstance(graph, Pregel)
    title = graph.get_name()
    return {
        "graph_id": name,
        "input_schema": _state(f"{title}Input", graph, _names(graph.input_channels)),
        "output_schema": _state(f"{title}Output", graph, _names(graph.output_channels)),
        "state_schema": _state(f"{title}State", graph, graph.stream_channels_list),
        "config_schema": Config.model_json_schema(),
        "context_schema": Overrides.model_json_schema(),
    }


def _names(channels: str | Iterable[str]) -> list[str]:
    return [channels] if isinstance(channels, str) else list(channels)


def _state(title: str, graph: Pregel[Any, Any, Any, Any], names: Iterable[str]) -> dict[str, Any]:
    # LangGraph's own way is through pydantic, which refuses typing.TypedDict before Python 3.12.
    declared = getattr(getattr(graph, "builder", None), "state_schema", None)
    hints = get_type_hints(declared) if declared is not None else {}
    known = graph.stream_channels_list
    shown = [name for name in (known if list(names) == ["__start__"] else names) if name in hints]
    return {"title": title, "type": "object", "properties": {name: _type(hints[name]) for name in shown}}


def _type(hint: Any) -> dict[str, Any]:
    try:
        return TypeAdapter(hint).json_schema()
    except PydanticUserError:
        return {}
