"""CSV files of companies and integrations: what is read, and the one line for what is not."""

from __future__ import annotations

import csv
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.csv_import import (
    CompanyRow,
    CsvProblem,
    IntegrationRow,
    Unreadable,
    read_companies_csv,
    read_integrations_csv,
)
from memory.names import name_key

DATA = Path("evals/datasets/companies")


def only(data: bytes) -> CompanyRow:
    [row] = read_companies_csv(data)
    assert isinstance(row, CompanyRow)
    return row


def refused(data: bytes) -> Unreadable:
    [row] = read_companies_csv(data)
    assert isinstance(row, Unreadable)
    assert len(row.problem.splitlines()) == 1
    return row


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_any_usual_encoding_and_delimiter(encoding: str, delimiter: str, end: str) -> None:
    lines = [("name", "city", "inn"), ("Ёлка «24»", "Казань", "7736207543")]
    text = end.join(delimiter.join(line) for line in lines) + end
    row = only(text.encode(encoding))
    assert (row.line, row.name, row.city, row.inn) == (2, "Ёлка «24»", "Казань", "7736207543")


def test_the_bundled_files_are_read_whole() -> None:
    vendors = read_companies_csv((DATA / "vendors.csv").read_bytes())
    domains = read_companies_csv((DATA / "domains.csv").read_bytes())
    pairs = read_integrations_csv((DATA / "integration_pairs.csv").read_bytes())
    assert (len(vendors), len(domains), len(pairs)) == (54, 66, 35)
    assert not [row for row in [*vendors, *domains, *pairs] if isinstance(row, Unreadable)]
    first = vendors[0]
    assert isinstance(first, CompanyRow)
    assert (first.name, first.industry) == ("Albato", "iPaaS")
    assert isinstance(pairs[0], IntegrationRow)
    assert (pairs[0].a, pairs[0].b, pairs[0].kind) == ("Albato", "Mertago", "native")


def test_columns_may_be_in_russian_in_any_order_with_others_between() -> None:
    row = only("Сайт;Примечание; ИНН ;Наименование;Категория\nx.ru;-;7707083893;Икс;CRM\n".encode())
    assert (row.name, row.inn, row.website, row.industry) == ("Икс", "7707083893", "x.ru", "CRM")


def test_lists_numbers_and_dates_are_read() -> None:
    head = "name,tech_stack,markets,founded_year,staff_count,api_available,business_model,funding_last_date"
    row = only(f'{head}\nА1,"Python; ; Go",Россия,2010,51,false,B2B,2024-02-29\n'.encode())
    assert (row.tech_stack, row.markets) == (["Python", "Go"], ["Россия"])
    assert (row.founded_year, row.staff_count, row.api_available) == (2010, 51, False)
    assert (row.business_model, row.funding_last_date) == ("B2B", date(2024, 2, 29))


def test_a_number_that_a_table_editor_spoiled_is_mended() -> None:
    row = only("name,inn,ogrn\nАльфа,7736207543.0,1 027 700 229 193\n".encode())
    assert (row.inn, row.ogrn) == ("7736207543", "1027700229193")


def test_empty_lines_and_cells_say_nothing_and_lines_keep_their_numbers() -> None:
    rows = read_companies_csv("name,city\n\n,\nАльфа,\nБета,Омск,лишнее\n".encode())
    assert [(row.line, row.name, row.city) for row in rows if isinstance(row, CompanyRow)] == [
        (4, "Альфа", None),
        (5, "Бета", "Омск"),
    ]


def test_a_quoted_cell_may_hold_delimiters_quotes_and_lines() -> None:
    row = only('name;description\n"ООО ""Альфа; Бета""";"одна\nдругая"\n'.encode())
    assert (row.name, row.description) == ('ООО "Альфа; Бета"', "одна\nдругая")


def test_a_domain_is_written_in_one_way() -> None:
    assert only(b"name,domain\nA1,https://WWW.A1.ru/x\n").domain == "a1.ru"


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ("name,inn\nАльфа,7736207544\n", "inn: INN 7736207544 is wrong"),
        ("name,inn\nАльфа,12\n", "INN 12 is wrong"),
        ("name,ogrn\nАльфа,1022600000093\n", "ogrn: OGRN 1022600000093 is wrong"),
        ("name,kpp\nАльфа,12\n", "kpp: "),
        ("name,domain\nАльфа,не домен\n", "не домен is no domain"),
        ("name,founded_year\nАльфа,давно\n", "founded_year: "),
        ("name,staff_count\nАльфа,-1\n", "staff_count: "),
        ("name,business_model\nАльфа,C2C\n", "business_model: "),
        ("name,funding_last_date\nАльфа,вчера\n", "funding_last_date: "),
    ],
)
def test_a_wrong_cell_is_one_line_that_names_its_row(cells: str, said: str) -> None:
    row = refused(cells.encode())
    assert row.line == 2
    assert row.problem.startswith("line 2 (Альфа): ")
    assert said in row.problem


@pytest.mark.parametrize("name", ["", "«»", "—"])
def test_a_row_without_a_name_is_refused(name: str) -> None:
    assert "line 2" in refused(f"name,city\n{name},Омск\n".encode()).problem


def test_a_wrong_row_in_a_name_of_two_lines_is_still_one_line() -> None:
    assert "7736207544" in refused('name,inn\n"Аль\nфа",7736207544\n'.encode()).problem


def test_a_wrong_row_leaves_the_others_alone() -> None:
    rows = read_companies_csv("name,inn\nА1,7736207543\nБ1,7736207544\nВ1,7707083893\n".encode())
    assert [type(row) for row in rows] == [CompanyRow, Unreadable, CompanyRow]
    assert isinstance(rows[1], Unreadable) and rows[1].line == 3


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no column «name»"),
        (b"\xef\xbb\xbf", "no column «name»"),
        ("title,city\nАльфа,Омск\n".encode(), "no column «name»"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "not a text file"),
        ("name\nАльфа\n".encode("utf-16"), "not a text file"),
        (b"name\n\x98\xff\xfe\n", "neither UTF-8 nor windows-1251"),
        (bytes(range(1, 152)), "no column «name»"),
        (b'name\n"' + b"x" * 200_000 + b'"\n', "not a CSV file"),
    ],
)
def test_a_file_that_is_not_one_is_one_line(data: bytes, said: str) -> None:
    with pytest.raises(CsvProblem) as problem:
        read_companies_csv(data)
    assert said in str(problem.value)
    assert len(str(problem.value).splitlines()) == 1


def test_integrations_need_both_sides() -> None:
    with pytest.raises(CsvProblem, match="«a», «b»"):
        read_integrations_csv(b"name\nA1\n")
    [row] = read_integrations_csv("a,b\nАльфа,\n".encode())
    assert isinstance(row, Unreadable)
    assert row.problem.startswith("line 2 (Альфа): b: ")


@given(st.binary())
def test_no_bytes_break_the_reader(data: bytes) -> None:
    try:
        rows = read_companies_csv(b"name,inn,domain\n" + data)
    except CsvProblem as problem:
        assert len(str(problem).splitlines()) == 1
    else:
        assert all(isinstance(row, Unreadable) or name_key(row.name) for row in rows)


CELLS = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=20).map(str.strip)


@given(CELLS.filter(name_key), CELLS, st.sampled_from(",;\t"), st.sampled_from(["utf-8", "utf-8-sig"]))
def test_what_a_table_editor_writes_is_read_back(name: str, city: str, delimiter: str, encoding: str) -> None:
    file = StringIO()
    csv.writer(file, delimiter=delimiter).writerows([("name", "city"), (name, city)])
    row = only(file.getvalue().encode(encoding))
    assert (row.name, row.city or "") == (name, city)


def test_broken_utf_8_is_not_read_as_another_encoding() -> None:
    data = "name,category\nТест ".encode() + b"\xff\xfe" + " Битый,CRM\n".encode()
    with pytest.raises(CsvProblem, match="broken UTF-8 at byte"):
        read_companies_csv(data)


def test_a_quote_that_never_closes_is_no_company() -> None:
    with pytest.raises(CsvProblem):
        read_companies_csv('name,category\n"незакрытая,CRM\n'.encode())
