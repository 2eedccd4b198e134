"""Who a company officially is, by its INN.

No registry is connected by default: a checksum says that a number is well formed, never whose it is, so the
default answers "not found in any registry". An export of the registry of Russian software or of accredited IT
companies (reestr.digital.gov.ru, CSV made from the XLS) answers for the companies it lists.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Literal, Protocol

from stdnum.ru import inn as inn_number
from stdnum.ru import ogrn as ogrn_number

HEADER_WITHIN_ROWS = 10

Status = Literal["active", "liquidated"]

# How the exports name what we read; the wording differs from registry to registry.
_COLUMNS = {
    "inn": re.compile(r"\bинн\b"),
    "ogrn": re.compile(r"\bогрн(?:ип)?\b"),
    "kpp": re.compile(r"\bкпп\b"),
    "legal_name": re.compile(
        r"наименование.*(?:правообладател|организации|компании|лица)"
        r"|^(?:(?:полное|сокращ[её]нное) )?наименование$"
    ),
    "address": re.compile(r"адрес"),
    "status": re.compile(r"статус|состояние"),
}


class RegistryError(Exception):
    """The export cannot be used; the line says what is missing."""


@dataclass(frozen=True)
class RegistryRecord:
    """What the registry named `source` says of the holder of `inn`; None where it says nothing."""

    inn: str
    ogrn: str | None
    kpp: str | None
    legal_name: str | None
    address: str | None
    status: Status | None
    source: str


class Registry(Protocol):
    """A registry of companies."""

    async def find(self, inn: str) -> RegistryRecord | None:
        """The record of this INN; None means "not found", never "verified" and never "does not exist"."""
        ...


class ChecksumRegistry:
    """No registry: knows no company."""

    async def find(self, inn: str) -> RegistryRecord | None:
        return None


class CsvRegistry:
    """An export as CSV: UTF-8 or windows-1251, `;`, `,` or tab, the header within the first ten rows."""

    def __init__(self, path: Path) -> None:
        """Errors: RegistryError when the file cannot be read or has no INN column."""
        self._records = _records(path)

    async def find(self, inn: str) -> RegistryRecord | None:
        return self._records.get(inn)


def valid_inn(text: str) -> bool:
    """Whether `text` is an INN as it is stored: 10 or 12 digits, nothing else, and the checksum holds."""
    # Ten zeros pass the checksum, but no tax office has the number 00.
    return _is_number(text) and not text.startswith("00") and bool(inn_number.is_valid(text))


def valid_ogrn(text: str) -> bool:
    """Whether `text` is an OGRN (13 digits) or OGRNIP (15 digits) whose checksum holds."""
    if not _is_number(text):
        return False
    if len(text) == 15:
        # The last digit of the remainder is meant; stdnum 2.2 compares the whole remainder, 10 to 12 too.
        return text[0] in "34" and int(text[:14]) % 13 % 10 == int(text[14])
    return bool(ogrn_number.is_valid(text))


def inn_of_cell(cell: str) -> str | None:
    """The INN in a cell Excel has touched (7736207543.0, a leading zero lost), None when there is none."""
    digits = re.sub(r"[.,]0+$", "", "".join(cell.split()))
    padded = {9: "0" + digits, 11: "0" + digits}.get(len(digits), digits)
    return padded if valid_inn(padded) else None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _records(path: Path) -> dict[str, RegistryRecord]:
    columns, rows = _table(path)
    records: dict[str, RegistryRecord] = {}
    for row in rows:
        cells = {name: row[at].strip() for name, at in columns.items() if at < len(row)}
        if inn := inn_of_cell(cells.get("inn", "")):
            # One company has a row for each of its products; they repeat the same holder.
            records.setdefault(inn, _record(inn, cells, path.name))
    return records


def _record(inn: str, cells: Mapping[str, str], source: str) -> RegistryRecord:
    ogrn, kpp = cells.get("ogrn", ""), cells.get("kpp", "")
    return RegistryRecord(
        inn=inn,
        ogrn=ogrn if valid_ogrn(ogrn) else None,
        kpp=kpp if _is_number(kpp) and len(kpp) == 9 else None,
        legal_name=cells.get("legal_name") or None,
        address=cells.get("address") or None,
        status=_status(cells.get("status", "").lower()),
        source=source,
    )


def _status(said: str) -> Status | None:
    if re.search(r"ликвидирован|прекра[тщ]|недейств|не действ", said):
        return "liquidated"
    return "active" if "действ" in said else None


def _table(path: Path) -> tuple[dict[str, int], list[list[str]]]:
    """Where each known column stands, and the rows below the header."""
    text = _text(path)
    for delimiter in ";,\t":
        try:
            rows = list(csv.reader(StringIO(text, newline=""), delimiter=delimiter))
        except csv.Error as error:
            raise RegistryError(f"{path.name}: not a CSV file ({error})") from error
        for at, row in enumerate(rows[:HEADER_WITHIN_ROWS]):
            columns = _columns(row)
            if "inn" in columns and len(row) > 1:
                return columns, rows[at + 1 :]
    raise RegistryError(f"{path.name}: no column «ИНН» in the first {HEADER_WITHIN_ROWS} rows")


def _columns(row: list[str]) -> dict[str, int]:
    header = [" ".join(cell.lower().split()) for cell in row]
    places = {name: _places(title, header) for name, title in _COLUMNS.items()}
    return {name: found[0] for name, found in places.items() if found}


def _places(title: re.Pattern[str], header: list[str]) -> list[int]:
    return [at for at, cell in enumerate(header) if title.search(cell)]


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise RegistryError(f"{path.name}: cannot be read ({error.strerror})") from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1251", errors="replace")
