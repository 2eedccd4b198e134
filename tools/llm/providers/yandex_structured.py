"""From a model that answers in JSON to one that answers with objects, as LangChain's own models do it."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage
from langchain_core.output_parsers import JsonOutputParser, PydanticOutputParser
from langchain_core.output_parsers.base import OutputParserLike
from langchain_core.runnables import Runnable, RunnableMap, RunnablePassthrough
from langchain_core.utils.pydantic import is_basemodel_subclass
from pydantic import BaseModel


def parsed(
    llm: Runnable[LanguageModelInput, AIMessage], schema: dict[str, Any] | type, include_raw: bool
) -> Runnable[LanguageModelInput, dict[str, Any] | BaseModel]:
    """With include_raw: {raw, parsed, parsing_error}, and what is no object raises nothing."""
    parser = _parser(schema)
    return _with_raw(llm, parser) if include_raw else llm | parser


def _parser(schema: dict[str, Any] | type) -> OutputParserLike[Any]:
    if isinstance(schema, type) and is_basemodel_subclass(schema):
        return PydanticOutputParser(pydantic_object=schema)
    return JsonOutputParser()


def _with_raw(llm: Runnable[Any, AIMessage], parser: OutputParserLike[Any]) -> Runnable[Any, Any]:
    good = RunnablePassthrough.assign(parsed=itemgetter("raw") | parser, parsing_error=lambda _: None)
    bad = RunnablePassthrough.assign(parsed=lambda _: None)
    return RunnableMap(raw=llm) | good.with_fallbacks([bad], exception_key="parsing_error")
