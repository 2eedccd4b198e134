"""Postal addresses: their parts (index, region, town, street, house, flat), and the parts put together.

A town alone is no address, and neither is an office alone; a street is one even without its house.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .finding import Finding, Kind

_CAP = r"[А-ЯЁ][а-яёА-ЯЁ'-]*\.?"
_ORDINAL = r"\d{1,3}(?:-?(?:я|й|го|ая|ой|ый|е|летия|лет))?"
_NAME = rf"(?:(?:{_ORDINAL} )?{_CAP}(?: ?{_CAP}){{0,3}}|8 марта|[19] мая|{_ORDINAL}(?<=[а-я]) [а-яё]+)"
_LONG = (
    r"улиц[аеуыо]\w?|проспект\w{0,2}|переул\w{2,4}|площад[ьи]\w{0,2}|бульвар\w{0,2}|шоссе|набережн\w{2,3}"
    r"|проезд\w{0,2}|алле[яеию]\w?|тупик\w{0,2}|микрорайон\w{0,2}|тракт\w{0,2}"
)
_SHORT = r"ул|пр-?кт|пр-т|пр-д|просп|пр|пер|пл|б-р|бул|ш|наб|туп|мкр|мкрн|мкр-н|кв-л|снт|ал"
_TYPE = rf"(?:{_LONG}|{_SHORT})(?!\w)\.?"
_HOUSE = r"\d{1,4}(?:[кКсС/-]\d{1,4})*(?: ?[а-яА-Яa-zA-Z](?!\w))?(?!\w)"
_ROOMS = (
    r"корп(?:\.|ус\w?)?|к\.?|стр(?:\.|оение)?|лит(?:\.|ера)?|кв(?:\.|артир\w{1,2})?|оф(?:\.|ис\w?)?"
    r"|пом(?:\.|ещени\w)?|под(?:\.|ъезд\w?)|эт(?:\.|аж\w?)?|ком(?:\.|н\.?|нат\w)|ап\."
)

_REGION = (
    r"(?<!\w)(?:[А-ЯЁ][а-яё-]+(?:ая|ой|ую|ий|ого|ому|ом) (?:обл(?:\.|аст\w+)?|кра[йяею]|р-н|район\w{0,2})"
    r"|[Рр]есп(?:\.|ублик\w+) [А-ЯЁ][а-яё-]+|(?:РФ|Россия|Российская Федерация)(?!\w))"
)
_SETTLED = (
    r"(?<!\w)(?:[Гг](?:\.|ор\.|ород\w{0,2})?|[Пп](?:\.|ос\.?|гт\.?|ос[её]л\w{2,3})|[Сс](?:\.|ел[оае]\w?)"
    r"|[Дд](?:ер\.|еревн\w)|[Сс]т-ца|[Сс]таниц\w|рп\.?|х\.) ?"
    r"[А-ЯЁ][а-яё-]+(?:-[А-ЯЁа-яё][а-яё]+)*(?: [А-ЯЁ][а-яё]+)?"
)
_CITY = (
    r"(?<!\w)(?:Москв[аеуы]|Санкт-Петербург\w?|СПб|Новосибирск\w?|Екатеринбург\w?|Казан[ьи]|Самар[аеуы]"
    r"|Нижн\w+ Новгород\w?|Челябинск\w?|Уф[аеуы]|Краснодар\w?|Воронеж\w?|Перм[ьи]|Волгоград\w?"
    r"|Ростов\w?-на-Дону|Омск\w?|Томск\w?|Тул[аеуы]|Сочи)(?!\w)"
)
# ул. ленина, д. 5
_SMALL_STREET = (
    r"(?<!\w)(?:[Уу]л(?:ица|ице|ицу|ицы)?|[Пп]росп(?:ект)?|[Пп]ер(?:еулок)?)[. ] ?"
    rf"[а-яё-]{{3,}}(?: [а-яё-]{{3,}})?,? ?(?:д\.?|дом)? ?{_HOUSE}"
)
# Ленинский проспект, 1-я Тверская-Ямская ул.
_NAMED_FIRST = (
    rf"(?<!\w)(?:{_ORDINAL} )?(?:[А-ЯЁ][а-яё]+(?:-[А-ЯЁа-яё]+)? ){{1,3}}"
    rf"(?:{_LONG}|(?:ул|пр-т|пр-кт|просп|пр|пер|пл|б-р|ш|наб)\.?)(?!\w)"
    rf"|(?<!\w)\d{{1,2}}-(?:я|й|ая) (?:линия|улица|ул\.)"
)
_HOUSED = rf"(?<!\w)(?i:д(?:\.|ом\w{{0,2}})?|вл(?:\.|адение)|зд\.|уч(?:\.|асток)) ?№? ?{_HOUSE}"
_ROOM = rf"(?<!\w)(?i:{_ROOMS}) ?№? ?(?:\d{{1,5}}[а-яa-z]?(?![а-яёa-z])|[А-Я](?!\w))"
# Садовая 5, кв. 12; Арбат, дом 5
_UNTYPED = (
    rf"(?<!\w)[А-ЯЁ][а-яё]{{2,}}(?: {_CAP})?,? ?(?:(?:д|дом)\.? ?{_HOUSE}"
    r"|\d{1,4}[а-я]?(?:/\d+)?[, -]{1,2}(?:кв|квартира|корп|стр|подъезд)\.? ?\d{1,3}(?!\d))"
)

_PARTS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("index", r"(?<![\d.,])[1-6]\d{5}(?!\d)"),
        ("region", _REGION),
        ("town", _SETTLED),
        ("town", _CITY),
        ("street", rf"(?<!\w)(?:{_TYPE}) ?(?:(?:им\.|[а-яё]{{3,}}) ?)?{_NAME}"),
        ("street", _SMALL_STREET),
        ("street", _NAMED_FIRST),
        ("house", _HOUSED),
        ("room", _ROOM),
        ("flat", _UNTYPED),
    )
)
_BARE_HOUSE = re.compile(rf"[, ]{{1,3}}{_HOUSE}")
_JOINT = re.compile(r"[\s,;.:()-]{0,4}")

_STREET_EN = (
    r"Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Square|Sq|Place|Pl|Way|Terrace|Parkway|Pkwy"
    r"|Highway|Hwy|Close|Crescent|Row|Gardens|Hill|Mews|Broadway|Circle|Cir|Trail|Alley|Grove|Green|Park|Walk|Quay|Wharf|Plaza|Rise|View|Yard"
)
_ROOM_EN = r"(?:(?:Apt|Apartment|Suite|Ste|Unit|Flat|Floor|Room|Rm)\.?|#) ?[\w-]{1,6}"
_TOWN_EN = r"(?:, ?[A-Z][a-z'.-]+(?: [A-Z][a-z'.-]+){0,2}){1,2}"
_CODE_EN = r"(?:,? ?[A-Z]{2},? ?\d{5}(?:-\d{4})?|,? ?[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|,? ?\d{5,6})(?!\w)"
_NUMBERED = (
    rf"(?:(?<!\w){_ROOM_EN},? )?(?<!\w)\d{{1,5}}[A-Za-z]?(?:-\d+)?,? (?:[NSEW]{{1,2}}\.? )?"
    rf"(?:(?:[A-Z][\w'.-]*|\d{{1,3}}(?:st|nd|rd|th)) ){{0,4}}(?:{_STREET_EN})(?!\w)\.?"
    rf"(?: [NSEW]{{1,2}}(?!\w))?(?:,? {_ROOM_EN})?(?:{_TOWN_EN})?(?:{_CODE_EN})?"
)
# Tverskaya ulitsa 5, kv. 12
_NUMBERED_LAST = (
    rf"(?<!\w)(?:[A-Z][\w'-]+ ){{1,3}}(?:{_STREET_EN}|[Uu]litsa|[Uu]l|[Pp]rospekt|[Ss]tr)\.?,? "
    rf"(?:bld\.?|building|d\.|h\.)? ?\d{{1,4}}(?!\d)(?:,? (?:{_ROOM_EN}|(?:kv|of|apt)\.? ?\d+))?"
)
_TRANSLITERATED = (
    r"(?<!\w)(?:[Uu]l(?:itsa)?|[Pp]rospekt|[Pp]r-t|[Pp]er|[Nn]ab|[Ss]hosse)\.? [A-Z][\w'-]+(?: [A-Z][\w'-]+)?"
    r",? ?(?:d(?:om)?\.? ?)?\d{1,4}(?:,? (?:korp|str|kv|of|apt)\.? ?\d+)*"
)
_BOX = r"(?<!\w)[Pp]\.? ?[Oo]\.? [Bb]ox \d+|(?<!\w)[Аа](?:бонентский |/)[яЯ](?:щик)? ?№? ?\d+"
_WHOLE = tuple(map(re.compile, (_NUMBERED, _NUMBERED_LAST, _TRANSLITERATED, _BOX)))


def addresses(text: str) -> Iterator[Finding]:
    for pattern in _WHOLE:
        yield from (Finding(*match.span(), Kind.ADDRESS) for match in pattern.finditer(text))
    parts = sorted(
        (*_span(text, match.span(), name), name) for name, part in _PARTS for match in part.finditer(text)
    )
    cluster: list[tuple[int, int, str]] = []
    end = 0
    for part in parts:
        if cluster and not _JOINT.fullmatch(text, end, max(part[0], end)):
            yield from _address(cluster)
            cluster = []
        cluster.append(part)
        end = max(end, part[1])
    yield from _address(cluster)


def _span(text: str, span: tuple[int, int], name: str) -> tuple[int, int]:
    """A street's own house belongs to it even when no word says that it is a house."""
    house = _BARE_HOUSE.match(text, span[1]) if name == "street" else None
    return span[0], house.end() if house else span[1]


def _address(cluster: list[tuple[int, int, str]]) -> Iterator[Finding]:
    names = {name for _, _, name in cluster}
    if names & {"street", "flat"} or any(
        pair <= names
        for pair in ({"house", "room"}, {"index", "town"}, {"index", "region"}, {"town", "house"})
    ):
        yield Finding(cluster[0][0], max(stop for _, stop, _ in cluster), Kind.ADDRESS)
