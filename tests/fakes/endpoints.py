"""Every endpoint of both doors and of the page, as the application routes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Mount, Route


@dataclass(frozen=True)
class Endpoint:
    """path: from the root, with `{names}` in it; call: the function that answers."""

    method: str
    path: str
    call: Callable[..., Any]

    def at(self, id: str) -> str:
        """The address with `id` in each place that wants one."""
        return re.sub(r"\{\w+\}", id, self.path)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def endpoints(app: FastAPI) -> list[Endpoint]:
    """Each once, also those that LangGraph's clients reach by a second way."""
    return list({(one.method, one.path): one for one in _of(app.routes, "")}.values())


def others(app: FastAPI) -> set[str]:
    """The paths of what is no endpoint and holds none, so that no rule about endpoints is about it."""
    return {str(route.path) for route in app.routes if type(route) is Route}


def _of(routes: Sequence[Any], prefix: str) -> Iterator[Endpoint]:
    for route in routes:
        if isinstance(route, APIRoute):
            yield from (Endpoint(method, prefix + route.path, route.endpoint) for method in route.methods)
        elif isinstance(route, Mount):
            yield from _of(route.routes, prefix + route.path)
        elif (inner := getattr(route, "original_router", None)) is not None:
            yield from _of(inner.routes, prefix + route.include_context.prefix)
