"""What prompts and offline templates are told of a pair."""

from __future__ import annotations

import re
from typing import Any

from agents.context import Lang
from agents.evidence.facts import category_of, category_shown_by, entries, host
from agents.evidence.orders import called, heard
from agents.evidence.record import Record
from agents.evidence.typography import shorten
from memory.models import Company, SignalType
from memory.names import name_key

QUOTE_LENGTH = 240
DESCRIPTION_LENGTH = 120

_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
_TOGETHER = (SignalType.INTEGRATION, SignalType.PARTNERSHIP)


def variables(record: Record, lang: Lang) -> dict[str, Any]:
    """What prompts and templates call the pair and its facts; None stands for unknown."""
    recipient, partner = record.pair
    return {
        "recipient": _shown(recipient, lang),
        "partner": _shown(partner, lang),
        "facts": entries(record),
        "signal": _signal(record, lang),
        "link": _link(record),
        "categories": _categories(record, lang),
        "description": _description(record, lang),
        "api": _api(record),
        "stack": _stack(record),
    }


def _shown(company: Company, lang: Lang) -> dict[str, str | None]:
    category = category_of(company)
    return {
        "name": _display(called(company.name), lang),
        "category": category.label[lang] if category else None,
    }


def _display(name: str, lang: Lang) -> str:
    """A Russian text quotes a name in Cyrillic, so that it need not be declined; a Latin one stands bare."""
    quoted = lang == "ru" and _CYRILLIC.search(name) and not re.search('[«„"]', name)
    return f"«{name}»" if quoted else name


def _signal(record: Record, lang: Lang) -> dict[str, Any] | None:
    if not record.news:
        return None
    news = record.news[0]
    if not (quote := heard(news.evidence.quote).strip().rstrip(".")):
        return None
    quote = shorten(quote, QUOTE_LENGTH)
    return {
        "type": news.signal.type,
        "quote": quote,
        "source": host(news.evidence.url),
        "foreign": (_CYRILLIC.search(quote) is not None) != (lang == "ru"),
        "evidence": [news.evidence.id],
    }


def _link(record: Record) -> dict[str, Any] | None:
    """What shows that the two are connected already; `new` when the news of the letter is that very link."""
    ids = {company.id for company in record.pair}
    for place, news in enumerate(record.news):
        if news.signal.type in _TOGETHER and {news.signal.company_id, news.signal.object_company_id} == ids:
            return {"evidence": [news.evidence.id], "new": place == 0}
    one, other = record.pair
    shown = record.shown_by(one, "integrations", holding=other.name_key)
    shown = shown or record.shown_by(other, "integrations", holding=one.name_key)
    return {"evidence": shown, "new": False} if shown else None


def _categories(record: Record, lang: Lang) -> dict[str, Any] | None:
    """What two different kinds of product add to each other; None while a kind is unknown."""
    recipient, partner = map(category_of, record.pair)
    shown = [category_shown_by(company, record) for company in record.pair]
    if not (recipient and partner and all(shown)) or recipient.key == partner.key:
        return None
    return {
        "to_recipient": {"brings": partner.brings[lang], "place": recipient.place[lang]},
        "to_partner": {"brings": recipient.brings[lang], "place": partner.place[lang]},
        "evidence": list(dict.fromkeys(id for ids in shown for id in ids)),
    }


def _description(record: Record, lang: Lang) -> dict[str, Any] | None:
    """The partner in its card's own words, when they are one short phrase in the letter's language."""
    _, partner = record.pair
    text = heard(partner.description or "").strip().rstrip(".")
    ids = record.shown_by(partner, "description")
    fits = 0 < len(text) <= DESCRIPTION_LENGTH and not re.search(r"[.!?]\s|\n|^(?:Мы|Наш\w*|We|Our)\s", text)
    if not (fits and ids and (_CYRILLIC.search(text) is not None) == (lang == "ru")):
        return None
    return {"text": _lower_first(text), "evidence": ids}


def _api(record: Record) -> dict[str, Any] | None:
    _, partner = record.pair
    ids = record.shown_by(partner, "api_docs_url")
    return {"url": partner.api_docs_url, "evidence": ids} if partner.api_docs_url and ids else None


def _stack(record: Record) -> dict[str, Any] | None:
    """Technologies that both use."""
    recipient, partner = record.pair
    theirs = set(map(name_key, partner.tech_stack))
    shared = [it for it in recipient.tech_stack if name_key(it) in theirs]
    ids = [record.shown_by(company, "tech_stack") for company in record.pair]
    if not (shared and all(ids)):
        return None
    return {"names": ", ".join(shared), "evidence": [id for found in ids for id in found]}


def _lower_first(text: str) -> str:
    return text if text[1:2].isupper() or not text[1:2].isalpha() else text[0].lower() + text[1:]
