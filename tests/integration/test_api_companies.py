"""Companies over HTTP: import, search, all about one."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from memory import audit
from memory.db import Memory, TenantSession
from tests.fakes.rows import rows
from tests.fakes.served import Api, served

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Api]:
    async with served(tmp_path_factory.mktemp("api")) as api:
        yield api


@pytest.fixture(scope="module")
def memory(api: Api) -> Memory:
    return api.memory


async def send(api: Api, text: str | bytes, kind: str = "companies", name: str = "a.csv") -> httpx.Response:
    content = text.encode() if isinstance(text, str) else text
    return await api.client.post("companies/import", files={"file": (name, content)}, data={"kind": kind})


def add_known(session: TenantSession) -> None:
    for row in rows("known-"):
        session.add(row)
        session.flush()


async def found(api: Api, query: str) -> list[str]:
    page = await api.client.get("companies", params={"q": query})
    return [company["name"] for company in page.json()["items"]]


async def test_a_file_is_imported_once_and_the_wrong_rows_are_named(api: Api) -> None:
    text = "name,category,inn\nАльфа-Импорт,CRM,7707083893\nБета-Импорт,CRM,7736207544\n,CRM,\n"
    first = await send(api, text)
    assert first.status_code == 200
    report = first.json()
    assert (report["created"], report["updated"], report["rows"]) == (1, 0, 3)
    assert ["line 3" in report["problems"][0], "7736207544" in report["problems"][0]] == [True, True]
    assert len(report["problems"]) == 2
    assert await found(api, "импорт") == ["Альфа-Импорт"]
    again = (await send(api, text)).json()
    assert (again["created"], again["updated"]) == (0, 0)


async def test_integrations_are_imported_between_known_companies(api: Api) -> None:
    await send(api, "name\nОдин-Сервис\nДругой-Сервис\n")
    answer = await send(api, "a,b\nОдин-Сервис,Другой-Сервис\nОдин-Сервис,Никто\n", kind="integrations")
    assert (answer.json()["updated"], len(answer.json()["problems"])) == (2, 1)


async def test_a_company_says_where_each_field_came_from(api: Api) -> None:
    await send(api, "name,city\nГамма-Источник,Казань\n", name="../надёжный.csv")
    [line] = (await api.client.get("companies", params={"q": "Гамма-Источник"})).json()["items"]
    company = (await api.client.get(f"companies/{line['id']}")).json()
    city = next(field for field in company["provenance"] if field["field"] == "city")
    assert (company["city"], city["value"], city["source"]) == ("Казань", "Казань", "csv:надёжный.csv")


async def test_a_company_comes_with_its_news_and_its_partnerships(api: Api, memory: Memory) -> None:
    await memory.write(add_known)
    company = (await api.client.get("companies/known-alpha")).json()
    [signal] = company["signals"]
    assert (signal["type"], signal["evidence"]["quote"]) == ("launch", "Text")
    [pair] = company["partnerships"]
    assert (pair["score"], pair["other"]["name"]) == (0.7, "known-beta")
    [pair] = (await api.client.get("companies/known-beta")).json()["partnerships"]
    assert pair["other"]["name"] == "known-alpha"


async def test_pages_of_companies_meet_without_a_gap_or_a_repeat(api: Api) -> None:
    names = [f"Страница{number}" for number in range(5)]
    await send(api, "name\n" + "\n".join(names))
    seen, cursor = [], None
    while True:
        asked = {"q": "страница", "limit": 2, **({"cursor": cursor} if cursor else {})}
        page = (await api.client.get("companies", params=asked)).json()
        seen += [company["name"] for company in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert seen == names


async def test_companies_are_listed_by_industry(api: Api) -> None:
    await send(api, "name,category\nОтрасль-А,Телефония\nОтрасль-Б,Логистика\n")
    page = (await api.client.get("companies", params={"q": "отрасль", "industry": "Логистика"})).json()
    assert [company["name"] for company in page["items"]] == ["Отрасль-Б"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfen\0a\0m\0e\0", "UTF-8"),
        (b"name\n\x98\xff\n", "UTF-8"),
        ("title,city\nАльфа,Казань\n", "name"),
        ("", "name"),
    ],
)
async def test_a_file_that_is_not_one_is_one_line_and_changes_nothing(
    api: Api, content: str | bytes, words: str
) -> None:
    before = (await api.client.get("companies")).json()
    answer = await send(api, content)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert words in answer.json()["detail"]
    assert "\n" not in answer.json()["detail"]
    assert (await api.client.get("companies")).json() == before


async def test_a_file_of_an_unknown_kind_or_no_file_is_a_422(api: Api) -> None:
    assert (await send(api, "name\nАльфа\n", kind="recipes")).status_code == 422
    missing = await api.client.post("companies/import", data={"kind": "companies"})
    assert (missing.status_code, missing.json()["errors"][0]["field"]) == (422, "body.file")


async def test_an_unknown_company_is_a_404(api: Api) -> None:
    answer = await api.client.get("companies/none")
    assert (answer.status_code, answer.json()["detail"]) == (404, "there is no company 'none'")


@pytest.mark.parametrize("params", [{"cursor": "!"}, {"cursor": "WzFd"}, {"limit": 0}, {"q": "x" * 201}])
async def test_a_bad_question_about_companies_is_a_422(api: Api, params: dict[str, str]) -> None:
    assert (await api.client.get("companies", params=params)).status_code == 422


async def test_a_deleted_company_is_in_no_list_and_is_deleted_once(api: Api, memory: Memory) -> None:
    await send(api, "name,category\nГамма-Удаление,CRM\n")
    company = (await api.client.get("companies", params={"q": "Гамма-Удаление"})).json()["items"][0]
    assert (await api.client.delete(f"companies/{company['id']}")).status_code == 204
    assert await found(api, "Гамма-Удаление") == []
    assert (await api.client.delete(f"companies/{company['id']}")).status_code == 404
    noted = await memory.read(audit.entries, "company", company["id"])
    assert [(entry.action, entry.actor) for entry in noted] == [("company.delete", "person:owner")]
