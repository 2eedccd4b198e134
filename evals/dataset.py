"""A data set: a file of JSON lines, each checked against its schema. Its bytes give it a version."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import ValidationError

from .case import Case
from .errors import BadData

FOLDER = Path(__file__).parent / "datasets"
C = TypeVar("C", bound=Case)


@dataclass(frozen=True)
class Dataset(Generic[C]):
    """cases: in the order of the file; version: the first 12 hex digits of the SHA-256 of its bytes."""

    path: Path
    version: str
    cases: tuple[C, ...]


def load(path: Path, schema: type[C]) -> Dataset[C]:
    """Errors: BadData naming the file, and the line and the field where there is one."""
    try:
        told = path.read_bytes()
    except OSError as error:
        raise BadData(f"{path}: {error.strerror}") from error
    cases = tuple(_cases(path, told, schema))
    if not cases:
        raise BadData(f"{path}: there is no case in it")
    return Dataset(path, hashlib.sha256(told).hexdigest()[:12], cases)


def _cases(path: Path, told: bytes, schema: type[C]) -> Iterator[C]:
    lines: dict[str, int] = {}
    # A text within a line may hold other ends of lines, as U+2028.
    for number, line in enumerate(told.split(b"\n"), 1):
        if line.strip():
            case = _case(f"{path}, line {number}", line, schema)
            if (first := lines.setdefault(case.id, number)) != number:
                raise BadData(f"{path}, line {number}, id: {case.id!r} stands in line {first} already")
            yield case


def _case(place: str, line: bytes, schema: type[C]) -> C:
    try:
        return schema.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise BadData(f"{place}, {field}: {first['msg']}" if field else f"{place}: {first['msg']}") from None
