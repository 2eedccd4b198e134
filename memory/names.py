"""Company names as keys: one key for «МойСклад», MoySklad and ООО "Мой Склад".

The key is phonetic and lossy on purpose: it only says that two spellings may name one company. What was
written is kept beside it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from urllib.parse import urlsplit

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

_LEGAL_FORM = re.compile(
    r"ооо|оао|зао|ао|пао|нао|ип|гк|нко|ано|нпо|нпп|фгуп|фгбу|гку|гбу|муп|тоо|чоу|одо|уп|лтд|инк"
    r"|llc|inc|incorporated|ltd|limited|plc|gmbh|corp|corporation|co|company|ag|sa|nv|bv|srl|oy"
    r"|групп[аы]?|компания|холдингс?|корпорация|концерн|фирма|groups?|groupe|holdings?"
)
_LONG_FORMS = re.compile(
    r"общество с ограниченной ответственностью|(?:публичное |закрытое |открытое |непубличное )?"
    r"акционерное общество|индивидуальный предприниматель|групп[аы] компаний|автономная некоммерческая"
    r" организация"
)
# The Latin side is spelled by English habits, the Cyrillic one as Russians hear it: meet in the middle.
_ENGLISH = {
    "headhunter": "hedhanter",
    "hunt": "hant",
    "flow": "flou",
    "cloud": "klaud",
    "line": "lain",
    "drive": "draiv",
    "live": "laiv",
    "time": "taim",
    "site": "sait",
    "mind": "maind",
    "touch": "tach",
    "office": "ofis",
    "sale": "seil",
    "mail": "meil",
    "space": "speis",
    "game": "geim",
    "google": "gugl",
    "apple": "epl",
    "micro": "maikro",
    "cyber": "kiber",
    "zone": "zon",
    "base": "beis",
    "pay": "pei",
    "face": "feis",
    "light": "lait",
    "right": "rait",
    "team": "tim",
    "power": "pauer",
    "house": "haus",
    "quest": "kvest",
    "tech": "teh",
    "uni": "iuni",
}
_ENGLISH_PART = re.compile("|".join(_ENGLISH))
_LATIN = {
    "shch": "sch",
    "sch": "sch",
    "kh": "h",
    "ph": "f",
    "th": "t",
    "ck": "k",
    "qu": "kv",
    "oo": "u",
    "ee": "i",
    "ch": "ch",
    "sh": "sh",
    "x": "ks",
    "w": "v",
    "y": "i",
    "j": "dzh",
    "q": "k",
}
_LATIN_PART = re.compile("|".join(_LATIN))
_SOFT_C = re.compile(r"c(?=[eiy])")
_HARD_C = re.compile(r"c(?!h)")
_CYRILLIC = dict(
    zip(
        "абвгдежзийклмнопрстуфхцчшщъыьэюя",
        [
            "a",
            "b",
            "v",
            "g",
            "d",
            "e",
            "zh",
            "z",
            "i",
            "i",
            "k",
            "l",
            "m",
            "n",
            "o",
            "p",
            "r",
            "s",
            "t",
            "u",
            "f",
            "h",
            "ts",
            "ch",
            "sh",
            "sch",
            "_",
            "i",
            "_",
            "e",
            "iu",
            "ia",
        ],
        strict=True,
    )
)
_TO_LATIN = str.maketrans({**{k: v.replace("_", "") for k, v in _CYRILLIC.items()}, "ё": "e"})
_LOOKALIKE = str.maketrans("abcehkmoptxy", "авсенкмортху")
_READABLE = str.maketrans({"й": "y", "ы": "y", "ю": "yu", "я": "ya", "х": "kh", "ё": "e"})
_FAMILIAR = re.compile(r"\.(?:ru|su|рф|com|net|org|io|biz|pro|me|tv|cc|ai|app|cloud|online|tech|zone)$")
_SHARED = ("co", "com", "org", "net", "msk", "spb")
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_DOUBLED = re.compile(r"([a-z])\1+")


@lru_cache(maxsize=65_536)
def name_key(name: str) -> str:
    """Letters and digits that every usual spelling of the name shares; never empty for a name with any.

    Legal forms, quotes, case, ё/е, punctuation and the alphabet are gone: Битрикс24 == Bitrix24.
    """
    return "".join(_phonetic(word) for word in significant_words(name))


def significant_words(name: str) -> tuple[str, ...]:
    """The name's words in lower case without its legal form, unless the form is all there is."""
    plain = _LONG_FORMS.sub(" ", _plain(name))
    words = tuple(_WORD.findall(plain)) or tuple(_WORD.findall(_plain(name)))
    return tuple(word for word in words if not _LEGAL_FORM.fullmatch(word)) or words


def similarity(a: str, b: str) -> float:
    """How alike two names are, 0..1, by their keys in the order written and in sorted order."""
    one, other = name_key(a), name_key(b)
    if one == other:
        return 1.0
    return max(fuzz.ratio(one, other), fuzz.ratio(_sorted_key(a), _sorted_key(b))) / 100


def slips(a: str, b: str) -> int:
    """How many letters were left out, put in, replaced or swapped with their neighbours, as it was written or
    by the keys, where ю is two."""
    written = ("".join(significant_words(it)) for it in (a, b))
    return min(OSA.distance(*it) for it in (written, map(name_key, (a, b)), map(_sorted_key, (a, b))))


def slug(name: str) -> str:
    """A readable ASCII name for addresses: «Мой Склад» -> moy-sklad."""
    words = (word.translate(_READABLE).translate(_TO_LATIN) for word in significant_words(name))
    ascii_words = (unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode() for word in words)
    return "-".join(word for word in ascii_words if word)[:80] or "company"


def domain_of(address: str) -> str | None:
    """The host of a URL or bare host, lower case, without www, IDN in Unicode; None when it has none."""
    text = address.strip()
    try:
        host = urlsplit(text if "//" in text else f"//{text}").hostname or ""
    except ValueError:
        return None
    host = _unicode_host(host.removeprefix("www.").rstrip("."))
    labels = host.split(".")
    valid = len(labels) > 1 and all(re.fullmatch(r"[^\W_](?:[\w-]*[^\W_])?", label) for label in labels)
    return host if valid and not labels[-1].isdigit() else None


def registered(domain: str) -> str:
    """What of a domain one registers, without its last part: yandex of cloud.yandex.ru, for one firm often
    has the same under several."""
    labels = domain.split(".")
    shared = len(labels) > 2 and labels[-2] in _SHARED
    return labels[-3 if shared else -2]


def domain_in(name: str) -> str | None:
    """The host that a company goes by («hh.ru»); None for a name that only has a dot («Dr.Web»)."""
    host = domain_of(name)
    return host if host and _FAMILIAR.search(host) else None


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().replace("ё", "е")


def _phonetic(word: str) -> str:
    if any("а" <= letter <= "я" for letter in word):
        # Latin lookalikes inside a Cyrillic word are typing slips or tricks.
        latin = word.translate(_LOOKALIKE).translate(_TO_LATIN)
    else:
        latin = _ENGLISH_PART.sub(lambda part: _ENGLISH[part[0]], "1s" if word == "1c" else word)
        latin = _HARD_C.sub("k", _SOFT_C.sub("s", _LATIN_PART.sub(lambda part: _LATIN[part[0]], latin)))
    return _DOUBLED.sub(r"\1", latin)


def _sorted_key(name: str) -> str:
    return "".join(sorted(_phonetic(word) for word in significant_words(name)))


def _unicode_host(host: str) -> str:
    try:
        return host.encode("ascii").decode("idna") if "xn--" in host else host
    except UnicodeError:
        return host
