"""What the detector finds, what it lets stand, and what it remembers."""

from __future__ import annotations

import gc
import pickle
import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.scout import tagger
from tests.unit.residency.marked import read
from tools.llm.residency import Detector, Kind
from tools.llm.residency.checksums import is_account, is_card, is_inn, is_ogrnip, is_snils
from tools.llm.residency.legible import shown


def nobody(sentences: Sequence[str]) -> list[list[tuple[int, int, str]]]:
    return [[] for _ in sentences]


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector()


@pytest.mark.parametrize(
    ("file", "recall", "false"), [("tuned.txt", 0.97, 0.05), ("held_out.txt", 0.85, 0.15)]
)
def test_recall_and_precision_are_as_the_decision_says(
    detector: Detector, file: str, recall: float, false: float
) -> None:
    seen = [(text, detector.find(text.text)) for text in read(file)]
    missed = [miss for text, found in seen for miss in text.missed(found)]
    wrong = [one for text, found in seen for one in text.false(found)]
    marks, findings = sum(len(text.marks) for text, _ in seen), sum(len(found) for _, found in seen)
    assert marks >= 25
    assert len(missed) <= (1 - recall) * marks, missed
    assert len(wrong) <= false * findings, wrong


def test_the_texts_are_many() -> None:
    assert len(read("tuned.txt")) >= 80
    assert len(read("held_out.txt")) >= 25


@pytest.mark.parametrize(
    ("proves", "good", "bad"),
    [
        (is_inn, "500100732259", "500100732258"),
        (is_inn, "500100732259", "7707083893"),
        (is_ogrnip, "304500116000157", "304500116000156"),
        (is_snils, "11223344595", "11223344596"),
        (is_snils, "08765430300", "11111111145"),
        (is_card, "4111111111111111", "4111111111111112"),
        (is_card, "378282246310005", "1027700132195"),
    ],
)
def test_a_checksum_tells_a_number_from_its_neighbour(proves: object, good: str, bad: str) -> None:
    assert callable(proves)
    assert proves(good) and not proves(bad)


def test_an_account_is_proven_by_its_bank() -> None:
    assert is_account("40602810700000000025", "044525225") != is_account("40602810700000000026", "044525225")
    # No currency where one should be, no word before it: only the bank's BIK speaks for it.
    digits = next(
        number
        for number in (f"4060281170000000002{last}"[:20] for last in range(10))
        if is_account(number, "044525225")
    )
    assert _kinds(Detector(nobody), f"{digits}, 044525225") == [Kind.ACCOUNT]
    assert _kinds(Detector(nobody), f"{digits}, 044525226") == []


@pytest.mark.parametrize(
    "text",
    [
        "500 100 732 259",
        "500100732259",
        "5001\u00a00073\u202f2259",
        "５００１００７３２２５９",
        "тел89161234567звони",
        "8\u20119161234567",
        "4276‑1234‑5678‑9012",
        '{"passport": "4508123456"}',
        "\\u0418ван\\nИван Петров",
        "Иванов\\nПетров",
        "ivan@ivanov.ru",
    ],
)
def test_a_disguise_does_not_help(text: str) -> None:
    assert Detector(nobody).find(text)


@pytest.mark.parametrize(
    "text",
    [
        "ИНН 7707083893, КПП 773601001, ОГРН 1027700132195",
        "Выручка 1 000 000 000 рублей за 2026-11-20",
        "Надежда на рост рынка есть",
        "Стоимость ЛИД выросла",
        "ООО «Надежда» и ЖК «Роза»",
        "Microsoft Teams and Google Drive",
        "Площадь 500 кв. м, 3 кв. 2026 года, п. 5 договора",
        "Офис в г. Москва и во Владимире",
        "550e8400-e29b-41d4-a716-446655440000",
    ],
)
def test_nobody_is_left_alone(text: str) -> None:
    assert Detector(nobody).find(text) == ()


@given(st.one_of(st.text(), st.text('\\\\un0418"/rt\t\u00a0\u2011\uff15аА')))
def test_what_detectors_see_is_as_long_as_the_text(text: str) -> None:
    assert len(shown(text)) == len(text)


def test_a_place_is_no_person_when_ner_says_so() -> None:
    def place(sentences: Sequence[str]) -> list[list[tuple[int, int, str]]]:
        return [[(at, at + 9, "LOC")] if (at := text.find("Владимире")) >= 0 else [] for text in sentences]

    text = "Мы открыли склад в тихом Владимире."
    assert Detector(place).find(text) == ()
    assert _kinds(Detector(nobody), text) == [Kind.PERSON]


def test_what_is_remembered_has_no_text_in_it() -> None:
    detector = Detector(nobody, remembered=2)
    text = "Иван Петров, ivan@petrov.ru"
    found = detector.find(text)
    kept = pickle.dumps(detector._seen)
    assert detector.recall(text) == found != ()
    assert all(word.encode() not in kept for word in ("Иван", "Петров", "petrov"))
    for other in ("Анна", "Ольга"):
        detector.find(other)
    assert detector.recall(text) is None


def test_a_seen_text_is_not_read_again() -> None:
    asked: list[str] = []

    def counting(sentences: Sequence[str]) -> list[list[tuple[int, int, str]]]:
        asked.extend(sentences)
        return nobody(sentences)

    detector = Detector(counting)
    for _ in range(3):
        detector.find("Квашилава пришёл")
    assert asked == ["Квашилава пришёл"]


def test_the_scout_and_the_detector_share_one_model(detector: Detector) -> None:
    text = "Квашилава пришёл в Яндекс"
    assert detector.find(text) and tagger.natasha(text)
    assert [type(it).__name__ for it in gc.get_objects()].count("NewsNERTagger") == 1


@pytest.mark.parametrize(
    "piece", [".", "1 ", "г. Яя, ", "Яя ", "a.", "ул. Я ", "⟦", "\\n", "12 ", "A. ", "(", "@a"]
)
def test_no_text_takes_the_square_of_its_length(piece: str) -> None:
    """A patience limit: the slowest takes 0.6 s here, the square would take minutes."""
    started = time.perf_counter()
    Detector(nobody).find(piece * (20_000 // len(piece)))
    assert time.perf_counter() - started < 10


def _kinds(detector: Detector, text: str) -> list[Kind]:
    return [one.kind for one in detector.find(text)]
