"""Prompts are files: `name.lang.md` beside this module, rendered strictly and named by their content.

Whatever comes from a source enters a prompt through the `data` filter: JSON between <data> and </data>
that cannot close the fence, because "<" and ">" are written as escapes in it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateNotFound,
    Undefined,
    UndefinedError,
    meta,
)

FOLDER = Path(__file__).parent
OFFLINE_TEMPLATES = FOLDER / "offline"
LANGS = ("ru", "en")

_FENCE = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


class PromptError(Exception):
    """A prompt file is missing, or a variable that it needs."""


@dataclass(frozen=True)
class Prompt:
    """A rendered prompt. version: the first 12 hex digits of the SHA-256 of its file and what it includes."""

    name: str
    lang: str
    version: str
    text: str
    variables: Mapping[str, Any]

    @property
    def label(self) -> str:
        return f"{self.name}.{self.lang}@{self.version}"


def load(name: str, lang: str, /, **variables: Any) -> Prompt:
    """The prompt `name` in `lang` with every variable filled in.

    Errors: PromptError naming the file and the variables that are missing.
    """
    file = f"{name}.{lang}.md"
    version, needed = _read(file)
    if missing := sorted(needed - variables.keys()):
        raise PromptError(f"{file}: missing {', '.join(missing)}")
    try:
        text = _files.get_template(file).render(variables)
    except UndefinedError as error:
        raise PromptError(f"{file}: {error.message}") from error
    return Prompt(name, lang, version, text, MappingProxyType(variables))


def check(version: str, name: str) -> None:
    """Errors: PromptError unless, in each language, `version` can be asked in place of the prompt `name`."""
    for lang in LANGS:
        file = f"{version}.{lang}.md"
        if more := sorted(_read(file)[1] - _read(f"{name}.{lang}.md")[1]):
            raise PromptError(f"{file}: the prompt {name} has no {', '.join(more)}")


def versions() -> dict[str, str]:
    """The version of every prompt by `name.lang`, and of what the templates without a model say."""
    asked = {file.name.removesuffix(".md"): _read(file.name)[0] for file in FOLDER.glob("*.md")}
    filled = {
        f"offline/{file.name.removesuffix('.jinja')}": _digest(file.read_text(encoding="utf-8"))
        for file in OFFLINE_TEMPLATES.glob("*.jinja")
    }
    return dict(sorted((asked | filled).items()))


def fence(value: Any) -> str:
    """`value` (JSON-like) as data that the text around it can trust to end where the fence ends."""
    if isinstance(value, Undefined):
        str(value)  # raises, naming the variable
    return f"<data>\n{json.dumps(value, ensure_ascii=False, indent=1).translate(_FENCE)}\n</data>"


@cache
def _read(file: str) -> tuple[str, frozenset[str]]:
    """The version of a prompt file and the variables that it needs. Errors: PromptError."""
    try:
        sources = _sources(file)
    except TemplateNotFound as error:
        raise PromptError(f"there is no prompt file {error.name}") from error
    needed = (meta.find_undeclared_variables(_files.parse(source)) for source in sources)
    return _digest("".join(sources)), frozenset().union(*needed)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _sources(file: str) -> list[str]:
    """The text of the file and after it of every file that it includes."""
    source = _loader.get_source(_files, file)[0]
    included = filter(None, meta.find_referenced_templates(_files.parse(source)))
    return [source, *(text for other in included for text in _sources(other))]


_loader = FileSystemLoader(FOLDER)
_files = Environment(
    loader=_loader,
    undefined=StrictUndefined,
    auto_reload=False,
    trim_blocks=True,
    lstrip_blocks=True,
    autoescape=False,  # noqa: S701  a prompt is plain text; sources are fenced by `data`
)
_files.filters["data"] = fence
