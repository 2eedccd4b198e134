"""Grounding: a sentence that says more than its source says is not in the letter, whoever wrote it."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from agents.context import Lang
from agents.evidence.amounts import amounts
from agents.evidence.grounds import Grounds, Problem
from agents.outreach.grounding import ground, note, problem
from agents.outreach.letter import LetterText, Sentence

GROUNDS = Grounds(
    facts={
        "e1": "ELMA365 В ELMA365 есть модуль «Диадок» для обмена документами, вложили 3,5 млрд рублей"
        " elma365.com",
        "e2": "Диадок электронный документооборот; electronic documents; Электронный документооборот",
    },
    names=frozenset({"ELMA365", "Диадок", "Мария Орлова", "Артель"}),
    strangers=frozenset({"Контур", "Megafon"}),
)
FRAME = {"subject": "ELMA365 и Диадок", "greeting": "Здравствуйте!", "closing": "С уважением,"}

HOLD: list[tuple[Lang, str, list[str]]] = [
    ("ru", "На elma365.com пишут: «В ELMA365 есть модуль „Диадок“ для обмена документами».", ["e1"]),
    ("ru", "В модуль вложили 3,5 млрд рублей.", ["e1"]),
    ("ru", "В модуль вложили 3500 млн рублей.", ["e1"]),
    ("ru", "Модуль Диадока обменивается документами.", ["e1", "e2"]),
    ("ru", "Предлагаем созвон с командой «Диадок».", []),
    ("ru", "С кем у вас лучше поговорить об API?", []),
    ("ru", "Модуль мог бы передавать документы из ELMA365 в «Диадок».", ["e1"]),
    ("ru", "Подскажите, пожалуйста, с кем из специалистов обсудить сотрудничество?", []),
    ("ru", "Будем рады показать, как это работает.", []),
    ("en", "Диадок handles electronic documents.", ["e2"]),
    ("en", "The module lets ELMA365 exchange documents.", ["e1"]),
    ("en", "Who would be the best person to discuss an integration with?", []),
    ("en", "The module cost 3.5 billion roubles, says elma365.com.", ["e1"]),
    ("en", "We would like to introduce the Диадок team.", []),
]
# Each without a number, a name, a time or praise of its own, and of what the facts are about.
CLAIMS: list[tuple[Lang, str, list[str]]] = [
    ("ru", "Мы договорились с ELMA365 об обмене документами.", ["e1"]),
    ("ru", "Модуль ELMA365 уже подключён.", ["e1"]),
    ("ru", "ELMA365 планирует отказаться от модуля.", ["e1"]),
    ("ru", "Клиенты ELMA365 довольны модулем «Диадок».", ["e1"]),
    ("ru", "Обмен документами в ELMA365 не работает.", ["e1"]),
    ("ru", "Диадок — официальный поставщик ELMA365.", ["e1"]),
    ("ru", "ELMA365 — электронный документооборот.", ["e2"]),
    ("ru", "Предлагаем обсудить модуль, о котором просил ваш директор.", []),
    ("ru", "По просьбе вашей команды предлагаем созвон.", []),
    ("ru", "Предлагаем подписать договор.", []),
    ("ru", "Почему ваши документы теряются?", []),
    ("en", "The ELMA365 team has agreed to exchange documents.", ["e1"]),
    ("en", "ELMA365 is looking for a module.", ["e1"]),
    ("en", "ELMA365 customers love the documents module.", ["e1"]),
    ("en", "As agreed, we would like to arrange a call.", []),
    ("en", "Shall we discuss the module that your lawyers approved?", []),
    ("en", "We would like to thank you for choosing the module.", []),
]
FAIL: list[tuple[Problem, Lang, str, list[str]]] = [
    ("source", "ru", "В ELMA365 есть модуль «Диадок».", ["e9"]),
    ("source", "ru", "В ELMA365 есть модуль «Диадок».", []),
    ("source", "ru", "Диадок помогает продавать.", []),
    ("source", "ru", "Ваши сотрудники устали от рутины.", ["e1"]),
    ("number", "ru", "В модуль вложили 3,5 млн рублей.", ["e1"]),
    ("number", "ru", "В модуль вложили 3,5 млрд долларов.", ["e1"]),
    ("number", "ru", "В модуль вложили 4 млрд рублей.", ["e1"]),
    ("number", "ru", "В модуль вложили три миллиарда.", ["e1"]),
    ("number", "ru", "Модуль ускоряет обмен документами вдвое.", ["e1"]),
    ("number", "ru", "Диадок: вложили 3,5 млрд рублей в документооборот.", ["e2"]),
    ("number", "ru", "Предлагаем созвон на 20 минут.", []),
    ("number", "en", "The module made documents ½ cheaper.", ["e1"]),
    ("number", "en", "The module saves forty hours.", ["e1"]),
    ("time", "ru", "В марте у ELMA365 появился модуль.", ["e1"]),
    ("time", "ru", "Недавно у ELMA365 появился модуль.", ["e1"]),
    ("time", "en", "ELMA365 released the module last week.", ["e1"]),
    ("name", "ru", "Модуль ELMA365 заменил Мегаплан.", ["e1"]),
    ("name", "ru", "Контур показал модуль ELMA365.", ["e1"]),
    ("name", "ru", "Модуль ELMA365 работает на Kubernetes.", ["e1"]),
    ("name", "ru", "Предлагаем позвать МТС.", []),
    ("name", "en", "The module replaces Oracle.", ["e1"]),
    ("name", "en", "Megafon uses the module of ELMA365.", ["e1"]),
    ("quote", "ru", "О модуле пишут: «В ELMA365 лучший модуль „Диадок“».", ["e1"]),
    ("quote", "en", "They write: “В ELMA365 нет модуля”.", ["e1"]),
    ("praise", "ru", "Диадок — лидер рынка, документооборот для всех.", ["e2"]),
    ("praise", "en", "Диадок is the best module.", ["e2"]),
    ("contact", "ru", "Предлагаем написать на ivan.petrov@elma365.com.", []),
    ("contact", "ru", "Позвоните +7 912 345-67-89, предлагаем созвон.", []),
    ("contact", "ru", "Напишите нам: @petrov_ivan.", []),
    ("contact", "en", "Please see evil.test/offer.", []),
    ("contact", "en", "The module is at https://elma365.com.evil.test/pay.", ["e1"]),
    ("contact", "en", "The module is sold at elma365.com/pay.", ["e1"]),
    ("contact", "ru", "Модуль продаётся на эльма.рф.", ["e1"]),
]


@pytest.mark.parametrize(("lang", "text", "evidence"), HOLD)
def test_what_the_record_says_stands(lang: Lang, text: str, evidence: list[str]) -> None:
    assert problem(_sentence(text, evidence), GROUNDS, lang) is None


@pytest.mark.parametrize(("lang", "text", "evidence"), CLAIMS)
def test_what_it_tells_beside_the_facts_falls(lang: Lang, text: str, evidence: list[str]) -> None:
    assert problem(_sentence(text, evidence), GROUNDS, lang) == "claim"


def test_a_denial_and_a_plan_are_no_event() -> None:
    denied, planned = "Альфа не открыла офис", "Альфа планирует открыть офис"
    for fact in (denied, planned):
        grounds = Grounds({"e1": f"Альфа {fact}"}, frozenset({"Альфа"}))
        assert problem(_sentence(f"{fact}.", ["e1"]), grounds, "ru") is None
    assert problem(_sentence("Альфа открыла офис.", ["e1"]), grounds, "ru") == "claim"
    opened = Grounds({"e1": "Альфа открыла офис"}, frozenset({"Альфа"}))
    assert problem(_sentence(f"{denied}.", ["e1"]), opened, "ru") == "claim"


def test_no_letter_repeats_what_the_model_was_told() -> None:
    asked = (
        "Ты — менеджер по партнёрствам, пишешь деловое письмо от имени компании. <data>В ELMA365 есть</data>"
    )
    grounds = Grounds(GROUNDS.facts, GROUNDS.names, asked=asked)
    leaked = _sentence("Предлагаем: ты менеджер по партнёрствам, пишешь деловое письмо.", [])
    assert problem(leaked, grounds, "ru") == "prompt"
    assert problem(_sentence(*HOLD[3][1:]), grounds, "ru") is None


@pytest.mark.parametrize(("why", "lang", "text", "evidence"), FAIL)
def test_what_it_does_not_say_falls(why: Problem, lang: Lang, text: str, evidence: list[str]) -> None:
    found = problem(_sentence(text, evidence), GROUNDS, lang)
    assert found is not None
    # Praise inside an invented quotation is either of the two.
    assert found == why or {found, why} == {"praise", "quote"}


@given(number=st.integers(0, 10**15), lang=st.sampled_from(["ru", "en"]), place=st.integers(0, 4))
def test_no_number_comes_in_that_the_source_lacks(number: int, lang: Lang, place: int) -> None:
    words = ["Модуль", "ELMA365", "обменивается", "документами"]
    words.insert(place, str(number))
    assume(not amounts(str(number)) & amounts(GROUNDS.facts["e1"]))
    assert problem(_sentence(" ".join(words) + ".", ["e1"]), GROUNDS, lang) in ("number", "contact")


@given(
    digits=st.text("0123456789", min_size=1, max_size=6),
    glue=st.sampled_from(["", "x", "ж", "-", "_", ".", "№", "%"]),
)
def test_nor_does_one_that_hides_in_a_word(digits: str, glue: str) -> None:
    assume(not amounts(digits) & amounts(GROUNDS.facts["e1"]))
    sentence = _sentence(f"Модуль ELMA365 обменивается документами {glue}{digits}{glue} без ошибок.", ["e1"])
    assert problem(sentence, GROUNDS, "ru") in ("number", "name")


@given(name=st.from_regex(r"[А-ЯA-Z][а-яa-z]{4,9}", fullmatch=True))
def test_no_name_comes_in_that_the_record_lacks(name: str) -> None:
    everything = " ".join((*GROUNDS.facts.values(), *GROUNDS.names)).casefold()
    assume(not any(word.startswith(name.casefold()[:3]) for word in everything.split()))
    assume(name.casefold() not in ("english", "russian", "email") and not name.casefold().startswith("ваш"))
    found = problem(_sentence(f"Модуль ELMA365 обменивается с {name} документами.", ["e1"]), GROUNDS, "ru")
    assert found is not None


@given(st.lists(st.sampled_from([(text, ids) for lang, text, ids in HOLD if lang == "ru"]), max_size=12))
def test_nothing_is_said_twice_and_the_order_stays(said: list[tuple[str, list[str]]]) -> None:
    letter = _letter(*(_sentence(text, ids) for text, ids in said)) if said else None
    assume(letter is not None)
    assert letter is not None
    kept = [it.text for it in ground(letter, GROUNDS, "ru", FRAME).letter.sentences]
    assert kept == list(dict.fromkeys(text for text, _ in said))


def test_the_reviewer_is_told_what_was_left_out_and_why() -> None:
    invented = _sentence("В модуль вложили 9 млрд рублей.", ["e1"])
    held = ground(_letter(_sentence(*HOLD[1][1:]), invented), GROUNDS, "ru", FRAME)
    assert held.dropped == (("number", invented.text),)
    assert note(held.dropped, "ru") == f"Убрано из письма: число не из источника — {invented.text}"
    assert note((), "ru") is None


def test_a_subject_or_greeting_that_invents_is_replaced() -> None:
    letter = _letter(_sentence(*HOLD[1][1:])).model_copy(
        update={"subject": "Скидка 50 % от Яндекса", "greeting": "Иван Петрович!", "closing": "Ваша Артель"}
    )
    held = ground(letter, GROUNDS, "ru", FRAME).letter
    assert (held.subject, held.greeting) == ("ELMA365 и Диадок", "Здравствуйте!")
    assert held.closing == "Ваша Артель"


def _sentence(text: str, evidence: list[str]) -> Sentence:
    return Sentence(part="fit" if evidence else "proposal", text=text, evidence=evidence)


def _letter(*sentences: Sentence) -> LetterText:
    return LetterText(subject="ELMA365", greeting="Здравствуйте!", sentences=list(sentences), closing="—")
