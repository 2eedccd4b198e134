"""How LangGraph's clients are told of pages: in headers, by offsets."""

from __future__ import annotations


def pages(limit: int, offset: int, total: int) -> dict[str, str]:
    """How many there are in all, and where the next page begins, if there is one."""
    after = offset + limit
    following = {"X-Pagination-Next": str(after)} if after < total else {}
    return {"X-Pagination-Total": str(total), **following}
