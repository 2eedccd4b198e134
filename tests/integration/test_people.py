"""Users, their passwords and sessions, over HTTP on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from api.auth import COOKIE
from memory import audit, people
from tests.fakes.persons import PASSWORD, added, browser, enter, signed
from tests.fakes.postgres import fresh_database
from tests.fakes.served import Api, served

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def api(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Api]:
    folder = tmp_path_factory.mktemp("people")
    with fresh_database(request.param, request, folder) as url:
        async with served(folder, {"database_url": url, "rate_per_minute": 0}) as api:
            yield api


@pytest_asyncio.fixture(loop_scope="module")
async def stranger(api: Api) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(api) as client:
        yield client


async def test_the_token_s_holder_is_an_admin_of_the_default_tenant(api: Api) -> None:
    me = (await api.client.get("me")).json()
    assert (me["id"], me["tenant"], me["roles"]) == (None, "default", ["admin"])
    assert {"user:manage", "pii:read", "review:decide"} <= set(me["permissions"])


async def test_a_person_signs_in_by_the_form_and_is_known_by_the_cookie(api: Api) -> None:
    async with signed(api, "maria@firm.test", "analyst", name="Мария Орлова") as maria:
        me = (await maria.me()).json()
        assert (me["id"], me["login"], me["name"]) == (maria.id, "maria@firm.test", "Мария Орлова")
        assert set(me["permissions"]) == {"review:read", "review:decide", "company:write", "pii:read"}
        cookie = next(one for one in maria.client.cookies.jar if one.name == COOKIE)
        assert cookie.has_nonstandard_attr("HttpOnly")
        assert cookie.get_nonstandard_attr("SameSite") == "lax"
        assert not cookie.secure


async def test_neither_the_password_nor_the_cookie_is_kept_as_it_is(api: Api) -> None:
    async with signed(api, "kept", "viewer") as kept:
        secret = kept.client.cookies[COOKIE]
        user = await api.memory.read(people.get, kept.id)
        assert user is not None and user.password is not None
        assert user.password.startswith("$argon2id$")
        dumped = str((await api.client.get("users")).json())
        assert PASSWORD not in dumped and secret not in dumped and "argon2" not in dumped


@pytest.mark.parametrize(("login", "password"), [("ghost", PASSWORD), ("known", "not the password")])
async def test_a_refusal_does_not_tell_who_is_known(
    api: Api, stranger: httpx.AsyncClient, login: str, password: str
) -> None:
    if not any(user["login"] == "known" for user in (await api.client.get("users")).json()["items"]):
        await added(api, "known", ["viewer"])
    answer = await enter(stranger, login, password)
    assert (answer.status_code, answer.json()["detail"]) == (401, "the login or the password is not right")
    assert COOKIE not in stranger.cookies


async def test_signing_out_ends_the_session_on_the_server(api: Api, stranger: httpx.AsyncClient) -> None:
    async with signed(api, "leaver", "viewer") as leaver:
        secret = leaver.client.cookies[COOKIE]
        left = await leaver.client.post(leaver.client.base_url.join("/logout"))
        assert (left.status_code, left.headers["location"]) == (303, "/login")
        assert COOKIE not in leaver.client.cookies
        again = await stranger.get("me", headers={"Cookie": f"{COOKIE}={secret}"})
        assert again.status_code == 401


async def test_who_is_disabled_is_out_at_once_and_does_not_come_back(
    api: Api, stranger: httpx.AsyncClient
) -> None:
    async with signed(api, "gone", "viewer") as gone:
        assert (await gone.me()).status_code == 200
        answer = await api.client.patch(f"users/{gone.id}", json={"disabled": True})
        assert answer.json()["disabled_at"] is not None
        assert (await gone.me()).status_code == 401
        assert (await enter(stranger, "gone")).status_code == 401
        await api.client.patch(f"users/{gone.id}", json={"disabled": False})
        assert (await gone.me()).status_code == 401
        assert (await enter(stranger, "gone")).status_code == 303


async def test_a_new_role_holds_at_once(api: Api) -> None:
    async with signed(api, "riser", "viewer") as riser:
        assert (await riser.client.get("users")).status_code == 403
        await api.client.patch(f"users/{riser.id}", json={"roles": ["admin"]})
        assert (await riser.client.get("users")).status_code == 200


async def test_a_changed_password_ends_every_session(api: Api, stranger: httpx.AsyncClient) -> None:
    async with signed(api, "careful", "viewer") as careful:
        assert (await enter(stranger, "careful")).status_code == 303
        wrong = await careful.client.put("me/password", json={"old": "wrong", "password": "another one!"})
        assert wrong.status_code == 401
        body = {"old": PASSWORD, "password": "another one!"}
        assert (await careful.client.put("me/password", json=body)).status_code == 204
        assert [(await client.get("me")).status_code for client in (careful.client, stranger)] == [401, 401]
        assert (await enter(stranger, "careful")).status_code == 401
        assert (await enter(stranger, "careful", "another one!")).status_code == 303


async def test_another_site_s_page_changes_nothing_with_our_cookie(api: Api) -> None:
    async with signed(api, "tricked", "admin") as tricked:
        body = {"login": "planted", "roles": ["admin"]}
        for token in ("", "wrong", "я"):
            headers = {"X-CSRF-Token": token.encode()}
            answer = await tricked.client.post("users", json=body, headers=headers)
            assert answer.status_code == 403, answer.text
        csrf = tricked.client.headers.pop("X-CSRF-Token")
        assert (await tricked.client.post("users", json=body)).status_code == 403
        page = tricked.client.base_url.join("/logout?csrf=old")
        for lang, said in (("ru", "Страница устарела"), ("en", "The page was out of date")):
            tricked.client.cookies.set("artel_lang", lang)
            refused = await tricked.client.post(page, headers={"Accept": "text/html"})
            assert (refused.status_code, said in refused.text) == (403, True), refused.text
        assert (await tricked.client.post("users", json=body, params={"csrf": csrf})).status_code == 201


@pytest.mark.parametrize(
    ("next", "to"),
    [
        ("/queue?status=pending", "/queue?status=pending"),
        ("//evil.test/", "/"),
        ("https://evil.test/", "/"),
        ("/\\evil.test", "/"),
        ("", "/"),
    ],
)
async def test_signing_in_leads_to_no_other_site(
    api: Api, stranger: httpx.AsyncClient, next: str, to: str
) -> None:
    login = f"led{abs(hash(next))}"
    await added(api, login, ["viewer"])
    form = {"login": login, "password": PASSWORD, "next": next}
    answer = await stranger.post(stranger.base_url.join("/login"), data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, to)


async def test_nobody_gives_rights_they_have_not_or_changes_their_own(api: Api) -> None:
    async with signed(api, "boss", "admin") as boss:
        assert (await boss.client.patch(f"users/{boss.id}", json={"roles": ["viewer"]})).status_code == 409
        assert (await boss.client.patch(f"users/{boss.id}", json={"disabled": True})).status_code == 409
        assert (await boss.client.patch(f"users/{boss.id}", json={"name": "Босс"})).json()["name"] == "Босс"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"login": "a b", "roles": ["viewer"]}, 422),
        ({"login": "short", "roles": ["viewer"], "password": "123456789"}, 422),
        ({"login": "norole", "roles": []}, 422),
        ({"login": "norole", "roles": ["king"]}, 422),
        ({"login": "TAKEN", "roles": ["viewer"]}, 409),
    ],
)
async def test_what_is_no_user_is_refused(api: Api, body: dict[str, object], status: int) -> None:
    await api.client.post("users", json={"login": "taken", "roles": ["viewer"]})
    assert (await api.client.post("users", json=body)).status_code == status


async def test_what_a_person_does_is_theirs_in_the_audit(api: Api) -> None:
    async with signed(api, "doer", "operator") as doer:
        body = {"name": "nightly", "cron": "0 3 * * *", "graph": "asking"}
        made = await doer.client.post("schedules", json=body, headers={"X-Actor": "somebody else"})
        entries = await api.memory.read(audit.entries, "schedule", made.json()["id"])
        assert [entry.actor for entry in entries] == ["person:doer"]
        await api.client.delete(f"schedules/{made.json()['id']}")
