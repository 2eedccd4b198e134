"""Whether a JSON column holds what is asked for, as PostgreSQL's `@>` means it, on both databases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, String, and_, case, cast, exists, false, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB

from .db import TenantSession

_INTEGERS = range(-(2**63), 2**63)


def contains(session: TenantSession, column: Any, wanted: Mapping[str, Any]) -> ColumnElement[bool]:
    """The condition that `column`, a JSON object, has all that `wanted` has, at any depth."""
    if session.get_bind().dialect.name == "sqlite":
        return _has_items(column, wanted)
    # A JSON text may spell the character NUL, which JSONB cannot hold: such a row is never found.
    readable = ~cast(column, String).contains("\\u0000", autoescape=True)
    return case((readable, cast(column, JSONB).contains(dict(wanted))), else_=false())


def _has_items(document: Any, wanted: Mapping[str, Any]) -> ColumnElement[bool]:
    return and_(literal(True), *(_has(document, value, key) for key, value in wanted.items()))


def _has(document: Any, wanted: Any, key: str | None = None) -> ColumnElement[bool]:
    """Whether the object has `wanted` under the key, or the list has it anywhere."""
    # Each level of the document is a table of its own, with a name of its own.
    each = func.json_each(document).table_valued("key", "value", "type").alias()
    at = () if key is None else (each.c.key == key,)
    return exists(select(1).select_from(each).where(*at, _is(each.c, wanted)))


def _is(entry: Any, wanted: Any) -> ColumnElement[bool]:
    if wanted is None or isinstance(wanted, bool):
        return entry.type == {None: "null", True: "true", False: "false"}[wanted]  # type: ignore[no-any-return]
    if isinstance(wanted, Mapping):
        return and_(entry.type == "object", _has_items(entry.value, wanted))
    if isinstance(wanted, list | tuple):
        return and_(entry.type == "array", *(_has(entry.value, one) for one in wanted))
    if isinstance(wanted, str):
        return and_(entry.type == "text", entry.value == wanted)
    if isinstance(wanted, int) and wanted not in _INTEGERS:
        return false()
    return and_(entry.type.in_(("integer", "real")), entry.value == wanted)
