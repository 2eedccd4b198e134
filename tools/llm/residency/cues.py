"""What stands before a name and speaks for a person, a firm, a town, or for nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .words import words_of

_CAP = r"[А-ЯЁA-Z][^\W\d_]*(?:['-][^\W\d_]+)*\.?"
_UP_TO_3 = rf"({_CAP}(?: ?{_CAP}){{0,2}})"
# After these a capitalised word is a name whatever it means.
_SURE = re.compile(
    rf"(?<!\w)(?:Mr|Mrs|Ms|Miss|Dr|Prof|г-н\w?|г-ж\w|[Гг]осподин\w{{0,2}}|[Гг]оспож\w{{1,2}})\.? {_UP_TO_3}"
    r"|(?:[Мм]еня зовут|[Mm]y name is|[Зз]овут|[Kk]ind regards|[Bb]est regards|[Ss]incerely(?: yours)?"
    rf"|[Сс] уважением)[,:]?\s{{1,3}}{_UP_TO_3}"
)
# After these one that is no plain word.
_LIKELY = re.compile(
    r"(?<!\w)(?:Dear|Hi|Hello|Hey|Уважаем\w{2}|Дорог\w{2}|Здравствуйте|Привет|Regards|Thanks|Cheers|I am|I'm)"
    rf",? ?\n?{_UP_TO_3}"
)
# Two Latin words that speak, sign or hold an office; a firm may too.
_PAIR = r"[A-Z][^\W\d_]+(?:['-][^\W\d_]+)*(?: [A-Z]\.)?(?: [A-Z][^\W\d_]+(?:['-][^\W\d_]+)*){1,2}"
_OFFICE = r"C[A-Z]O|[Ff]ounder|[Cc]o-founder|[Pp]resident|[Dd]irector|[Mm]anager|[Hh]ead of|[Pp]artner"
_VERB = r"(?:said|says|told|wrote|writes|explained|noted|commented|asked|replied|signed|joined|added|called)"
_ACTING = re.compile(
    rf"(?<!\w)({_PAIR})(?= {_VERB}(?!\w)"
    rf"|,? (?:(?:the|our|a|an) )?(?:{_OFFICE})(?!\w)| \()"
    rf"|(?<!\w)(?:said|says|told|asked|{_OFFICE}|[Aa]ttn|[Cc]ontact|[Cc]ontact person)[:,]? ({_PAIR})"
)
_LABELLED = re.compile(
    r"(?<![^\W_])(?:фамилия|имя|отчество|ф\.?и\.?о\.?|(?:first|last|full|given|middle)[_ ]?name|surname"
    r"|patronymic)[\"']? ?[:=] ?[\\\"'«]*([^\"'\n,;:=(){}\[\]\\<>|»]{2,60})",
    re.IGNORECASE,
)
_NOBODY = frozenset(
    re.findall(
        r"\S+",
        "all sir sirs madam team customer customers client clients colleagues colleague everyone friends"
        " partner partners there user the a we our from for and so to in hr sales support not sure also",
    )
)

_FIRM = re.compile(
    r"(?:(?:ООО|ОАО|ЗАО|ПАО|АО|НКО|ЖК|ТЦ|ТД) ?|"
    r"(?:[Кк]омпани\w+|[Фф]ирм\w+|[Бб]ренд\w*|[Жж]урнал\w*|[Мм]агазин\w*|[Сс]ервис\w*) ?(?=[«\"„“])"
    r"|(?=[«„“]))[«\"„“]?$"
)
_TOWN = re.compile(r"(?<!\w)(?:г\.?|гор\.|город\w{0,2}|во) ?$", re.IGNORECASE)
_START = re.compile(r"(?:^|[.!?…:;\n»\"•*]|(?:^|\n)\s*[-\d.)]+) *$")


def cued(text: str) -> Iterator[tuple[int, int]]:
    for match in _LABELLED.finditer(text):
        yield match.span(1)
    for match in (*_SURE.finditer(text), *_ACTING.finditer(text)):
        yield match.span(1) if match[1] else match.span(2)
    for match in _LIKELY.finditer(text):
        first = words_of(match[1])[0]
        plain = first.known and first.personal < 0.05 if first.cyrillic else first.text.lower() in _NOBODY
        if not plain:
            yield match.span(1)


def firm_before(text: str, start: int) -> bool:
    """«Роза» in quotation marks, ООО Роза: a name of a thing."""
    return bool(_FIRM.search(text, max(0, start - 24), start))


def town_before(text: str, start: int) -> bool:
    return bool(_TOWN.search(text, max(0, start - 12), start))


def starts_sentence(text: str, start: int) -> bool:
    return bool(_START.search(text, max(0, start - 6), start)) or start == 0
