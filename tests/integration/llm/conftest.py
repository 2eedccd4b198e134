"""Each vendor of models in turn, one server and one provider a module, whose tests run in one loop; and
Yandex, which speaks gRPC, and OpenRouter, which is abroad, by their names."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.fakes.llm.asking import PATIENT_S
from tests.fakes.llm.openrouter import FakeOpenRouter
from tests.fakes.llm.vendors import ALL, VENDORS, Vendor
from tests.fakes.llm.yandex import FakeYandex
from tools.llm.call import Provider


def _served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vendor]:
    with ALL[request.param](tmp_path_factory.mktemp(request.param)) as vendor:
        yield vendor


served = pytest.fixture(scope="module", params=VENDORS)(_served)
every = pytest.fixture(scope="module", params=ALL)(_served)
"""For modules that name it `served`: Yandex too."""


@pytest.fixture
def vendor(served: Vendor) -> Vendor:
    """Fresh for each test."""
    served.script.reset()
    return served


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def provider(served: Vendor) -> AsyncIterator[Provider]:
    provider = served.open(PATIENT_S)
    yield provider
    await provider.aclose()


@pytest.fixture(scope="module")
def server() -> Iterator[FakeYandex]:
    with FakeYandex() as server:
        yield server


@pytest.fixture
def fake(server: FakeYandex) -> FakeYandex:
    server.script.reset()
    return server


@pytest.fixture(scope="module")
def yandex(server: FakeYandex) -> FakeYandex:
    """By its name, where others stand beside it."""
    return server


@pytest.fixture(scope="module")
def openrouter() -> Iterator[FakeOpenRouter]:
    with FakeOpenRouter() as fake:
        yield fake
