"""The scorer of articles read with a model sees a lie on record, a wrong event, and a failure untold."""

from __future__ import annotations

from evals.evaluation import find
from evals.scorers.reading import Event, Read, ReadingCase, score

CASES: tuple[ReadingCase, ...] = find("reading").dataset().cases


def facts(*events: Event) -> list[tuple[str, ...]]:
    return [("named", "Кто-то", "Кто-то"), *((*it.key[:2], "", it.key[2], "…") for it in events)]


def test_a_lie_on_record_is_seen_and_a_failure_must_be_told() -> None:
    case = next(it for it in CASES if it.lies and it.truth)
    right = score(case, Read(facts(*case.truth), []))
    assert (right.why, right.values["lies"], right.values["told"]) == ((), 0.0, 1.0)
    lied = score(case, Read(facts(*case.truth, case.lies[0]), []))
    assert (lied.values["lies"], lied.values["events.wrong"]) == (1.0, 1.0)
    missed = score(case, Read(facts(), []))
    assert missed.values["events.missed"] == len({it.key for it in case.truth})
    alone = next(it for it in CASES if it.alone)
    assert score(alone, Read(facts(*alone.truth), [])).values["told"] == 0.0


def test_each_lie_is_one() -> None:
    assert len({it.kind for it in CASES}) > 10
    for case in CASES:
        assert not {it.key for it in case.lies} & {it.key for it in case.truth}, case.id
