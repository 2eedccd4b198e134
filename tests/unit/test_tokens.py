"""Tokens and the keys that sign them, by a clock that a test sets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import jwt

from graphs.runtime.people.means import Means
from graphs.runtime.people.passwords import Passwords
from graphs.runtime.people.rights import Person, permissions_of
from graphs.runtime.people.sealing import Seal
from graphs.runtime.people.signing import SIGNS_FOR, Signing
from graphs.runtime.people.tokens import LASTS_AT_MOST, Tokens
from memory import credentials
from memory.db import Memory
from memory.models import Role
from tests.fakes.clock import Hands

IVAN = Person("u", "ivan", "Иван", "default", (Role.VIEWER,), permissions_of([Role.VIEWER]), "ru")


def tokens(memory: Memory, clock: Hands, new_id: Callable[[], str], secret: str = "s" * 24) -> Tokens:
    means = Means(memory.database, Seal(secret), Passwords(), clock, new_id, new_id)
    return Tokens(means, Signing(means, LASTS_AT_MOST))


def kid(token: str) -> str:
    found: str = jwt.get_unverified_header(token)["kid"]
    return found


async def test_a_token_ends_when_its_time_has_passed(memory: Memory, new_id: Callable[[], str]) -> None:
    clock = Hands()
    ours = tokens(memory, clock, new_id)
    issued = await ours.issue(IVAN, timedelta(hours=1))
    assert (await ours.claims(issued.token)) is not None
    clock.now += timedelta(minutes=59)
    assert (await ours.claims(issued.token)) is not None
    clock.now += timedelta(minutes=1)
    assert (await ours.claims(issued.token)) is None


async def test_a_key_signs_for_its_time_and_verifies_until_its_tokens_have_ended(
    memory: Memory, new_id: Callable[[], str]
) -> None:
    clock = Hands()
    ours = tokens(memory, clock, new_id)
    first = await ours.issue(IVAN, timedelta(hours=1))
    clock.now += SIGNS_FOR - timedelta(minutes=1)
    last = await ours.issue(IVAN, LASTS_AT_MOST)
    assert kid(first.token) == kid(last.token)
    clock.now += timedelta(minutes=2)
    next = await ours.issue(IVAN, timedelta(hours=1))
    assert kid(next.token) != kid(last.token)
    assert (await ours.claims(last.token)) is not None


async def test_machines_share_keys_and_one_with_another_secret_signs_with_its_own(
    memory: Memory, new_id: Callable[[], str]
) -> None:
    clock = Hands()
    one, two = tokens(memory, clock, new_id), tokens(memory, clock, new_id)
    strange = tokens(memory, clock, new_id, "another secret, a long one")
    issued = [await each.issue(IVAN, timedelta(hours=1)) for each in (one, two, strange)]
    assert kid(issued[0].token) == kid(issued[1].token) != kid(issued[2].token)
    for each in (one, two, strange):
        assert all([await each.claims(it.token) for it in issued])


async def test_a_private_key_is_not_kept_as_it_is(memory: Memory, new_id: Callable[[], str]) -> None:
    ours = tokens(memory, Hands(), new_id)
    await ours.issue(IVAN, timedelta(hours=1))
    kept = await memory.read(credentials.signings, Hands().now - timedelta(days=1))
    assert [("BEGIN" in key.private, "BEGIN PUBLIC KEY" in key.public) for key in kept] == [(False, True)]
