"""INN, OGRN and exports of registries."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.registries import (
    ChecksumRegistry,
    CsvRegistry,
    RegistryError,
    RegistryRecord,
    inn_of_cell,
    valid_inn,
    valid_ogrn,
)

SOFTWARE_HEADER = [
    "Идентификационный номер (ИНН)",
    "Наименование ПО",
    "Сокращенное наименование (ФИО) правообладателя",
    "Код продукции",
    "Дата исключения",
]
ACCREDITED_HEADER = ["№", "Наименование организации", "ИНН", "ОГРН", "КПП", "Юридический адрес", "Статус"]


@pytest.mark.parametrize("inn", ["7736207543", "6663003127", "7707083893", "500100732259"])
def test_real_inns_are_valid(inn: str) -> None:
    assert valid_inn(inn)


@pytest.mark.parametrize(
    "inn",
    [
        "7736207544",
        "",
        "773620754",
        "77362075433",
        "0000000000",
        " 7736207543",
        "7736 207543",
        "７７３６２０７５４３",
    ],
)
def test_what_is_no_inn(inn: str) -> None:
    assert not valid_inn(inn)


@pytest.mark.parametrize("ogrn", ["1027700229193", "1026605606620", "1022600000092", "304500116000157"])
def test_real_ogrns_are_valid(ogrn: str) -> None:
    assert valid_ogrn(ogrn)


@pytest.mark.parametrize("ogrn", ["1022600000093", "", "102770022919", "304500116000158", "204500116000157"])
def test_what_is_no_ogrn(ogrn: str) -> None:
    assert not valid_ogrn(ogrn)


@given(st.integers(10**13 * 3, 10**13 * 5 - 1))
def test_every_sole_trader_has_exactly_one_check_digit(number: int) -> None:
    assert sum(valid_ogrn(f"{number}{digit}") for digit in range(10)) == 1


@given(st.text())
def test_any_text_can_be_asked(text: str) -> None:
    assert not valid_inn(text) or len(text) in (10, 12)
    assert not valid_ogrn(text) or len(text) in (13, 15)


@pytest.mark.parametrize(
    ("cell", "inn"),
    [
        ("7736207543", "7736207543"),
        ("7736207543.0", "7736207543"),
        (" 7736207543,00 ", "7736207543"),
        ("7736 207 543", "7736207543"),
        ("274062111", "0274062111"),
        ("274062111.0", "0274062111"),
        ("500100732259.0", "500100732259"),
        ("7.736207543E+09", None),
        ("7736207544", None),
        ("", None),
        ("нет", None),
    ],
)
def test_an_inn_that_excel_has_touched(cell: str, inn: str | None) -> None:
    assert inn_of_cell(cell) == inn


async def test_without_a_registry_nothing_is_verified() -> None:
    assert await ChecksumRegistry().find("7736207543") is None


def export(path: Path, rows: list[list[str]], delimiter: str = ";", encoding: str = "utf-8-sig") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1251"])
async def test_the_registry_of_software(tmp_path: Path, delimiter: str, encoding: str) -> None:
    rows = [
        ["Реестр российского программного обеспечения", "", "", "", ""],
        ["", "", "", "", ""],
        SOFTWARE_HEADER,
        ["7736207543.0", "Яндекс Трекер", "ООО «ЯНДЕКС»", "58.29.29\n62.01.11", ""],
        ["7736207543.0", "Яндекс Формы; анкеты, опросы", "ООО «ЯНДЕКС»", "58.29.29", "01.02.2024"],
        ["274062111.0", "Программа", "ПАО «Уфа»", "58.29.29", ""],
        ["7736207544", "С опечаткой", "ООО «Никто»", "", ""],
        ["", "Без номера", "John Smith", "", ""],
        ["6663003127"],
    ]
    path = export(tmp_path / "reestr.csv", rows, delimiter, encoding)
    registry = CsvRegistry(path)
    assert await registry.find("7736207543") == RegistryRecord(
        inn="7736207543",
        ogrn=None,
        kpp=None,
        legal_name="ООО «ЯНДЕКС»",
        address=None,
        status=None,
        source="reestr.csv",
    )
    leading_zero, short_row = await registry.find("0274062111"), await registry.find("6663003127")
    assert leading_zero is not None and leading_zero.legal_name == "ПАО «Уфа»"
    assert short_row is not None and short_row.legal_name is None
    assert await registry.find("7736207544") is None
    assert await registry.find("7707083893") is None


async def test_the_registry_of_accredited_companies(tmp_path: Path) -> None:
    rows = [
        ACCREDITED_HEADER,
        [
            "1",
            "ООО «ЯНДЕКС»",
            "7736207543",
            "1027700229193",
            "770401001",
            "Москва, ул. Льва Толстого",
            "Действует",
        ],
        ["2", "АО «КОНТУР»", "6663003127", "1026605606621", "6663", "", "Прекратило деятельность"],
        ["3", "ПАО СБЕРБАНК", "7707083893", "", "", "", "Исключена из реестра"],
    ]
    registry = CsvRegistry(export(tmp_path / "it.csv", rows))
    assert await registry.find("7736207543") == RegistryRecord(
        inn="7736207543",
        ogrn="1027700229193",
        kpp="770401001",
        legal_name="ООО «ЯНДЕКС»",
        address="Москва, ул. Льва Толстого",
        status="active",
        source="it.csv",
    )
    closed, excluded = await registry.find("6663003127"), await registry.find("7707083893")
    assert closed is not None
    assert (closed.status, closed.ogrn, closed.kpp, closed.address) == ("liquidated", None, None, None)
    assert excluded is not None and excluded.status is None, "out of a registry is not out of business"


def test_a_header_further_down_or_none_is_one_clear_line(tmp_path: Path) -> None:
    path = export(tmp_path / "late.csv", [["", ""]] * 10 + [SOFTWARE_HEADER])
    with pytest.raises(RegistryError) as caught:
        CsvRegistry(path)
    assert str(caught.value) == "late.csv: no column «ИНН» in the first 10 rows"
    with pytest.raises(RegistryError, match="cannot be read"):
        CsvRegistry(tmp_path / "none.csv")
    (tmp_path / "noise.csv").write_bytes(bytes(range(256)) * 10)
    with pytest.raises(RegistryError):
        CsvRegistry(tmp_path / "noise.csv")
    (tmp_path / "field.csv").write_text("ИНН;x\n" + "y" * 200_000)
    with pytest.raises(RegistryError, match="not a CSV file"):
        CsvRegistry(tmp_path / "field.csv")
