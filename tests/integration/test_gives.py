"""Nobody gives more rights than they have, in whatever way rights are given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from graphs.runtime.errors import Forbidden
from graphs.runtime.people.invitations import Invitations
from graphs.runtime.people.keys import Keys, NewKey
from graphs.runtime.people.means import Means
from graphs.runtime.people.passwords import Passwords
from graphs.runtime.people.rights import Permission, Person, owner
from graphs.runtime.people.sealing import Seal
from graphs.runtime.people.users import NewUser, Users
from memory.db import Memory
from memory.models import DEFAULT_TENANT, Role
from tests.fakes.clock import Hands

# No role manages users without all the rest; a key or a token may come to.
CLERK = replace(
    owner("ru"), id="clerk", permissions=frozenset({Permission.USER_MANAGE, Permission.REVIEW_READ})
)
Give = Callable[[Means, Person, Role, str], Awaitable[object]]


async def _add(means: Means, by: Person, role: Role, user: str) -> object:
    return await Users(means, DEFAULT_TENANT).add(NewUser(f"new-{role}", "N", [role]), by)


async def _change(means: Means, by: Person, role: Role, user: str) -> object:
    return await Users(means, DEFAULT_TENANT).change(user, {"roles": [role]}, by)


async def _invite(means: Means, by: Person, role: Role, user: str) -> object:
    return await Invitations(means).invite(DEFAULT_TENANT, [role], by)


async def _key(means: Means, by: Person, role: Role, user: str) -> object:
    return await Keys(means, DEFAULT_TENANT).add(NewKey("k", [role], user), by)


@pytest.mark.parametrize("give", [_add, _change, _invite, _key])
async def test_nobody_gives_more_than_they_have(
    memory: Memory, new_id: Callable[[], str], give: Give
) -> None:
    means = Means(memory.database, Seal("s"), Passwords(), Hands(), new_id, new_id)
    user = await Users(means, DEFAULT_TENANT).add(NewUser("ivan", "Иван", [Role.VIEWER]), owner("ru"))
    with pytest.raises(Forbidden, match=r"rights that they have not: .*run:start"):
        await give(means, CLERK, Role.DEVELOPER, user.id)
    await give(means, CLERK, Role.VIEWER, user.id)
    await give(means, owner("ru"), Role.DEVELOPER, user.id)
