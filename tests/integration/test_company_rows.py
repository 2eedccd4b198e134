"""Companies in the database: files taken in, each field with its source, searching, two INNs never one."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from agents.scout.recording import record
from agents.scout.resolution import Ambiguous, Candidate, Directory, Match, New, resolve
from memory import companies, dossier, provenance
from memory.csv_import import CompanyRow, read_companies_csv, read_integrations_csv
from memory.db import Database, Memory, TenantSession
from memory.imports import ImportReport, import_integrations, import_rows
from memory.models import Article, Company, CompanyField, Evidence, Feed, Partnership, Tenant

from ..conftest import START
from ..fakes.sqlite import migrated_file

DATA = Path("evals/datasets/companies")
INNS = ("7736207543", "6663003127", "7707083893")
LATER = START + timedelta(days=1)
FILES = ("vendors.csv", "domains.csv")


def take_file(session: TenantSession, name: str) -> ImportReport:
    rows = read_companies_csv((DATA / name).read_bytes())
    return import_rows(session, rows, source=f"csv:{name}", now=START)


def take_pairs(session: TenantSession) -> ImportReport:
    rows = read_integrations_csv((DATA / "integration_pairs.csv").read_bytes())
    return import_integrations(session, rows, source="csv:integration_pairs.csv", now=LATER)


def take(session: TenantSession, text: str, source: str = "csv:a.csv") -> ImportReport:
    return import_rows(session, read_companies_csv(text.encode()), source=source, now=START)


def pair(session: TenantSession, text: str, source: str = "csv:pairs.csv") -> ImportReport:
    return import_integrations(session, read_integrations_csv(text.encode()), source=source, now=START)


def found(session: TenantSession, /, text: str = "", **options: Any) -> list[str]:
    return [company.name for company in companies.search(session, text, limit=500, **options)]


def one(session: TenantSession, text: str) -> Company:
    [company] = companies.search(session, text)
    return company


def tell(session: TenantSession, company: str, source: str, /, **fields: Any) -> list[str]:
    return provenance.apply_fields(session, one(session, company), fields, source=source, now=LATER)


def everything(session: TenantSession) -> list[list[dict[str, Any]]]:
    return [
        [row.model_dump() for row in session.exec(select(kind).order_by(kind.id))]
        for kind in (Company, CompanyField, Evidence)
    ]


async def test_one_company_in_both_files_is_one_row(memory: Memory) -> None:
    made = [await memory.write(take_file, name) for name in FILES]
    assert [len(report.created) for report in made] == [54, 50]
    assert len(made[1].updated) == 16
    assert made[0].problems == made[1].problems == ()
    names = await memory.read(found)
    assert len(names) == len(set(names)) == 104
    for first, other, domain in [
        ("Битрикс24", "Bitrix24", "bitrix24.ru"),
        ("Хантфлоу", "Huntflow", "huntflow.ru"),
        ("Планфикс", "Planfix", "planfix.com"),
        ("MANGO OFFICE", "Mango Office", "mango-office.ru"),
    ]:
        company = await memory.read(one, other)
        assert (company.name, company.domain) == (first, domain)
        assert other not in names
        [known] = [it for it in await memory.read(companies.known) if it.id == company.id]
        assert known.aliases == (other,)


async def test_the_same_files_again_change_nothing(memory: Memory) -> None:
    for name in FILES:
        await memory.write(take_file, name)
    await memory.write(take_pairs)
    before = await memory.read(everything)
    for name in FILES:
        assert await memory.write(take_file, name) == ImportReport((), (), ())
    assert await memory.write(take_pairs) == ImportReport((), (), ())
    assert await memory.read(everything) == before


async def test_a_wrong_row_is_one_line_and_changes_nothing(memory: Memory) -> None:
    await memory.write(take, "name,city\nАльфа,Омск\n")
    before = await memory.read(everything)
    report = await memory.write(take, "name,city,inn\nАльфа,Казань,7736207544\nБета,Казань,12\n")
    assert (report.created, report.updated) == ((), ())
    assert ["Альфа" in report.problems[0], "Бета" in report.problems[1]] == [True, True]
    assert await memory.read(everything) == before


async def test_every_field_says_whence_when_and_by_what(memory: Memory) -> None:
    await memory.write(take_file, "vendors.csv")
    await memory.write(take_file, "domains.csv")
    company = await memory.read(one, "Хантфлоу")
    told = {(row.field, row.value, row.source, row.observed_at) for row in await notes(memory, company)}
    assert told >= {
        ("name", "Хантфлоу", "csv:vendors.csv", START),
        ("industry", "подбор", "csv:vendors.csv", START),
        ("name", "Huntflow", "csv:domains.csv", START),
        ("industry", "ATS / HR", "csv:domains.csv", START),
        ("domain", "huntflow.ru", "csv:domains.csv", START),
        ("website", "https://huntflow.ru", "csv:domains.csv", START),
    }
    assert {row.evidence_id for row in await notes(memory, company)} == {None}


async def notes(memory: Memory, company: Company) -> list[CompanyField]:
    return await memory.read(provenance.provenance, company.id)


async def test_two_companies_of_one_name_and_two_inns_stay_two(memory: Memory) -> None:
    text = f"name,inn,city\nРомашка,{INNS[0]},Омск\nООО «Ромашка»,{INNS[1]},Тула\n"
    report = await memory.write(take, text)
    assert (len(report.created), report.problems) == (2, ())
    slugs = {company.slug for company in await memory.read(companies.search, "Ромашка")}
    assert len(slugs) == 2 and "romashka" in slugs

    unclear = await memory.write(take, "name,city\nРомашка,Пермь\n")
    assert (unclear.created, unclear.updated) == ((), ())
    [problem] = unclear.problems
    assert problem.startswith("line 2 (Ромашка): several companies")
    clear = await memory.write(take, f"name,inn,description\nЦветы,{INNS[1]},Букеты\n")
    assert clear == ImportReport((), (report.created[1],), ())

    directory = Directory(await memory.read(companies.known))
    assert resolve(Candidate(("Ромашка",)), directory) == Ambiguous(report.created)
    assert resolve(Candidate(("Ромашка",), INNS[1]), directory) == Match(report.created[1], "inn")
    assert resolve(Candidate(("Ромашка",), INNS[2]), directory) == New()


async def test_another_inn_at_one_domain_is_another_company(memory: Memory) -> None:
    text = f"name,inn,domain\nАльфа,{INNS[0]},a1.ru\nБета,{INNS[1]},a1.ru\nБета,,a1.ru\nГамма,,a1.ru\n"
    report = await memory.write(take, text)
    assert await memory.read(found) == ["Альфа", "Бета", "Гамма"]
    assert report.problems == ()


async def test_a_row_joins_by_inn_then_by_domain_then_by_name(memory: Memory) -> None:
    await memory.write(take, f"name,inn,domain\nАльфа,{INNS[0]},a1.ru\nБета,,b1.ru\n")
    text = f"name,inn,domain,city\nБета,{INNS[0]},,Омск\nАльфа,,b1.ru,Тула\nБета,,c1.ru,Пермь\n"
    report = await memory.write(take, text, "csv:b.csv")
    assert report.created == ()
    cities = {company.name: company.city for company in await memory.read(companies.search)}
    assert cities == {"Альфа": "Омск", "Бета": "Пермь"}


async def test_a_name_that_is_an_address_is_its_domain(memory: Memory) -> None:
    await memory.write(take, "name,website\nhh.ru,\nАльфа,https://www.alfa.ru/about\n")
    assert (await memory.read(one, "hh.ru")).website is None
    assert (await memory.read(one, "hh.ru")).domain == "hh.ru"
    report = await memory.write(take, "name,domain\nHeadHunter,hh.ru\nАльфа Сервис,alfa.ru\n")
    assert (report.created, len(report.updated)) == ((), 2)
    assert await memory.read(found) == ["Альфа", "hh.ru"]


async def test_a_file_says_a_field_of_a_type_of_its_own(memory: Memory) -> None:
    text = (
        "name,founded_year,api_available,funding_last_date,staff_count,tags\nА1,2010,false,2024-02-29,0,a;b\n"
    )
    await memory.write(take, text)
    company = await memory.read(one, "А1")
    assert (company.founded_year, company.api_available, company.staff_count) == (2010, False, 0)
    assert (company.funding_last_date, company.tags) == (date(2024, 2, 29), ["a", "b"])
    values = {row.field: row.value for row in await notes(memory, company)}
    assert (values["funding_last_date"], values["staff_count"]) == ("2024-02-29", 0)


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memory]:
    """The bundled files and three companies of one name. No test changes them."""
    yield from _memory(tmp_path_factory, _fill)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memory]:
    """A database whose every change a test takes back."""
    yield from _memory(tmp_path_factory, lambda session: None)


def _memory(folders: pytest.TempPathFactory, fill: Callable[[TenantSession], None]) -> Iterator[Memory]:
    database = Database(migrated_file(folders.mktemp("companies")))
    asyncio.run(Memory(database).write(fill))
    yield Memory(database)
    database.close()


def _fill(session: TenantSession) -> None:
    for name in FILES:
        take_file(session, name)
    take(session, "name,inn\n" + "".join(f"Ромашка,{inn}\n" for inn in INNS))


STRONGER = ["feed:f", "list:brands.txt", "csv:a.csv", "registry:dadata", "person:owner"]


@pytest.mark.parametrize("weaker", range(1, 5))
async def test_a_weaker_source_never_overwrites_a_stronger_one(memory: Memory, weaker: int) -> None:
    await memory.write(take, "name\nАльфа\n")
    strong, weak = STRONGER[weaker], STRONGER[weaker - 1]
    assert await memory.write(tell, "Альфа", strong, city="Омск") == ["city"]
    assert await memory.write(tell, "Альфа", weak, city="Тула") == []
    assert await memory.write(tell, "Альфа", "rumour", city="Пермь") == []
    company = await memory.read(one, "Альфа")
    assert company.city == "Омск"
    told = [(row.value, row.source) for row in await notes(memory, company) if row.field == "city"]
    assert sorted(told) == sorted([("Омск", strong), ("Тула", weak), ("Пермь", "rumour")])


@pytest.mark.parametrize("stronger", range(1, 5))
async def test_a_stronger_source_overwrites_and_the_weaker_note_stays(memory: Memory, stronger: int) -> None:
    await memory.write(take, "name\nАльфа\n")
    await memory.write(tell, "Альфа", STRONGER[stronger - 1], city="Тула")
    assert await memory.write(tell, "Альфа", STRONGER[stronger], city="Омск") == ["city"]
    company = await memory.read(one, "Альфа")
    assert (company.city, company.updated_at) == ("Омск", LATER)
    assert {row.value for row in await notes(memory, company) if row.field == "city"} == {"Омск", "Тула"}


async def test_two_files_that_differ_do_not_take_turns(memory: Memory) -> None:
    await memory.write(take, "name,city\nАльфа,Омск\n", "csv:a.csv")
    await memory.write(take, "name,city\nАльфа,Тула\n", "csv:b.csv")
    again = await memory.write(take, "name,city\nАльфа,Омск\n", "csv:a.csv")
    assert again == ImportReport((), (), ())
    assert (await memory.read(one, "Альфа")).city == "Тула"


async def test_what_is_empty_says_nothing_and_false_says_no(memory: Memory) -> None:
    await memory.write(take, "name,city\nАльфа,Омск\n")
    assert await memory.write(tell, "Альфа", "person:owner", city="", inn=None, tags=[]) == []
    assert await memory.write(tell, "Альфа", "person:owner", active=False) == ["active"]
    assert (await memory.read(one, "Альфа")).city == "Омск"


async def test_only_a_person_renames_and_the_old_name_still_finds(memory: Memory) -> None:
    await memory.write(take, "name\nАльфа\n")
    assert await memory.write(tell, "Альфа", "registry:dadata", name="Бета") == []
    assert await memory.write(tell, "Альфа", "person:owner", name="Гамма") == ["name"]
    assert (await memory.read(one, "Gamma")).name_key == "gama"
    report = await memory.write(take, "name,city\nАльфа,Омск\n", "csv:b.csv")
    assert (report.created, len(report.updated)) == ((), 1)
    # A person may return to what they said before.
    await memory.write(tell, "Гамма", "person:owner", name="Дельта")
    assert await memory.write(tell, "Дельта", "person:owner", name="Гамма") == ["name"]


async def test_lists_grow_and_only_a_person_replaces_them(memory: Memory) -> None:
    await memory.write(take, "name,integrations\nАльфа,Битрикс24;Jira\n")
    assert await memory.write(tell, "Альфа", "csv:b.csv", integrations=["Bitrix24", "Tilda"]) == [
        "integrations"
    ]
    assert (await memory.read(one, "Альфа")).integrations == ["Битрикс24", "Jira", "Tilda"]
    assert await memory.write(tell, "Альфа", "csv:c.csv", integrations=["Bitrix-24", "JIRA"]) == []
    await memory.write(tell, "Альфа", "person:owner", integrations=["Tilda"])
    assert (await memory.read(one, "Альфа")).integrations == ["Tilda"]
    assert await memory.write(tell, "Альфа", "csv:c.csv", integrations=["Slack"]) == []


async def test_an_address_of_a_website_is_the_domain(memory: Memory) -> None:
    await memory.write(take, "name\nАльфа\n")
    changed = await memory.write(tell, "Альфа", "registry:dadata", website="https://www.alfa.ru/x")
    assert sorted(changed) == ["domain", "website"]
    assert (await memory.read(one, "Альфа")).domain == "alfa.ru"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Bitrix24", "Битрикс24"),
        ("битрикс", "Битрикс24"),
        ("мегаплан", "Мегаплан"),
        ("MEGAPLAN", "Мегаплан"),
        ("BITRIX24.RU", "Битрикс24"),
        ("bitrix24.ru", "Битрикс24"),
        ("kaiten.", "Kaiten"),
        ("вакансий и резюме", "hh.ru"),
        ("Вакансий", "hh.ru"),
        ("  hh.ru ", "hh.ru"),
    ],
)
async def test_search_by_name_in_either_script_by_domain_and_by_words(
    bundled: Memory, text: str, name: str
) -> None:
    names = await bundled.read(found, text)
    assert name in names and len(names) <= 3


async def test_search_by_inn_and_by_industry(memory: Memory) -> None:
    await memory.write(take, f"name,inn,category\nАльфа,{INNS[0]},CRM\nБета,{INNS[1]},ЭДО\nГамма,,CRM\n")
    assert await memory.read(found, INNS[1]) == ["Бета"]
    assert await memory.read(found, INNS[1][:9]) == []
    assert await memory.read(found, industry="CRM") == ["Альфа", "Гамма"]
    assert await memory.read(found, "Бета", industry="CRM") == []


@pytest.mark.parametrize("text", ["%", "_", "100%", "ь"])
async def test_a_sign_of_the_query_language_is_a_sign(memory: Memory, text: str) -> None:
    await memory.write(take, "name,description\nАльфа,без знаков\n")
    assert await memory.read(found, text) == []


@pytest.mark.parametrize("size", [1, 7, 104, 105])
async def test_pages_meet_without_a_gap_or_a_repeat(bundled: Memory, size: int) -> None:
    pages = await bundled.read(pages_of, size)
    whole = await bundled.read(lambda session: [row.id for row in companies.search(session, limit=500)])
    assert [id for page in pages for id in page] == whole
    assert len(set(whole)) == len(whole) == 107
    assert {len(page) for page in pages[:-1]} <= {size}


def pages_of(session: TenantSession, size: int) -> list[list[str]]:
    pages: list[list[str]] = []
    after = None
    while page := companies.search(session, limit=size, after=after):
        pages.append([company.id for company in page])
        after = (page[-1].name_key, page[-1].id)
    return pages


async def test_a_deleted_company_is_nowhere_but_in_the_record(memory: Memory) -> None:
    report = await memory.write(take, f"name,inn\nАльфа,{INNS[0]}\nБета,\n")
    id = report.created[0]
    assert await memory.write(companies.soft_delete, id, LATER)
    assert await memory.read(companies.get, id) is None
    assert await memory.read(found) == ["Бета"]
    assert [known.name for known in await memory.read(companies.known)] == ["Бета"]
    [kept] = await memory.read(companies.by_ids, [id, "nobody"])
    assert (kept.deleted_at, kept.updated_at) == (LATER, LATER)
    assert await memory.read(provenance.provenance, id)
    assert not await memory.write(companies.soft_delete, id, LATER)
    assert not await memory.write(companies.soft_delete, "nobody", LATER)


async def test_a_deleted_company_frees_its_inn_and_keeps_its_address(memory: Memory) -> None:
    report = await memory.write(take, f"name,inn\nАльфа,{INNS[0]}\n")
    await memory.write(companies.soft_delete, report.created[0], LATER)
    again = await memory.write(take, f"name,inn\nАльфа Плюс,{INNS[0]}\nАльфа,{INNS[1]}\n", "csv:b.csv")
    assert len(again.created) == 2
    slugs = [company.slug for company in await memory.read(companies.search)]
    assert "alfa" not in slugs and len(set(slugs)) == 2


async def test_a_file_does_not_bring_a_deleted_company_back(memory: Memory) -> None:
    report = await memory.write(take, "name\nАльфа\n")
    await memory.write(companies.soft_delete, report.created[0], LATER)
    before = await memory.read(everything)
    again = await memory.write(take, "name,city\nАльфа,Омск\n", "csv:b.csv")
    assert (again.created, again.updated) == ((), ())
    [problem] = again.problems
    assert problem.startswith("line 2 (Альфа): ") and "deleted" in problem
    assert await memory.read(everything) == before


async def test_an_old_file_does_not_take_back_an_inn_that_a_person_corrected(memory: Memory) -> None:
    text = f"name,inn\nАльфа,{INNS[0]}\n"
    await memory.write(take, text)
    await memory.write(tell, "Альфа", "person:owner", inn=INNS[1])
    report = await memory.write(take, text, "csv:b.csv")
    assert (report.created, report.updated, len(report.problems)) == ((), (), 1)
    assert (await memory.read(one, "Альфа")).inn == INNS[1]


async def test_companies_come_in_the_order_of_their_ids(memory: Memory) -> None:
    a, b, c = (await memory.write(take, "name\nАльфа\nБета\nГамма\n")).created
    rows = await memory.read(companies.by_ids, [c, a, "nobody", c, b])
    assert [row.id for row in rows] == [c, a, b]


async def test_another_tenant_has_companies_of_its_own(memory: Memory, database: Database) -> None:
    await memory.write(lambda session: session.add(Tenant(id="other", name="Other")))
    other = Memory(database, "other")
    ours = await memory.write(take, f"name,inn\nАльфа,{INNS[0]}\n")
    theirs = await other.write(take, f"name,inn\nАльфа,{INNS[0]}\n")
    assert set(ours.created).isdisjoint(theirs.created)
    assert [company.slug for company in await other.read(companies.search)] == ["alfa"]


async def test_an_integration_is_noted_at_both_sides_with_the_page_that_shows_it(memory: Memory) -> None:
    await memory.write(take, "name\nХантфлоу\nJira\n")
    url = "https://zubrit.ocs.ru/jira"
    report = await memory.write(pair, f"a,b,kind,evidence_url\nHuntflow,jira,custom_project,{url}\n")
    assert (len(report.updated), report.problems) == (2, ())
    for name, other in (("Хантфлоу", "Jira"), ("Jira", "Хантфлоу")):
        company = await memory.read(one, name)
        assert company.integrations == [other]
        [note] = [row for row in await notes(memory, company) if row.field == "integrations"]
        shown = await memory.read(dossier.of_company, company.id)
        assert shown is not None
        evidence = shown.evidence[note.evidence_id or ""]
        assert (evidence.url, evidence.quote) == (url, "Проектная интеграция: Хантфлоу и Jira")
        assert (note.source, evidence.fetched_at) == ("csv:pairs.csv", START)


async def test_every_bundled_integration_is_taken_in(memory: Memory) -> None:
    for file in FILES:
        await memory.write(take_file, file)
    report = await memory.write(take_pairs)
    assert (report.created, report.problems) == ((), ())
    pieces = await memory.read(lambda session: session.exec(select(Evidence)).all())
    assert len(pieces) == 35
    assert all((piece.url or "").startswith("http") for piece in pieces)
    partners = Counter({name: len(it) for name, it in await memory.read(integrations)})
    assert (partners["amoCRM"], partners["Мегаплан"], partners["Диадок"]) == (9, 2, 3)


def integrations(session: TenantSession) -> list[tuple[str, list[str]]]:
    return [(company.name, company.integrations) for company in companies.search(session, limit=500)]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("Альфа,Никто", "«Никто» is not a known company"),
        ("Ромашка,Альфа", "«Ромашка» is the name of several companies"),
        ("Альфа,ООО «Альфа»", "both names are of one company"),
        ("Альфа,", "b: "),
    ],
)
async def test_an_integration_of_whoever_it_may_be_is_one_line(memory: Memory, row: str, said: str) -> None:
    await memory.write(take, f"name,inn\nАльфа,\nБета,\nРомашка,{INNS[0]}\nРомашка,{INNS[1]}\n")
    report = await memory.write(pair, f"a,b\n{row}\nАльфа,Бета\n")
    [problem] = report.problems
    assert problem.startswith("line 2 (") and said in problem
    assert (await memory.read(one, "Бета")).integrations == ["Альфа"]
    assert len(report.updated) == 2


async def test_a_name_of_two_lines_is_one_line_in_a_problem(memory: Memory) -> None:
    await memory.write(take, f"name,inn\nРомашка Плюс,{INNS[0]}\nРомашка Плюс,{INNS[1]}\n")
    one_company = await memory.write(take, 'name\n"Ромашка\nПлюс"\n')
    a_pair = await memory.write(pair, 'a,b\n"Ромашка\nПлюс",Никто\n')
    for report in (one_company, a_pair):
        [problem] = report.problems
        assert len(problem.splitlines()) == 1 and "Ромашка Плюс" in problem


async def test_an_integration_of_an_unknown_kind_is_called_one(memory: Memory) -> None:
    await memory.write(take, "name\nАльфа\nБета\n")
    await memory.write(pair, "a,b,kind\nАльфа,Бета,telepathy\n")
    [piece] = await memory.read(lambda session: session.exec(select(Evidence)).all())
    assert (piece.quote, piece.url) == ("Интеграция: Альфа и Бета", None)


async def test_a_dossier_has_the_best_partnerships_first_and_the_unknown_last(memory: Memory) -> None:
    ids = (await memory.write(take, "name\nАльфа\nБета\nГамма\nДельта\n")).created
    scores = {1: 0.4, 2: 0.9, 3: None}

    def store(session: TenantSession) -> None:
        for at, score in scores.items():
            a, b = sorted((ids[0], ids[at]))
            row = Partnership(
                id=f"p{at}", company_a_id=a, company_b_id=b, score=score, created_at=START, updated_at=START
            )
            session.add(row)

    await memory.write(store)
    shown = await memory.read(dossier.of_company, ids[0])
    assert shown is not None
    assert [row.id for row in shown.partnerships] == ["p2", "p1", "p3"]
    assert set(shown.others) == set(ids[1:])
    assert shown.company.name == "Альфа"
    assert await memory.read(dossier.of_company, "nobody") is None


def spot(name: str, inn: str | None, domain: str | None = None) -> dict[str, Any]:
    said = {"name": name, "names": [name], "surface": name, "sentence": f"Компания {name}."}
    return said | {"company_id": None, "inn": inn, "domain": domain}


def read_articles(session: TenantSession, inns: list[str | None]) -> tuple[list[str], list[str]]:
    """An article for each of these INNs, all about a company of one name, recorded in one batch."""
    session.add(Feed(id="feed", url="https://f.test/rss", created_at=START))
    session.flush()
    batch: list[Any] = []
    for at, inn in enumerate(inns):
        session.add(
            Article(id=f"a{at}", feed_id="feed", fingerprint=str(at), title="Т", text="Т", fetched_at=START)
        )
        batch.append({"article_id": f"a{at}", "spots": [spot("Ромашка", inn)], "events": []})
    session.flush()
    return record(session, batch, START)


async def test_articles_with_two_inns_of_one_name_make_two_companies(memory: Memory) -> None:
    named, problems = await memory.write(read_articles, [None, INNS[0], INNS[1], INNS[0]])
    assert (len(named), problems) == (2, [])
    rows = await memory.read(companies.by_ids, named)
    assert [company.inn for company in rows] == [INNS[0], INNS[1]]


ROWS = st.builds(
    CompanyRow,
    name=st.sampled_from(["Ромашка", "Romashka", "Василёк", "Лютик"]),
    inn=st.sampled_from([None, *INNS]),
    domain=st.sampled_from([None, "r.ru", "v.ru"]),
)


@given(rows=st.lists(ROWS, max_size=7))
def test_whatever_rows_come_two_inns_are_never_one_company(empty: Memory, rows: list[CompanyRow]) -> None:
    def told(session: TenantSession) -> tuple[int, list[set[str]]]:
        first = import_rows(session, rows, source="csv:a.csv", now=START)
        again = import_rows(session, rows, source="csv:a.csv", now=LATER)
        inns: dict[str, set[str]] = {id: set() for id in first.created}
        for note in session.exec(select(CompanyField).where(CompanyField.field == "inn")):
            inns[note.company_id].add(note.value)
        return len(again.created), list(inns.values())

    # What a reader writes is thrown away.
    made_again, inns = asyncio.run(empty.read(told))
    assert made_again == 0
    assert all(len(numbers) <= 1 for numbers in inns)
    given_inns = sorted({row.inn for row in rows if row.inn})
    assert sorted(inn for numbers in inns for inn in numbers) == given_inns
