"""CSV files of companies and of integrations: bytes in, checked rows out.

UTF-8 with or without a mark, or windows-1251; commas, semicolons or tabs. A file that is not one raises
CsvProblem; a row that is wrong becomes an Unreadable with one line, and the other rows go on.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from io import StringIO
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from .models import BusinessModel
from .names import domain_of, name_key
from .numbers import is_inn, is_ogrn

# Other words for a column, as files call it.
_COLUMNS = {
    "category": "industry",
    "название": "name",
    "наименование": "name",
    "компания": "name",
    "инн": "inn",
    "огрн": "ogrn",
    "кпп": "kpp",
    "сайт": "website",
    "site": "website",
    "url": "website",
    "домен": "domain",
    "описание": "description",
    "категория": "industry",
    "отрасль": "industry",
    "город": "city",
    "страна": "country",
    "адрес": "address",
    "email": "contact_email",
}


_UTF8_CYRILLIC = re.compile(rb"[\xd0\xd1][\x80-\xbf]")
_NOT_ASCII = re.compile(rb"[\x80-\xff]")


class CsvProblem(Exception):
    """The file as a whole cannot be read; one line says why."""


@dataclass(frozen=True)
class Unreadable:
    """A row that says something impossible; `problem` is one line that names it."""

    line: int
    problem: str


def _items(value: Any) -> Any:
    return [item.strip() for item in value.split(";") if item.strip()] if isinstance(value, str) else value


def _digits(value: Any) -> Any:
    # A table editor makes 7736207543.0 of an INN.
    return "".join(value.split()).removesuffix(".0") if isinstance(value, str) else value


Items = Annotated[list[str], BeforeValidator(_items)]
Digits = Annotated[str, BeforeValidator(_digits)]


class CompanyRow(BaseModel):
    """A company as a file describes it; lists are separated by semicolons. Unknown columns are ignored."""

    model_config = ConfigDict(str_strip_whitespace=True, extra="ignore")

    line: int = 0
    name: str = Field(min_length=1, max_length=300)
    legal_name: str | None = None
    inn: Digits | None = None
    ogrn: Digits | None = None
    kpp: Annotated[Digits, Field(pattern=r"^\d{9}$")] | None = None
    address: str | None = None
    website: str | None = None
    domain: str | None = None
    contact_email: str | None = None
    description: str | None = None
    industry: str | None = None
    sub_industries: Items = []
    business_model: BusinessModel | None = None
    founded_year: int | None = Field(None, ge=1800, le=2200)
    country: str | None = None
    city: str | None = None
    staff_count: int | None = Field(None, ge=0, lt=2**31)
    staff_range: str | None = None
    funding_total_rub: int | None = Field(None, ge=0, lt=2**53)
    funding_stage: str | None = None
    funding_last_date: date | None = None
    tech_stack: Items = []
    integrations: Items = []
    api_available: bool | None = None
    api_docs_url: str | None = None
    markets: Items = []
    summary: str | None = None
    tags: Items = []

    @field_validator("name")
    @classmethod
    def _names_something(cls, value: str) -> str:
        if not name_key(value):
            raise ValueError("a name has letters or digits")
        return value

    @field_validator("inn")
    @classmethod
    def _inn_holds(cls, value: str | None) -> str | None:
        if value is not None and not is_inn(value):
            raise ValueError(f"INN {value} is wrong: 10 or 12 digits whose checksum holds")
        return value

    @field_validator("ogrn")
    @classmethod
    def _ogrn_holds(cls, value: str | None) -> str | None:
        if value is not None and not is_ogrn(value):
            raise ValueError(f"OGRN {value} is wrong: 13 or 15 digits whose checksum holds")
        return value

    @field_validator("domain")
    @classmethod
    def _is_host(cls, value: str | None) -> str | None:
        host = domain_of(value) if value else None
        if value and host is None:
            raise ValueError(f"{value} is no domain")
        return host


class IntegrationRow(BaseModel):
    """Two products that work together, and the page that shows it."""

    model_config = ConfigDict(str_strip_whitespace=True, extra="ignore")

    line: int = 0
    a: str = Field(min_length=1)
    b: str = Field(min_length=1)
    kind: str = ""
    evidence_url: str | None = None


Row = TypeVar("Row", bound=BaseModel)


def read_companies_csv(data: bytes) -> list[CompanyRow | Unreadable]:
    """The rows of a file of companies; it needs a column `name`. Errors: CsvProblem."""
    return [_checked(CompanyRow, line, cells) for line, cells in _records(data, ("name",))]


def read_integrations_csv(data: bytes) -> list[IntegrationRow | Unreadable]:
    """The rows of a file of integrations; it needs columns `a` and `b`. Errors: CsvProblem."""
    return [_checked(IntegrationRow, line, cells) for line, cells in _records(data, ("a", "b"))]


def _checked(model: type[Row], line: int, cells: Mapping[str, str]) -> Row | Unreadable:
    try:
        return model.model_validate({**cells, "line": line})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"][:1])
        said = f"{where}: {first['msg'].removeprefix('Value error, ')}"
        named = cells.get("name") or cells.get("a") or "—"
        # A cell may have lines of its own, a problem is one.
        return Unreadable(line, " ".join(f"line {line} ({named}): {said}".split()))


def _records(data: bytes, needed: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row with something in it as (line of the file, cells by column)."""
    text = _decoded(data)
    reader = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        header = [_column(cell) for cell in next(reader, [])]
        if missing := [name for name in needed if name not in header]:
            raise CsvProblem(f"no column «{'», «'.join(missing)}» in the first line")
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise CsvProblem(f"not a CSV file: {error}") from error
    for line, row in rows:
        cells = {name: cell.strip() for name, cell in zip(header, row, strict=False) if cell.strip()}
        if cells:
            yield line, cells


def _decoded(data: bytes) -> str:
    if b"\0" in data:
        raise CsvProblem("not a text file: save it as CSV in UTF-8 or windows-1251")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # windows-1251 takes nearly any byte, so broken UTF-8 would become names that nobody wrote.
        if 2 * len(_UTF8_CYRILLIC.findall(data)) > len(_NOT_ASCII.findall(data)) / 2:
            raise CsvProblem(f"broken UTF-8 at byte {error.start}: save the file again in UTF-8") from error
    try:
        return data.decode("cp1251")
    except UnicodeDecodeError as error:
        raise CsvProblem("the encoding is neither UTF-8 nor windows-1251") from error


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def _column(cell: str) -> str:
    name = cell.strip().lower().replace(" ", "_")
    return _COLUMNS.get(name, name)
