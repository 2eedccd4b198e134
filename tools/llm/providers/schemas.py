"""JSON schemas in the forms that vendors ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from langchain_core.utils.json_schema import dereference_refs


def closed(schema: Any) -> Any:
    """For strict modes: every object that lists its properties has all of them and nothing else."""
    if isinstance(schema, list):
        return [closed(value) for value in schema]
    if not isinstance(schema, Mapping):
        return schema
    inner = {word: closed(value) for word, value in schema.items()}
    # A property may itself be called "properties": then it is a schema, and its name no word of ours.
    if inner.get("type") == "object" and isinstance(inner.get("properties"), Mapping):
        inner |= {"additionalProperties": False, "required": list(inner["properties"])}
    return inner


def plain(schema: Mapping[str, Any]) -> dict[str, Any]:
    """For GigaChat's functions, which know no references and no unions: what is referred to is written out,
    and of a union the first kind that isn't null stays."""
    whole = dereference_refs(dict(schema))
    return _plain({word: value for word, value in whole.items() if word != "$defs"})


def _plain(schema: Mapping[str, Any]) -> dict[str, Any]:
    chosen = _chosen(schema)
    if "properties" in chosen or chosen.get("type") == "object":
        properties = chosen.get("properties", {})
        chosen["properties"] = {name: _plain(value) for name, value in properties.items()}
    if isinstance(chosen.get("items"), Mapping):
        chosen["items"] = _plain(chosen["items"])
    return chosen


def _chosen(schema: Mapping[str, Any]) -> dict[str, Any]:
    unions = ("anyOf", "oneOf", "allOf")
    kinds = [kind for union in unions for kind in schema.get(union, ()) if kind.get("type") != "null"]
    rest = {word: value for word, value in schema.items() if word not in unions}
    return {**_chosen(kinds[0]), **rest} if kinds else rest
