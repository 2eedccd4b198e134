"""The word lists of the scout, read once from the files beside this module."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from .gazetteer import Known
from .inflection import plain


@cache
def brands() -> tuple[Known, ...]:
    """Well-known companies of the market by the names that news uses for them."""
    return tuple(_brand(line) for line in _lines("brands.txt"))


@cache
def others() -> tuple[Known, ...]:
    """Media, authorities, exchanges and technologies, which news names without being about them."""
    found, kind = [], ""
    for line in _lines("others.txt"):
        if line.startswith("["):
            kind = line.strip("[]")
            continue
        found += [Known(name, kind=kind) for name in _split(line)]
    return tuple(found)


def _brand(line: str) -> Known:
    name, domain, aliases = (part.strip() for part in line.split("|"))
    return Known(name, _split(aliases), domain or None)


def _split(line: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in line.split(",") if name.strip())


def _lines(name: str) -> Iterator[str]:
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    return (line for line in text.splitlines() if line and not line.startswith("#"))
