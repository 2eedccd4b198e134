"""A model's text as an object, and what is told of one that is none."""

from __future__ import annotations

import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.tools import tool
from pydantic import BaseModel, ConfigDict, field_validator

from tools.llm.call import Call, Reply, Tokens
from tools.llm.outcome import Outcome
from tools.llm.parsing import Unfit, again, parsed
from tools.llm.question import Asker, Question


class Person(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str

    @field_validator("name")
    @classmethod
    def _known(cls, value: str) -> str:
        raise ValueError(f"nobody knows {value}")


def test_only_the_model_is_told_what_it_said() -> None:
    """Its words, its keys and what a validator says of them may be somebody's: the record has none of it."""
    reply = Reply(AIMessage('{"name": "Иван Петров", "Анна": 1}'), Outcome.OK, Tokens(), "m")
    with pytest.raises(Unfit) as caught:
        parsed(reply, Person)
    assert caught.value.message == "does not follow the schema: value_error, extra_forbidden"
    told = again(Call([HumanMessage("Кто?")]), caught.value).messages[-1].text
    assert "nobody knows Иван Петров" in told
    assert "Анна: Extra inputs" in told


@tool
def find(name: str, limit: int = 5) -> str:
    """Find a company."""
    return f"{name} {limit}"


def test_tools_are_langchain_s_or_functions() -> None:
    function = {"name": "add", "description": "Add", "parameters": {"type": "object", "properties": {}}}
    first, second = Question([], Asker("scout"), tools=[find, function]).functions()
    assert (first["name"], first["description"]) == ("find", "Find a company.")
    assert first["parameters"]["required"] == ["name"]
    assert second == function


def test_a_schema_and_tools_exclude_each_other() -> None:
    with pytest.raises(ValueError, match="not both"):
        Question([], Asker("scout"), Person, [find])
