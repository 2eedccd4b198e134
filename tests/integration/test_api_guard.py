"""Who may come in, how much they may bring, and what a refusal looks like."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from api.limits import CSV_BYTES, JSON_BYTES
from tests.fakes.served import TOKEN, Api, served

pytestmark = pytest.mark.asyncio(loop_scope="module")

TOKEN_HEADER = {"Authorization": f"Bearer {TOKEN}"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Api]:
    async with served(tmp_path_factory.mktemp("api")) as api:
        yield api


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stranger(api: Api) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the server's root that knows no token."""
    async with httpx.AsyncClient(base_url=api.client.base_url.join("/"), timeout=30) as client:
        yield client


def is_problem(answer: httpx.Response, status: int) -> bool:
    body = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "detail"} <= body.keys()
    assert "\n" not in body["detail"]
    return bool(answer.status_code == body["status"] == status)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/openapi.json", "/docs"])
async def test_some_doors_are_open(stranger: httpx.AsyncClient, path: str) -> None:
    assert (await stranger.get(path)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": f"Bearer {TOKEN[:-1]}"},
        {"Authorization": "Bearer"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": TOKEN},
        {"Authorization": b"Bearer \xd1\x8f"},
    ],
)
async def test_without_our_token_nobody_comes_in(
    stranger: httpx.AsyncClient, headers: dict[str, str | bytes]
) -> None:
    for path in ("/api/v1/runs", "/api/v1/runs/x/events", "/api/v1/nothing"):
        answer = await stranger.get(path, headers=headers)
        assert is_problem(answer, 401)
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_the_token_is_asked_for_before_the_body_is_read(stranger: httpx.AsyncClient) -> None:
    assert is_problem(await stranger.post("/api/v1/runs", content=b"{not json"), 401)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST:1", "[::1]:8000"])
async def test_this_machine_s_names_are_served(stranger: httpx.AsyncClient, host: str) -> None:
    assert (await stranger.get("/healthz", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "localhost:80@evil.example", "evil.example:8000", "::1"],
)
async def test_another_name_is_not_served_even_with_the_token(stranger: httpx.AsyncClient, host: str) -> None:
    for path in ("/healthz", "/api/v1/runs"):
        assert is_problem(await stranger.get(path, headers={"Host": host, **TOKEN_HEADER}), 400)


async def test_a_body_that_is_too_large_is_refused_before_it_is_read(api: Api) -> None:
    answer = await api.client.post("runs", content=b" " * (JSON_BYTES + 1))
    assert is_problem(answer, 413)
    assert answer.json()["detail"] == "the body is larger than 1 MB: send less at once"


async def test_a_body_without_a_length_is_counted_as_it_comes(api: Api) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b" " * (JSON_BYTES // 2)

    headers = {"Content-Type": "application/json"}
    assert is_problem(await api.client.post("runs", content=chunks(), headers=headers), 413)


async def test_a_csv_may_be_larger_than_json_but_has_its_limit_too(api: Api) -> None:
    large = await api.client.post("companies/import", content=b" " * (JSON_BYTES + 1))
    assert large.status_code == 422
    assert is_problem(await api.client.post("companies/import", content=b" " * (CSV_BYTES + 1)), 413)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "nothing", 404), ("DELETE", "runs", 405), ("GET", "runs/", 404), ("PUT", "/healthz", 405)],
)
async def test_an_unknown_route_or_method_is_a_problem(api: Api, method: str, path: str, status: int) -> None:
    url = api.client.base_url.join(path)
    answer = await api.client.request(method, url)
    assert is_problem(answer, status)
    assert answer.json()["detail"] == f"there is no {method} {url.path}: see /docs"


async def test_a_body_that_is_no_json_is_a_problem(api: Api) -> None:
    headers = {"Content-Type": "application/json"}
    assert is_problem(await api.client.post("runs", content=b"{not json", headers=headers), 422)
    assert is_problem(await api.client.post("runs", content=b'{"graph": "\xff"}', headers=headers), 400)
    assert is_problem(await api.client.post("runs", content=b"graph=asking"), 422)


async def test_every_field_that_is_wrong_is_named(api: Api) -> None:
    answer = await api.client.post("runs", json={"graph": "", "input": 5})
    assert is_problem(answer, 422)
    assert [error["field"] for error in answer.json()["errors"]] == ["body.graph", "body.input"]


@pytest.mark.parametrize("actor", ["", "x" * 65, "a%0Ab", b"\xff"])
async def test_an_actor_is_a_short_printable_name(api: Api, actor: str | bytes) -> None:
    answer = await api.client.post("runs", json={"graph": "asking"}, headers={"X-Actor": actor})
    assert is_problem(answer, 422)
    assert "X-Actor" in answer.json()["detail"]


async def test_the_description_names_the_problems_and_the_token(stranger: httpx.AsyncClient) -> None:
    schema = (await stranger.get("/openapi.json")).json()
    start = schema["paths"]["/api/v1/runs"]["post"]
    assert start["security"] == [{"token": []}]
    assert "security" not in schema["paths"]["/healthz"]["get"]
    refused = start["responses"]["422"]["content"]
    assert refused == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Invalid"}}}
    operations = [one for path in schema["paths"].values() for one in path.values()]
    assert all(operation["summary"] for operation in operations)
