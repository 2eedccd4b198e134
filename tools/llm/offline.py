"""The last provider of all: fills templates, needs no key and no network, and says that it did."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound
from pydantic import BaseModel, ValidationError

from .completion import Completion
from .errors import LLMUnavailable

SUFFIX = ".jinja"


class Prompt(Protocol):
    """As much of a prompt as a template needs."""

    @property
    def name(self) -> str: ...
    @property
    def lang(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def variables(self) -> Mapping[str, Any]: ...


class Offline:
    """Answers prompt `name` in `lang` from the file `name.lang.jinja` of a folder.

    A template sets one top-level variable for each field of the schema, and `note` when there is
    something it could not do. The same prompt gives the same answer.
    """

    def __init__(self, templates: Path) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(templates),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.do"],
            autoescape=False,  # noqa: S701  the answers are plain text, not HTML
        )
        self._model = f"templates@{_hash(templates)}"

    async def complete(
        self, prompt: Prompt, schema: type[BaseModel], *, agent: str = "", thread_id: str | None = None
    ) -> Completion:
        """The filled template as an object of `schema`, whoever asks. Errors: LLMUnavailable."""
        name = f"{prompt.name}.{prompt.lang}{SUFFIX}"
        try:
            written = self._fill(name, prompt.variables)
            value = schema.model_validate({field: written.get(field) for field in schema.model_fields})
        except TemplateNotFound as error:
            raise LLMUnavailable(f"offline has no template {error.name}") from error
        except (TemplateError, ValidationError) as error:
            line = " ".join(str(error).split())
            raise LLMUnavailable(f"offline cannot fill the template {name}: {line}") from error
        return Completion(value, "offline", self._model, offline=True, note=written.get("note") or None)

    def can_ask(self, agent: str, *, thread_id: str | None = None) -> bool:
        return False

    def _fill(self, name: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        return vars(self._templates.get_template(name).make_module(dict(variables)))


def _hash(templates: Path) -> str:
    """One name for the content of all templates, so that a draft says which wording made it."""
    digest = hashlib.sha256()
    for path in sorted(templates.glob(f"*{SUFFIX}")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
