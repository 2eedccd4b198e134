"""Why these two: Russian sentences with the evidence behind each, and what the two could do together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from memory.models import Evidence, Signal, SignalType

from .landscape import Landscape
from .profile import Profile
from .score import Assessment
from .taxonomy import Category, Lang, categories

# From here a factor speaks for the pair; 0.5 is what two products drawn at random have.
SPEAKS_FOR = 0.6
SHARED_STACK = 0.3
QUOTE_LENGTH = 200
EXAMPLES = 2

_HAPPENED = {
    SignalType.FUNDING: "привлечение инвестиций",
    SignalType.LAUNCH: "запуск",
    SignalType.INTEGRATION: "интеграция",
    SignalType.PARTNERSHIP: "партнёрство",
    SignalType.HIRING: "найм",
    SignalType.ACQUISITION: "сделка о покупке",
    SignalType.LEADERSHIP: "смена руководства",
    SignalType.EXPANSION: "выход на новый рынок",
}


@dataclass(frozen=True)
class Reason:
    """A sentence for a person; evidence: ids of the Evidence rows it rests on."""

    text: str
    evidence: tuple[str, ...] = ()


def reasons(
    a: Profile,
    b: Profile,
    assessment: Assessment,
    landscape: Landscape,
    news: Iterable[tuple[Signal, Evidence]],
) -> tuple[Reason, ...]:
    """What happened lately, then what speaks for the pair; nothing is said of what is unknown."""
    return (
        *(_event(signal, evidence, landscape) for signal, evidence in news),
        *_complement(a, b, assessment, landscape),
        *_factor(assessment, "no_competition", SPEAKS_FOR),
        *_factor(assessment, "tech_stack", SHARED_STACK),
        *_factor(assessment, "market", SPEAKS_FOR),
    )


def synergy_areas(a: Profile, b: Profile, assessment: Assessment, lang: Lang = "ru") -> list[str]:
    """What each product adds inside the other, the busier hub as the place first; none for unlikely pairs."""
    value = assessment.factor("complementarity").value
    if a.category is None or b.category is None or value is None or value < SPEAKS_FOR:
        return []
    known = categories()
    guest, host = sorted((known[a.category], known[b.category]), key=lambda it: (it.hub, it.key))
    return [_together(guest, host, lang), _together(host, guest, lang)]


def _together(guest: Category, host: Category, lang: Lang) -> str:
    return f"{guest.brings[lang]} {host.place[lang]}"


def _event(signal: Signal, evidence: Evidence, landscape: Landscape) -> Reason:
    name = landscape.names.get(signal.company_id, "")
    quote = (
        evidence.quote if len(evidence.quote) <= QUOTE_LENGTH else f"{evidence.quote[: QUOTE_LENGTH - 1]}…"
    )
    return Reason(f"{name}: {_HAPPENED[SignalType(signal.type)]} — «{quote}»", (evidence.id,))


def _complement(a: Profile, b: Profile, assessment: Assessment, landscape: Landscape) -> Sequence[Reason]:
    areas = synergy_areas(a, b, assessment)
    if not areas or a.category is None or b.category is None:
        return ()
    found = assessment.factor("complementarity")
    labels = categories()[a.category].label["ru"], categories()[b.category].label["ru"]
    first = Reason(f"{a.name} ({labels[0]}) и {b.name} ({labels[1]}): {areas[0]}", found.evidence_ids)
    link = landscape.ecosystem.expect(a.id, b.id)
    examples = [" + ".join(landscape.names[it] for it in peer) for peer in (link.peers if link else ())]
    if not examples:
        return (first,)
    return first, Reason(
        f"Такие продукты уже связывают: {', '.join(examples[:EXAMPLES])}", found.evidence_ids
    )


def _factor(assessment: Assessment, name: str, least: float) -> Sequence[Reason]:
    found = assessment.factor(name)
    # Evidence without a value is something in common that is too little to measure.
    if found.evidence and (found.value is None or found.value >= least):
        return (Reason(found.evidence[0], found.evidence_ids),)
    return ()
