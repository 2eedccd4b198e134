"""Templates of one language: what they say without variables is said once, when a template is compiled."""

from __future__ import annotations

from collections.abc import Callable
from gettext import NullTranslations
from typing import Any

from jinja2 import Environment, nodes
from jinja2.visitor import NodeTransformer


class Spoken(Environment):
    """Jinja in the language of a catalogue: a page says a hundred texts, and would look each up anew."""

    def __init__(self, catalogue: NullTranslations, **options: Any) -> None:
        super().__init__(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], **options)
        self.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]
        self._said = _Said(catalogue.gettext)

    def _generate(self, source: nodes.Template, *args: Any, **kwargs: Any) -> str:
        return super()._generate(self._said.visit(source), *args, **kwargs)


class _Said(NodeTransformer):
    """`_("…")`, as the extension says it: a text that formats (`%%` is a percent) and needs no escaping."""

    def __init__(self, gettext: Callable[[str], str]) -> None:
        self._gettext = gettext

    def visit_Call(self, call: nodes.Call) -> nodes.Node:
        match self.generic_visit(call):
            case nodes.Call(node=nodes.Name(name="_"), args=[nodes.Const(value=text)], kwargs=[]):
                said = nodes.Const(self._gettext(text) % {}, lineno=call.lineno, environment=call.environment)
                return nodes.MarkSafe(said, lineno=call.lineno, environment=call.environment)
        return call
