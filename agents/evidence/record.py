"""What our record says of a pair, and what shows it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from memory.ids import derived
from memory.models import Company, CompanyField, Evidence, Signal
from memory.names import name_key

# More of it makes no letter and no judgement better.
NEWS = 5


class News(NamedTuple):
    """A signal with the quoted span that shows it."""

    signal: Signal
    evidence: Evidence

    def about(self, company_ids: Collection[str]) -> bool:
        return self.signal.company_id in company_ids or self.signal.object_company_id in company_ids


@dataclass(frozen=True)
class Record:
    """All that may be said of two companies. pair: of a letter the recipient first, then the partner; news:
    of these two and no other, the freshest first; fields: where the values in the companies' rows came from,
    the oldest first.
    """

    pair: tuple[Company, Company]
    news: Sequence[News] = ()
    fields: Sequence[CompanyField] = ()

    def shown_by(self, company: Company, name: str, *, holding: str | None = None) -> list[str]:
        """Ids of the evidence for what the company's row says in field `name` now; of a list of names,
        only for those that hold the name key `holding`. Without a quotation the last word stands for itself.
        """
        now = _items(getattr(company, name))
        told = [
            it
            for it in self.fields
            if (it.company_id, it.field) == (company.id, name)
            and _items(it.value) <= now
            and (holding is None or holding in _items(it.value))
        ]
        quoted = [it.evidence_id for it in told if it.evidence_id]
        return list(dict.fromkeys(quoted)) or [_evidence_id(it) for it in told[-1:]]

    def unquoted(self, ids: Collection[str]) -> list[Evidence]:
        """Evidence rows, for those of `ids` that stand for a field whose source left no quotation:
        the value as the source gave it.
        """
        return [
            Evidence(
                id=_evidence_id(it),
                quote=", ".join(map(str, it.value if isinstance(it.value, list) else [it.value])),
                source_title=it.source,
                fetched_at=it.observed_at,
            )
            for it in self.fields
            if _evidence_id(it) in ids
        ]


def freshest_first(news: Sequence[News]) -> list[News]:
    def when(it: News) -> tuple[Any, ...]:
        return (it.signal.happened_on or it.signal.created_at.date(), it.signal.created_at, it.signal.id)

    return sorted(news, key=when, reverse=True)


def _evidence_id(field: CompanyField) -> str:
    return derived("evidence", "field", field.id)


def _items(value: Any) -> frozenset[str]:
    """A value to compare; of a list of names their keys, for a row keeps one spelling of each."""
    return frozenset(map(name_key, value)) if isinstance(value, list) else frozenset({str(value)})
