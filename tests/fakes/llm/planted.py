"""Personal data that nobody has, to be planted in texts, and whether any of it has leaked."""

from __future__ import annotations

import re
from itertools import cycle

from hypothesis import strategies as st

_DIGIT = st.integers(0, 9)
_GIVEN = ("Иван", "Алексей", "Дмитрий", "Сергей", "Николай", "Михаил")
_FATHERS = ("Петрович", "Андреевич", "Сергеевич", "Николаевич", "Игоревич")
_FAMILY = ("Смирнов", "Кузнецов", "Соколов", "Лебедев", "Новиков", "Фёдоров", "Захаров", "Тимофеев")
_LATIN = ("Sergey Ivanov", "John Smith", "Alexey Kuznetsov", "Mary Johnson", "Dmitry Sokolov")
_STREETS = ("ул. Тверская", "улица Ленина", "проспект Победы", "Невский пр-т", "пер. Садовый")
_TOWNS = ("г. Москва", "Казань", "г. Уфа", "Санкт-Петербург")


@st.composite
def names(draw: st.DrawFn) -> str:
    given, father, family = (draw(st.sampled_from(words)) for words in (_GIVEN, _FATHERS, _FAMILY))
    forms = (
        f"{given} {family}",
        f"{family} {given} {father}",
        f"{given} {father} {family}",
        f"{family}а {given[0]}. {father[0]}.",
        f"{given[0]}. {father[0]}. {family}",
        f"{family}у Ивану {father}у",
        draw(st.sampled_from(_LATIN)),
    )
    return draw(st.sampled_from(forms))


@st.composite
def digits(draw: st.DrawFn, form: str) -> str:
    """The form with a digit in place of each #."""
    return re.sub("#", lambda _: str(draw(_DIGIT)), form)


@st.composite
def inns(draw: st.DrawFn) -> str:
    """Of a person: twelve digits, the last two of which are sums."""
    said = [7, 7, *draw(st.lists(_DIGIT, min_size=8, max_size=8))]
    for weights in ((7, 2, 4, 10, 3, 5, 9, 4, 6, 8), (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)):
        said.append(sum(w * d for w, d in zip(weights, said, strict=True)) % 11 % 10)
    return "".join(map(str, said))


@st.composite
def snils(draw: st.DrawFn) -> str:
    said = [1, *draw(st.lists(_DIGIT, min_size=8, max_size=8))]
    check = sum(w * d for w, d in zip(range(9, 0, -1), said, strict=True)) % 101 % 100
    one, two, three = ("".join(map(str, said[at : at + 3])) for at in (0, 3, 6))
    return f"{one}-{two}-{three} {check:02}"


@st.composite
def cards(draw: st.DrawFn) -> str:
    said = [4, 2, *draw(st.lists(_DIGIT, min_size=13, max_size=13))]
    doubled = [d * 2 - 9 * (d > 4) if twice else d for d, twice in zip(said, cycle((1, 0)), strict=False)]
    number = "".join(map(str, [*said, -sum(doubled) % 10]))
    return draw(st.sampled_from((number, " ".join(number[at : at + 4] for at in (0, 4, 8, 12)))))


@st.composite
def mails(draw: st.DrawFn) -> str:
    who = draw(st.from_regex(r"[a-z]{4,9}[._-]?[a-z]{4,9}", fullmatch=True))
    return f"{who}@{draw(st.sampled_from(('example.ru', 'mail.example.com', 'почта.рф')))}"


@st.composite
def addresses(draw: st.DrawFn) -> str:
    town, street = draw(st.sampled_from(_TOWNS)), draw(st.sampled_from(_STREETS))
    house, flat = draw(st.integers(1, 99)), draw(st.integers(1, 300))
    return draw(st.sampled_from((f"{town}, {street}, д. {house}, кв. {flat}", f"{street}, дом {house}")))


_PHONES = ("+7 9## ###-##-##", "8 (495) ###-##-##", "8916#######", "+44 20 79## ####")
VALUES = st.one_of(
    names(),
    st.sampled_from(_PHONES).flatmap(digits),
    mails(),
    inns(),
    snils(),
    digits("45 0# ######"),
    cards(),
    digits("40817810############"),
    addresses(),
)

_AROUND = st.one_of(
    st.text(max_size=12),
    st.text("⟦⟧[]_1PERSONPHONE \\n\"'{}:,", max_size=12),
    st.sampled_from(("Добрый день! ", "ИНН 7707083893", "PERSON_1", "⟦PERSON_1⟧", '{"who": "', "Контакт: ")),
)


@st.composite
def texts(draw: st.DrawFn) -> tuple[str, str]:
    """A text and what is planted in it, between two signs that are no letters or digits."""
    left, right = draw(st.sampled_from(' \n,;(«"')), draw(st.sampled_from(' \n,;)»"'))
    value = draw(VALUES)
    return draw(_AROUND) + left + value + right + draw(_AROUND), value


def leaked(value: str, told: str) -> str | None:
    """The value, a word of it or its digits, if any of that is told: a model reads through JSON's escapes."""
    told = re.sub(r"\\+u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), told)
    digits = re.sub(r"\D", "", value)
    if len(digits) >= 7 and not re.search("[A-Za-zА-я]", value):
        return digits if digits[-9:] in re.sub(r"[^\w]|_", "", told) else None
    words = [word for word in re.findall(r"[^\W\d_]{4,}", value) if word.lower() not in _PLAIN]
    return next((word for word in words if re.search(rf"(?<!\w){word}(?!\w)", told)), None)


# Words of an address that say nothing of whose it is.
_PLAIN = frozenset(
    ("корпус", "дом", "квартира", "улица", "проспект", "москва", "казань", "санкт", "петербург")
)
