"""The template provider: deterministic, honest about itself, and clear when it cannot answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from tools.llm.errors import LLMUnavailable
from tools.llm.offline import Offline


@dataclass(frozen=True)
class Asked:
    name: str = "greeting"
    lang: str = "ru"
    version: str = "0" * 12
    variables: dict[str, Any] = field(default_factory=dict)


class Greeting(BaseModel):
    text: str
    evidence: list[str]


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    (tmp_path / "greeting.ru.jinja").write_text(
        '{% set text %}Привет, {{ name }}!{% endset %}\n{% set evidence = ["e1"] %}\n'
        '{% set note = "не умею" if remark else "" %}',
        "utf-8",
    )
    return tmp_path


async def test_a_filled_template_is_an_object_of_the_schema(templates: Path) -> None:
    done = await Offline(templates).complete(Asked(variables={"name": "<Анна>", "remark": ""}), Greeting)
    assert done.value == Greeting(text="Привет, <Анна>!", evidence=["e1"])
    assert (done.provider, done.offline, done.tokens_in, done.tokens_out) == ("offline", True, 0, 0)
    assert done.note is None


async def test_what_it_could_not_do_is_in_the_note(templates: Path) -> None:
    done = await Offline(templates).complete(Asked(variables={"name": "А", "remark": "песню"}), Greeting)
    assert done.note == "не умею"


async def test_a_value_is_never_read_as_a_template(templates: Path) -> None:
    asked = Asked(variables={"name": "{{ 7 * 7 }}{% set note = 1 %}", "remark": ""})
    done = await Offline(templates).complete(asked, Greeting)
    assert done.value.text == "Привет, {{ 7 * 7 }}{% set note = 1 %}!"


async def test_the_model_is_named_after_its_templates(templates: Path) -> None:
    asked = Asked(variables={"name": "А", "remark": ""})
    one, same = [(await Offline(templates).complete(asked, Greeting)).model for _ in range(2)]
    (templates / "other.ru.jinja").write_text("{% set text = 1 %}", "utf-8")
    other = (await Offline(templates).complete(asked, Greeting)).model
    assert one == same != other
    assert one.startswith("templates@")


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (Asked("song", variables={}), r"no template song\.ru\.jinja"),
        (Asked(lang="en"), r"no template greeting\.en\.jinja"),
        (Asked(variables={"remark": ""}), r"greeting\.ru\.jinja: 'name' is undefined"),
        (Asked("broken"), r"broken\.ru\.jinja"),
        (Asked("partial"), r"partial\.ru\.jinja: .*evidence"),
    ],
)
async def test_what_it_cannot_fill_is_said_in_one_line(templates: Path, asked: Asked, says: str) -> None:
    (templates / "broken.ru.jinja").write_text("{% set text = %}", "utf-8")
    (templates / "partial.ru.jinja").write_text('{% set text = "x" %}', "utf-8")
    with pytest.raises(LLMUnavailable, match=says) as raised:
        await Offline(templates).complete(asked, Greeting)
    assert "\n" not in str(raised.value)
