"""The scorer of letters by a model sees a lie that stands, a truth that is lost, and silence about it."""

from __future__ import annotations

from evals.evaluation import find
from evals.scorers.letters import Held, LetterCase, score

CASE: LetterCase = find("letters").dataset().cases[0]


def test_a_letter_is_held_against_what_it_may_say() -> None:
    true, lies = "\n".join(CASE.kept), [*CASE.lies.values()]
    right = score(CASE, Held("", true.replace(" ", "\u00a0"), "; ".join(lies)))
    assert (right.why, right.values) == ((), {"through": 0.0, "loose": 0.0, "kept": 1.0, "told": 1.0})
    lied = score(CASE, Held("", f"{true} {lies[0]}", "; ".join(lies[1:]))).values
    assert lied["through"] == 1 / len(lies) and lied["loose"] == 1 / (1 + len(CASE.kept))
    assert score(CASE, Held("", CASE.kept[0], "; ".join(lies))).values["kept"] == 1 / len(CASE.kept)
    assert score(CASE, Held("", true, None)).values["told"] == 0.0


def test_the_lies_stand_in_what_the_model_says() -> None:
    for case in find("letters").dataset().cases:
        [letter] = case.answers
        said = " ".join(it["text"] for it in letter.says["sentences"])
        assert all(words in said for words in case.lies.values()), case.id
