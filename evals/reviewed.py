"""A person's decision as a labelled case: the letter, all it stood on, and nobody's personal data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from langchain_core.messages import HumanMessage

from agents.outreach import rows
from graphs.runtime.reviews import Card
from graphs.runtime.services import Services
from graphs.runtime.states import Place
from memory.models import DecisionType, Draft
from tools.llm.call import Call
from tools.llm.residency import Detector
from tools.llm.residency.masking import mask

from .dataset import FOLDER, load
from .errors import BadData, UnknownEval
from .scorers.decisions import DecisionCase, Said, Text

PATH = FOLDER / "decisions" / "decisions.jsonl"
# What names rows and kinds, is a time, or is what a column can hold nothing else of.
_PLAIN = ("id", "key", "slug", "lang", "style", "type", "source", "read_by", "industry", "inn", "ogrn", "kpp")
_PLAIN_ENDS = ("_id", "_at", "_on", "_key", "_url")


async def case_of(artel: Services, review_id: str) -> DecisionCase:
    """Errors: NotFound; UnknownEval for a review on whose letter no person has decided."""
    card = await artel.reviews.card(review_id)
    decision, shown = card.decision, card.draft
    if decision is None or shown is None or decision.type == DecisionType.RESPOND:
        raise UnknownEval(
            f"review {review_id!r} decided on no letter: approve, edit and reject become a case"
        )
    left = next((it for it in card.versions if it.id == decision.draft_id), shown)
    state = (await artel.threads.states.get(Place(card.review.thread_id)))["values"]
    record = await artel.memory.read(rows.record_of, state)
    said = Said(
        pair=(_row(record.pair[0]), _row(record.pair[1])),
        news=[(_row(it.signal), _row(it.evidence)) for it in record.news],
        fields=[_row(it) for it in record.fields],
    )
    told = {
        "id": f"review-{review_id}",
        "lang": shown.lang,
        "style": shown.style,
        "short": state.get("short", False),
        "version": shown.version,
        "previous": _previous(card, shown),
        "remark": shown.remark,
        "sender": vars(artel.context.policy.sender),
        "said": said.model_dump(mode="json"),
        "decision": decision.type,
        "letter": _text(left),
        "reason": decision.reason or decision.message,
    }
    return DecisionCase.model_validate(masked(told))


def masked(told: dict[str, Any]) -> dict[str, Any]:
    """The same value is the same placeholder everywhere in it. Errors: those of the detector: then nothing is
    kept."""
    texts = list(_texts(told))
    hidden, _ = mask(Call([HumanMessage(text) for text in texts]), Detector())
    found = dict(zip(texts, (str(it.content) for it in hidden.messages), strict=True))
    changed: dict[str, Any] = _replaced(told, found)
    return changed


def add(case: DecisionCase, path: Path = PATH) -> None:
    """Errors: BadData when it is there already, or the file is no data set."""
    if path.exists() and any(it.id == case.id for it in load(path, DecisionCase).cases):
        raise BadData(f"{path}: {case.id!r} is in it already")
    with path.open("a", encoding="utf-8") as file:
        file.write(case.model_dump_json() + "\n")


def _previous(card: Card, shown: Draft) -> dict[str, str] | None:
    before = [it for it in card.versions if it.version == shown.version - 1]
    return _text(before[0]) if before and shown.remark else None


def _text(draft: Draft) -> dict[str, str]:
    return Text(subject=draft.subject, body=draft.body).model_dump()


def _row(row: Any) -> dict[str, Any]:
    told: dict[str, Any] = row.model_dump(mode="json", exclude_defaults=True)
    return told


def _is_plain(name: str) -> bool:
    return name in _PLAIN or name.endswith(_PLAIN_ENDS)


def _texts(value: Any, name: str = "") -> dict[str, None]:
    """Every text that may tell of a person, once."""
    if isinstance(value, str):
        return {} if _is_plain(name) or not value else {value: None}
    found: dict[str, None] = {}
    for inner, it in value.items() if isinstance(value, dict) else ((name, it) for it in _listed(value)):
        found |= _texts(it, inner)
    return found


def _replaced(value: Any, found: dict[str, str], name: str = "") -> Any:
    if isinstance(value, str):
        return value if _is_plain(name) else found.get(value, value)
    if isinstance(value, dict):
        return {inner: _replaced(it, found, inner) for inner, it in value.items()}
    return [_replaced(it, found, name) for it in value] if isinstance(value, list | tuple) else value


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []
