"""Every operation of both doors, asked with whatever fits its description.

The answer is never a 5xx, and for our own door it is one that the description has, in the form that it has
there. What LangGraph's clients ask is described by FastAPI from the same routes.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi.openapi.utils import get_openapi
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api import langgraph
from api.app import create_app
from graphs.runtime.services import open_services
from graphs.runtime.settings import Settings
from tests.fakes.postgres import fresh_database
from tests.fakes.served import GRAPHS, TOKEN, served

from .test_credentials import bearer
from .test_tenant_doors import filled

pytestmark = pytest.mark.untraced

# The same examples in every run; so many of each operation.
EXAMPLES = settings(
    max_examples=4,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
CHECKS: list[CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@dataclass
class Place:
    """A server in a thread of its own, for schemathesis waits for each answer. ids: as `filled` has them."""

    folder: Path
    url: str
    base: str = ""
    ids: dict[str, str] = field(default_factory=dict)
    ready: threading.Event = field(default_factory=threading.Event)
    loop: asyncio.AbstractEventLoop | None = None
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self) -> None:
        self.loop = asyncio.get_running_loop()
        try:
            async with served(self.folder, {"database_url": self.url, "rate_per_minute": 0}) as api:
                self.base, self.ids = str(api.client.base_url.join("/")).rstrip("/"), await filled(api)
                self.ready.set()
                await self.stop.wait()
        finally:
            self.ready.set()


@contextmanager
def _place(folder: Path, url: str) -> Iterator[Place]:
    place = Place(folder, url)
    thread = threading.Thread(target=asyncio.run, args=(place.serve(),))
    thread.start()
    place.ready.wait()
    try:
        assert place.base, "the server did not start"
        yield place
    finally:
        if place.loop is not None and place.loop.is_running():
            place.loop.call_soon_threadsafe(place.stop.set)
        thread.join()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("contract")
    with fresh_database(request.param, request, folder) as url, _place(folder, url) as place:
        yield place


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The descriptions of the two doors."""

    async def look() -> dict[str, dict[str, Any]]:
        given = Settings(data_dir=tmp_path_factory.mktemp("described"), token=TOKEN)
        async with open_services(given, graphs=GRAPHS) as services:
            ours = create_app(services).openapi()
        wire = get_openapi(title="wire", version="1", routes=langgraph.router([]).routes)
        paths = {f"{langgraph.PREFIX}{path}": it for path, it in wire["paths"].items()}
        return {"ours": ours, "wire": {**wire, "paths": paths}}

    return asyncio.run(look())


@pytest.mark.parametrize("door", ["ours", "wire"])
def test_an_answer_is_what_the_description_says(
    place: Place, described: Mapping[str, dict[str, Any]], door: str
) -> None:
    schema = schemathesis.openapi.from_dict(described[door])
    checks = CHECKS if door == "ours" else [not_a_server_error]
    wrong: list[str] = []
    for found in schema.get_all_operations():
        operation = found.ok()
        try:
            _ask(place, operation.as_strategy(), checks)
        except FailureGroup as failures:
            wrong += [f"{operation.label}: {failure}" for failure in failures.exceptions]
    assert not wrong, "\n\n".join(wrong)


def _ask(place: Place, cases: Any, checks: list[CheckFunction]) -> None:
    @EXAMPLES
    @given(case=cases)
    def asked(case: Case) -> None:
        _about_something(case, place.ids)
        case.call_and_validate(base_url=place.base, headers=bearer(TOKEN), checks=checks, timeout=60)

    asked()


def _about_something(case: Case, ids: Mapping[str, str]) -> None:
    """Half of the ids are of something that there is."""
    for name, value in case.path_parameters.items():
        if name in ids and len(str(value)) % 2:
            case.path_parameters[name] = ids[name]
