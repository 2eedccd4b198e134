"""Who tries too often: passwords, by a clock that a test sets; requests, over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from graphs.runtime.errors import TooMany
from graphs.runtime.people.means import Means
from graphs.runtime.people.passwords import Passwords
from graphs.runtime.people.sealing import Seal
from graphs.runtime.people.throttle import BOTH, OF_ADDRESS, OF_LOGIN, WINDOW, Throttle
from memory.db import Database
from tests.fakes.clock import Hands
from tests.fakes.persons import PASSWORD, added, browser, enter
from tests.fakes.served import served


@pytest.fixture
def throttle(empty_database: str, new_id: Callable[[], str]) -> Iterator[tuple[Throttle, Hands]]:
    database, clock = Database(empty_database), Hands()
    yield Throttle(Means(database, Seal("s"), Passwords(), clock, new_id, new_id)), clock
    database.close()


async def tries(throttle: Throttle, count: int, login: str, address: str) -> int:
    """How many are let through."""
    for number in range(count):
        try:
            await throttle.trying(login, address)
        except TooMany:
            return number
    return count


async def test_an_address_has_so_many_tries_for_a_login_and_so_many_in_all(
    throttle: tuple[Throttle, Hands],
) -> None:
    ours, clock = throttle
    assert await tries(ours, 99, "maria", "1.1.1.1") == BOTH
    assert await tries(ours, 1, "maria", "2.2.2.2") == 1
    through = sum([await tries(ours, 99, f"user{number}", "1.1.1.1") for number in range(9)])
    assert through == OF_ADDRESS - BOTH
    with pytest.raises(TooMany) as refused:
        await ours.trying("maria", "1.1.1.1")
    assert refused.value.wait_s == WINDOW.total_seconds()
    clock.now += timedelta(seconds=refused.value.wait_s)
    assert await tries(ours, 1, "maria", "1.1.1.1") == 1


async def test_many_addresses_have_so_many_tries_for_one_login(throttle: tuple[Throttle, Hands]) -> None:
    ours, _ = throttle
    through = sum([await tries(ours, BOTH, "maria", f"1.1.1.{number}") for number in range(12)])
    assert through == OF_LOGIN


async def test_the_right_password_forgets_the_wrong_ones(throttle: tuple[Throttle, Hands]) -> None:
    ours, _ = throttle
    await tries(ours, BOTH - 1, "maria", "1.1.1.1")
    await ours.passed("maria", "1.1.1.1")
    assert await tries(ours, 99, "maria", "1.1.1.1") == BOTH


async def test_signing_in_is_throttled_also_with_the_right_password(tmp_path: Path) -> None:
    async with served(tmp_path) as api, browser(api) as client:
        await added(api, "maria", ["viewer"])
        answers = [await enter(client, "maria", "wrong password") for _ in range(BOTH)]
        assert {answer.status_code for answer in answers} == {401}
        refused = await enter(client, "maria", PASSWORD)
        assert refused.status_code == 429
        assert 0 < int(refused.headers["retry-after"]) <= WINDOW.total_seconds()


async def test_requests_are_counted_a_person_and_an_address(tmp_path: Path) -> None:
    # One comes back every twenty seconds: longer than the test takes on a slow machine.
    limited = {"rate_per_minute": 3}
    async with served(tmp_path, limited) as api, browser(api) as maria, browser(api) as stranger:
        await added(api, "maria", ["viewer"])
        assert (await enter(maria, "maria")).status_code == 303
        seen = [await maria.get("runs") for _ in range(3)]
        assert [answer.status_code for answer in seen] == [200, 200, 429]
        assert [seen[0].headers[f"ratelimit-{name}"] for name in ("limit", "remaining")] == ["3", "1"]
        assert 0 < int(seen[-1].headers["retry-after"]) <= 20
        assert seen[-1].headers["content-type"] == "application/problem+json"
        # The sign-in was the address's first.
        assert [(await stranger.get("runs")).status_code for _ in range(3)] == [401, 401, 429]
        health = stranger.base_url.join("/healthz")
        assert [(await stranger.get(health)).status_code for _ in range(5)] == [200] * 5
        assert [(await api.client.get("runs")).status_code for _ in range(5)] == [200] * 5
