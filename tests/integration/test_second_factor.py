"""One-time codes: RFC 6238's own examples, and signing in by them, by a clock that a test sets."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from graphs.runtime.errors import Conflict, NotSignedIn
from graphs.runtime.people import totp
from graphs.runtime.people.entrance import Entrance
from graphs.runtime.people.rights import Person, owner
from graphs.runtime.people.users import NewUser
from graphs.runtime.services import open_services
from graphs.runtime.settings import Settings
from memory.models import Role
from tests.fakes.clock import Hands
from tests.fakes.persons import PASSWORD
from tests.fakes.served import GRAPHS, TOKEN


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_examples_of_the_rfc(seconds: int, code: str) -> None:
    secret = base64.b32encode(b"12345678901234567890").decode()
    assert totp.code(secret, totp.step_of(datetime.fromtimestamp(seconds, UTC))) == code


@pytest_asyncio.fixture
async def house(empty_database: str, tmp_path: Path) -> AsyncIterator[tuple[Entrance, Hands]]:
    clock = Hands()
    settings = Settings(data_dir=tmp_path, database_url=empty_database, token=TOKEN)
    async with open_services(settings, clock=clock, graphs=GRAPHS) as services:
        yield services.entrance, clock


async def came(entrance: Entrance, code: str = "") -> Person:
    return (await entrance.sessions.sign_in("maria", PASSWORD, code, "127.0.0.1")).person


async def test_a_code_is_asked_for_once_it_is_confirmed_and_good_once(
    house: tuple[Entrance, Hands],
) -> None:
    entrance, clock = house
    new = NewUser("maria", "Мария", [Role.VIEWER], password=PASSWORD)
    await entrance.users("default").add(new, owner("ru"))
    maria = await came(entrance)
    begun = await entrance.second.begin(maria)
    assert begun.address == f"otpauth://totp/Artel%3Amaria?secret={begun.secret}&issuer=Artel"
    assert (await came(entrance)).login == "maria"

    def code(steps: int = 0) -> str:
        return totp.code(begun.secret, totp.step_of(clock.now) + steps)

    with pytest.raises(NotSignedIn):
        await entrance.second.confirm(maria, "000000")
    await entrance.second.confirm(maria, code())
    with pytest.raises(Conflict):
        await entrance.second.begin(maria)
    for wrong in ("", code(), code(-1), code(2), "я" * 6):
        with pytest.raises(NotSignedIn):
            await came(entrance, wrong)
    clock.now += timedelta(seconds=totp.STEP_S)
    tried = await asyncio.gather(*(came(entrance, code()) for _ in range(3)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in tried) == ["NotSignedIn", "NotSignedIn", "Person"]
    clock.now += timedelta(seconds=totp.STEP_S)
    await entrance.second.end(maria, code())
    assert (await came(entrance)).login == "maria"
