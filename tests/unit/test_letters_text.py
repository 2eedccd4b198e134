"""How a letter is put together: typography, limits, paragraphs, and to whom it goes."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.context import Sender
from agents.evidence.amounts import Amount, amounts, number_words
from agents.evidence.facts import facts
from agents.evidence.record import Record, freshest_first
from agents.evidence.typography import NBSP, plain, polish, shorten
from agents.outreach.addressee import assign, to_name
from agents.outreach.brief import variables
from agents.outreach.letter import FULL, REFUSAL, LetterText, Limits, Sentence, assemble
from memory.models import Signal
from tests.fakes.rows import company
from tests.snapshots.pairs import NOW, diadoc_elma, fields, news, vendor

SENDER = Sender("Мария Орлова", "Артель", "partners@artel.example")
_LETTERS_AND_DIGITS = re.compile(r"[^\w]")


@pytest.mark.parametrize(
    ("lang", "typed", "printed"),
    [
        ("ru", 'Модуль "Диадок" - в ELMA365', "Модуль «Диадок»~— в~ELMA365"),
        ("ru", "«В ELMA365 есть модуль «Диадок»»", "«В~ELMA365 есть модуль „Диадок“»"),
        ("ru", "«В ELMA365 есть модуль „Диадок“»", "«В~ELMA365 есть модуль „Диадок“»"),
        ("ru", "за 3,5 млрд рублей...", "за~3,5~млрд рублей…"),
        ("ru", "и  о\nсебе", "и~о~себе"),
        ("ru", "бизнес-процесс", "бизнес-процесс"),
        ("en", 'The "Diadoc" module - a link', "The “Diadoc” module~— a~link"),
        ("en", "“The ”new“ one”", "“The ”new“ one”"),
    ],
)
def test_a_careful_typist(lang: str, typed: str, printed: str) -> None:
    assert polish(typed, lang) == printed.replace("~", NBSP)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"])), st.sampled_from(["ru", "en"]))
def test_only_marks_and_spaces_change(text: str, lang: str) -> None:
    assert _LETTERS_AND_DIGITS.sub("", polish(text, lang)) == _LETTERS_AND_DIGITS.sub("", text)


@given(st.text(), st.integers(2, 80))
def test_shortened_text_fits_and_is_a_beginning(text: str, length: int) -> None:
    short = shorten(text, length)
    assert len(short) <= length
    assert " ".join(text.split()).startswith(short.removesuffix("…"))


def test_quotes_of_every_kind_compare_as_one() -> None:
    assert plain("Модуль «Ещё»") == plain('модуль "еще"') == plain("модуль „ещё“")


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("3,5 млрд рублей", ("3500000000", "rub")),
        ("3.5 billion roubles", ("3500000000", "rub")),
        ("$80 million", ("80000000", "usd")),
        ("1 000 000 ₽", ("1000000", "rub")),
        ("1,000,000", ("1000000", None)),
        ("99,9%", ("99.9", "%")),
    ],
)
def test_an_amount_is_the_same_however_it_is_written(text: str, amount: tuple[str, str | None]) -> None:
    assert amounts(text) == {Amount(Decimal(amount[0]), amount[1])}


def test_a_bare_number_claims_no_unit_but_a_unit_must_be_the_same() -> None:
    (fact,), (bare,), (dollars,) = amounts("160 млн рублей"), amounts("160 млн"), amounts("160 млн долларов")
    assert bare.says_no_more_than(fact)
    assert not dollars.says_no_more_than(fact)
    assert not fact.says_no_more_than(bare)


def test_words_of_number_are_numbers_and_the_pair_is_not() -> None:
    assert number_words("втрое больше, сорок человек") and not number_words("два продукта, один шаг")
    assert not number_words("3,5 миллиарда"), "the amount is counted once, in digits"


@given(st.integers(1, 16), st.integers(20, 400))
def test_a_letter_keeps_its_limits_and_what_must_be_in_it(count: int, size: int) -> None:
    parts = ["why_now", *["fit"] * count, "proposal"]
    said = [Sentence(part=part, text=f"{place} " + "я" * size) for place, part in enumerate(parts)]  # type: ignore[arg-type]
    text = assemble(_letter(said[:16]), SENDER, "ru", "formal", FULL)
    assert len(text.body) <= FULL.body
    assert text.body.endswith(polish(REFUSAL["ru"], "ru")) and SENDER.email in text.body
    assert said[0].text.replace(" ", NBSP) in text.body.replace(" ", NBSP)


def test_a_detail_goes_before_the_reason_and_the_proposal_goes_last() -> None:
    said = [Sentence(part=part, text=part + "я" * 90) for part in ("why_now", "fit", "proposal")]  # type: ignore[arg-type]
    kept = [
        [part for part in ("why_now", "fit", "proposal") if part in _assembled(said, limit)]
        for limit in (700, 400, 300, 1)
    ]
    assert kept == [["why_now", "fit", "proposal"], ["why_now", "proposal"], ["proposal"], ["proposal"]]


def test_claims_are_the_sentences_that_point_at_evidence_as_they_stand_in_the_body() -> None:
    said = [
        Sentence(part="why_now", text='Модуль "Диадок"', evidence=["e1"]),
        Sentence(part="proposal", text="Предлагаем созвон."),
    ]
    text = assemble(_letter(said), SENDER, "ru", "formal", FULL)
    assert text.claims == [{"text": "Модуль «Диадок»", "evidence": ["e1"]}]
    assert text.claims[0]["text"] in text.body


def test_the_company_with_news_is_written_to() -> None:
    a, b = company("a"), company("b", contact_email="b@b.test")
    assert assign(a, b, [_signal("b"), _signal("a")])[0] is b
    assert assign(a, b, [_signal("x", "b"), _signal("a")])[0] is a, "news of it beats news that names it"
    assert assign(a, b, [_signal("x", "a")])[0] is a
    assert assign(a, b, [])[0] is b, "else the one whose address is known"
    assert assign(b, a, [])[0] is b
    assert assign(a, company("c"), [])[0] is a
    assert to_name(a, "ru") == "Отдел партнёрств, a"


def test_an_event_of_a_known_day_is_as_fresh_as_that_day() -> None:
    old, new = news("n075", 0, "elma365"), news("n077", 0, "amocrm")
    old.signal.happened_on = NOW.date().replace(year=2020)
    assert freshest_first([old, new]) == [new, old]


def test_an_unknown_card_gives_no_facts_and_no_variables() -> None:
    a, b = company("a"), company("b")
    bare = Record(assign(a, b, []))
    assert facts(bare) == {}
    known = variables(bare, "ru")
    assert [known[it] for it in ("signal", "link", "categories", "description", "api", "stack")] == [None] * 6


def test_two_of_one_kind_are_not_called_complements() -> None:
    a, b = vendor("amoCRM"), vendor("Мегаплан")
    alike = Record(assign(a, b, []), (), [*fields(a), *fields(b)])
    assert variables(alike, "ru")["categories"] is None


def test_a_value_without_a_quotation_becomes_evidence_of_its_own() -> None:
    record = diadoc_elma()
    for it in record.fields:
        it.evidence_id = None
    cited = set(facts(record))
    made = {it.id: it for it in record.unquoted(cited)}
    assert set(made) == cited - {"quote-n075"}
    assert {it.source_title for it in made.values()} == {"csv:vendors.csv"}
    assert "ЭДО" in {it.quote for it in made.values()}


def test_a_value_that_the_row_no_longer_has_is_no_evidence() -> None:
    record = diadoc_elma()
    record.pair[1].industry = "телефония"
    assert record.shown_by(record.pair[1], "industry") == []


def test_shared_technologies_are_named_as_the_receiver_writes_them() -> None:
    a, b = company("a", tech_stack=["PostgreSQL", "Kafka"]), company("b", tech_stack=["postgresql", "Go"])
    told = [*fields(a, "tech_stack"), *fields(b, "tech_stack")]
    found = variables(Record(assign(a, b, []), (), told), "ru")["stack"]
    assert found == {"names": "PostgreSQL", "evidence": ["a-tech_stack", "b-tech_stack"]}


def _signal(subject: str, object: str | None = None) -> Signal:
    return Signal(
        id="s",
        company_id=subject,
        object_company_id=object,
        article_id="x",
        evidence_id="x",
        type="launch",
        created_at=NOW,
    )


def _letter(sentences: list[Sentence]) -> LetterText:
    return LetterText(subject="Тема", greeting="Здравствуйте!", sentences=sentences, closing="С уважением,")


def _assembled(said: list[Sentence], limit: int) -> str:
    return assemble(_letter(said), SENDER, "ru", "formal", Limits(90, limit)).body
