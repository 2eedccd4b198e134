"""Companies in a real database: imports that can be repeated, fields with their source, search."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from memory import companies, signals
from memory.csv_import import CompanyRow, IntegrationRow, read_companies_csv, read_integrations_csv
from memory.db import Database, Memory, TenantSession
from memory.imports import ImportReport
from memory.models import Article, Company, CompanyField, Evidence, Feed, Mention, Signal
from memory.signals import Happening
from tests.fakes.postgres import fresh_database
from tests.fakes.rows import NOW

DATA = Path(__file__).parents[2] / "evals" / "datasets" / "companies"
INNS = ("7736207543", "6663003127")
LATER = NOW + timedelta(days=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def memory(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memory]:
    with fresh_database(request.param, request, tmp_path_factory.mktemp("companies")) as url:
        database = Database(url)
        yield Memory(database)
        database.close()


async def imported(memory: Memory, *rows: CompanyRow, source: str = "csv:test") -> ImportReport:
    return await memory.write(companies.import_rows, rows, source=source, now=NOW)


async def everything(memory: Memory) -> list[Company]:
    return await memory.read(companies.search, limit=1000)


async def only(memory: Memory) -> Company:
    [company] = await everything(memory)
    return company


async def claims(memory: Memory, company: Company) -> list[tuple[str, object, str]]:
    rows = await memory.read(companies.provenance, company.id)
    return [(row.field, row.value, row.source) for row in rows]


async def put(memory: Memory, company: Company, source: str, **fields: object) -> list[str]:
    def work(session: TenantSession) -> list[str]:
        row = companies.get(session, company.id)
        assert row is not None
        return companies.apply_fields(session, row, fields, source=source, now=LATER)

    return await memory.write(work)


async def test_the_bundled_files_merge_and_a_second_import_changes_nothing(memory: Memory) -> None:
    async def load() -> list[ImportReport]:
        reports = []
        for name in ("vendors.csv", "domains.csv"):
            rows = read_companies_csv((DATA / name).read_bytes())
            reports.append(await memory.write(companies.import_rows, rows, source=f"csv:{name}", now=NOW))
        pairs = read_integrations_csv((DATA / "integration_pairs.csv").read_bytes())
        source = "csv:integration_pairs.csv"
        reports.append(await memory.write(companies.import_integrations, pairs, source=source, now=NOW))
        return reports

    first = await load()
    assert [len(report.problems) for report in first] == [0, 0, 0]
    found = {company.name: company for company in await everything(memory)}
    assert len(found) == 104
    assert found["Битрикс24"].domain == "bitrix24.ru" and found["hh.ru"].domain == "hh.ru"
    assert not {"Bitrix24", "Huntflow", "Planfix", "Mango Office"} & set(found)
    assert "Albato" in found["Битрикс24"].integrations and "Битрикс24" in found["Albato"].integrations
    again = await load()
    assert [(report.created, report.updated) for report in again] == [((), ())] * 3
    assert {company.name: company for company in await everything(memory)} == found


async def test_an_integration_has_its_page_as_evidence(memory: Memory) -> None:
    await imported(memory, CompanyRow(name="Альфа"), CompanyRow(name="Бета"))
    row = IntegrationRow(line=2, a="Альфа", b="Beta", kind="native", evidence_url="https://a.ru/b")
    await memory.write(companies.import_integrations, [row], source="csv:pairs", now=NOW)
    for company in await everything(memory):
        [field] = [
            it for it in await memory.read(companies.provenance, company.id) if it.field == "integrations"
        ]
        [evidence] = await memory.read(signals.evidence_by_ids, [field.evidence_id or ""])
        assert (evidence.quote, evidence.url) == ("Готовая интеграция: Альфа и Бета", "https://a.ru/b")


async def test_an_integration_of_unknown_companies_is_one_line(memory: Memory) -> None:
    await imported(memory, CompanyRow(name="Альфа"))
    rows = [IntegrationRow(line=2, a="Альфа", b="Гамма"), IntegrationRow(line=3, a="Альфа", b="АЛЬФА")]
    report = await memory.write(companies.import_integrations, rows, source="csv:pairs", now=NOW)
    assert report.updated == ()
    assert [problem.split(":")[0] for problem in report.problems] == [
        "line 2 (Альфа — Гамма)",
        "line 3 (Альфа — АЛЬФА)",
    ]


async def test_a_row_with_a_wrong_number_changes_nothing_and_the_others_go_on(memory: Memory) -> None:
    rows = read_companies_csv("name,inn\nАльфа,7736207544\nБета,7736207543\n".encode())
    report = await memory.write(companies.import_rows, rows, source="csv:test", now=NOW)
    assert (await only(memory)).name == "Бета"
    [problem] = report.problems
    assert problem.startswith("line 2 (Альфа): inn: INN 7736207544")


async def test_two_companies_of_one_name_and_different_inn_stay_two(memory: Memory) -> None:
    twins = [CompanyRow(name="Ромашка", inn=inn) for inn in INNS]
    assert len((await imported(memory, *twins)).created) == 2
    report = await imported(memory, CompanyRow(line=4, name="Ромашка", city="Омск"))
    assert "several companies" in report.problems[0]
    assert await imported(memory, *twins) == ImportReport((), (), ())
    assert len({company.slug for company in await everything(memory)}) == 2


async def test_inn_then_domain_then_name_say_which_company_a_row_means(memory: Memory) -> None:
    await imported(memory, CompanyRow(name="Альфа", inn=INNS[0], domain="www.alfa.ru"))
    for row in (
        CompanyRow(name="Бывшая Альфа", inn=INNS[0], city="Омск"),
        CompanyRow(name="Alfa Online", website="https://alfa.ru/x", country="Россия"),
        CompanyRow(name="ООО «Alfa»", summary="Все звуки"),
    ):
        assert len((await imported(memory, row)).updated) == 1
    company = await only(memory)
    assert (company.name, company.city, company.country) == ("Альфа", "Омск", "Россия")
    [known] = await memory.read(companies.known)
    assert known.aliases == ("Alfa Online", "Бывшая Альфа", "ООО «Alfa»")


async def test_a_field_of_a_stronger_source_stays(memory: Memory) -> None:
    await imported(memory, CompanyRow(name="Альфа", city="Омск"))
    company = await only(memory)
    assert await put(memory, company, "feed:1", city="Томск", country="Россия") == ["country"]
    assert await put(memory, company, "registry:test", city="Тверь") == ["city"]
    assert await put(memory, company, "csv:other", city="Пермь") == []
    assert await put(memory, company, "person:anna", city="Уфа", name="Альфа Плюс") == ["city", "name"]
    company = await only(memory)
    assert (company.city, company.name, company.name_key) == ("Уфа", "Альфа Плюс", "alfaplius")
    said = [(value, source) for field, value, source in await claims(memory, company) if field == "city"]
    assert sorted(said, key=str) == [
        ("Омск", "csv:test"),
        ("Пермь", "csv:other"),
        ("Тверь", "registry:test"),
        ("Томск", "feed:1"),
        ("Уфа", "person:anna"),
    ]


async def test_the_same_value_of_the_same_source_adds_nothing(memory: Memory) -> None:
    await imported(memory, CompanyRow(name="Альфа", funding_last_date=date(2020, 1, 2)))
    before = await claims(memory, await only(memory))
    await imported(memory, CompanyRow(name="Альфа", funding_last_date=date(2020, 1, 2)))
    assert await claims(memory, await only(memory)) == before
    assert ("funding_last_date", "2020-01-02", "csv:test") in before


async def test_lists_grow_and_only_a_person_shortens_them(memory: Memory) -> None:
    await imported(memory, CompanyRow(name="Альфа", tags=["crm", "чаты"]))
    company = await only(memory)
    await put(memory, company, "feed:1", tags=["почта"])
    assert (await only(memory)).tags == ["crm", "чаты"]
    await put(memory, company, "csv:other", tags=["CRM", "почта"])
    assert (await only(memory)).tags == ["crm", "чаты", "почта"]
    await put(memory, company, "person:anna", tags=["почта"])
    assert (await only(memory)).tags == ["почта"]


async def test_an_unknown_field_is_refused(memory: Memory) -> None:
    await imported(memory, CompanyRow(name="Альфа"))
    with pytest.raises(ValueError, match="no field slug"):
        await put(memory, await only(memory), "person:anna", slug="beta")


async def test_search_by_any_spelling_domain_inn_or_description(memory: Memory) -> None:
    row = CompanyRow(name="МойСклад", inn=INNS[0], domain="moysklad.ru", description="Складской учёт")
    await imported(memory, row, CompanyRow(name="Бета", industry="CRM"))
    for text in ("мойскл", "MoySklad", "moysklad.ru", INNS[0], "складской", "Учёт"):
        found = [company.name for company in await memory.read(companies.search, text)]
        assert found == ["МойСклад"], text
    assert [it.name for it in await memory.read(companies.search, "", industry="CRM")] == ["Бета"]
    assert await memory.read(companies.search, "100%_") == []


async def test_search_goes_on_after_the_last_one(memory: Memory) -> None:
    await imported(memory, *(CompanyRow(name=f"Компания {number}") for number in range(7)))
    seen: list[str] = []
    after = None
    while page := await memory.read(companies.search, "", limit=3, after=after):
        seen += [company.name for company in page]
        after = (page[-1].name_key, page[-1].id)
    assert sorted(seen) == [f"Компания {number}" for number in range(7)]


async def test_a_deleted_company_is_in_no_list_but_on_record(memory: Memory) -> None:
    await imported(memory, CompanyRow(name="Альфа", inn=INNS[0]))
    company = await only(memory)
    assert await memory.write(companies.soft_delete, company.id, LATER)
    assert not await memory.write(companies.soft_delete, company.id, LATER)
    assert await everything(memory) == [] and await memory.read(companies.known) == []
    assert [it.name for it in await memory.read(companies.by_ids, [company.id, company.id])] == ["Альфа"]


async def test_what_an_article_says_is_written_once(memory: Memory) -> None:
    await imported(memory, CompanyRow(name="Альфа"), CompanyRow(name="Бета"))
    a, b = sorted(company.id for company in await everything(memory))
    happening = Happening("partnership", a, "Бета", b, None, date(2026, 1, 2), "Альфа и Бета подписали.")

    def work(session: TenantSession) -> str:
        session.merge(Feed(id="f", url="https://f.ru", created_at=NOW))
        article = session.merge(
            Article(
                id="n",
                feed_id="f",
                fingerprint="x",
                title="Т",
                text="Альфа и Бета подписали.",
                fetched_at=NOW,
            )
        )
        session.flush()
        for company in (a, b):
            signals.record_mention(session, "n", company, "Альфа")
        return signals.record_signal(session, article, happening, NOW)

    assert await memory.write(work) == await memory.write(work)
    for kind, count in ((Mention, 2), (Signal, 1), (Evidence, 1)):
        assert len(await memory.read(lambda session, kind=kind: session.exec(select(kind)).all())) == count
    [signal] = await memory.read(signals.signals_of, [b])
    assert signal.company_id == a and await memory.read(signals.signals_by_ids, [signal.id, "?"]) == [signal]
    assert await memory.read(signals.signals_of, [b], article_ids=["other"]) == []
    assert {name: sorted(ids) for name, ids in (await memory.read(signals.mentioned, ["n"])).items()} == {
        "n": [a, b]
    }


async def test_evidence_of_a_field_stays_with_it(memory: Memory) -> None:
    await imported(memory, CompanyRow(name="Альфа"))
    rows = await memory.read(lambda session: session.exec(select(CompanyField)).all())
    assert [(row.field, row.value, row.evidence_id, row.observed_at) for row in rows] == [
        ("name", "Альфа", None, NOW)
    ]
