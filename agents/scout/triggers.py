"""The words that tell of an event: the rules of triggers.yaml, looked up by verb."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from tools import yamls

from .clauses import Line
from .inflection import parses

Form = Literal["finite", "infinitive", "passive", "word"]
_FORMS: dict[str, Form] = {"VERB": "finite", "INFN": "infinitive", "PRTS": "passive"}


@dataclass(frozen=True)
class Rule:
    """`after` must match what follows the word and `unless` must not; `needs` stands anywhere in
    the line, `without` nowhere."""

    type: str
    roles: str
    form: Form | None
    after: re.Pattern[str]
    needs: re.Pattern[str]
    unless: re.Pattern[str] | None
    without: re.Pattern[str] | None


@dataclass(frozen=True)
class Fired:
    """A rule at a place of a line."""

    rule: Rule
    place: int
    form: Form


def fired(line: Line) -> Iterator[Fired]:
    """Every rule that fires in the line, by place and then in the order of the file."""
    rules = _rules()
    for place, token in enumerate(line.tokens):
        if token.kind != "w":
            continue
        for key, form in _readings(token.word):
            for rule in rules.get(key, ()):
                if _of_form(rule, form) and _fits(rule, line, place):
                    yield Fired(rule, place, form)


def _readings(word: str) -> list[tuple[str, Form]]:
    """The word as a verb («покупает»: купить, finite) and as itself."""
    readings: dict[str, Form] = {f"={word}": "word"}
    for parse in parses(word):
        if parse.tag.POS == "NOUN":
            readings.setdefault(f"#{parse.normal_form}", "word")
        if parse.tag.POS in _FORMS and "impr" not in parse.tag:
            readings.setdefault(str(parse.normal_form).replace("ё", "е"), _FORMS[parse.tag.POS])
    return list(readings.items())


def _of_form(rule: Rule, form: Form) -> bool:
    return form == rule.form if rule.form else form != "passive"


def _fits(rule: Rule, line: Line, place: int) -> bool:
    rest = line.text_from(place + 1)
    if not rule.after.match(rest) or not rule.needs.search(line.text):
        return False
    if rule.without is not None and rule.without.search(line.text):
        return False
    return rule.unless is None or not rule.unless.match(rest)


@cache
def _rules() -> dict[str, tuple[Rule, ...]]:
    text = files(__package__).joinpath("triggers.yaml").read_text(encoding="utf-8")
    written = yamls.load(text)
    nouns = {name: re.sub(r"\s+\|", "|", pattern) for name, pattern in written["nouns"].items()}
    found: dict[str, list[Rule]] = {}
    for entry in written["rules"]:
        rule = _rule(entry, nouns)
        keys = [*entry.get("verbs", "").split(), *(f"={word}" for word in entry.get("words", "").split())]
        keys += [f"#{word}" for word in entry.get("names", "").split()]
        for key in keys:
            found.setdefault(key.replace("ё", "е"), []).append(rule)
    return {key: tuple(rules) for key, rules in found.items()}


def _rule(entry: dict[str, Any], nouns: dict[str, str]) -> Rule:
    gap = rf"(?:\S+ ){{0,{entry.get('within', 6)}}}?"
    near, unless = (_filled(entry.get(name, ""), nouns) for name in ("near", "unless"))
    return Rule(
        type=entry["type"],
        roles=entry["roles"],
        form=entry.get("form"),
        after=re.compile(rf"{gap}(?:{near})(?![\w-])" if near else ""),
        needs=re.compile(entry.get("needs", "")),
        without=re.compile(entry["without"]) if "without" in entry else None,
        unless=re.compile(rf"(?:\S+ ){{0,6}}?(?:{unless})") if unless else None,
    )


def _filled(pattern: str, nouns: dict[str, str]) -> str:
    for name, noun in nouns.items():
        pattern = pattern.replace("{" + name + "}", noun)
    return pattern
