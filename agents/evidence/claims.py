"""What a sentence claims, read from its words alone: times, praise, contacts, links, names, offers.

Word lists, not understanding: whoever uses them must prefer silence to a claim.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from agents.context import Lang

# Stands where a name of the pair stood, so that the word after it is not taken for an opening.
NAMED = "§"

_WORD = re.compile(r"[^\W_]+")
_LATIN = re.compile(r"[a-z]", re.IGNORECASE)
_QUOTED = {"ru": re.compile(r"«([^»]*)»"), "en": re.compile(r"“([^”]*)”")}
_OPENING = re.compile(rf"(?:^|[.!?:…]\s+)[^\w{NAMED}]*((?:[^\W_][\w’'-]*\s?){{1,3}})")
_CONTACT = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<!\w)\+?\d(?:[\s()-]*\d){9,}|(?<!\w)@\w{3,}")
_LINK = re.compile(
    r"[a-z][a-z\d+.-]*://\S+"
    r"|(?<![\w@])[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,}(?![\w.-]*@)(?:[/?#:]\S*)?",
    re.IGNORECASE,
)
_PRAISE = re.compile(
    r"(?<!\w)(?:лидер|лучш(?!е(?!\w))|уникальн|ведущ|гарант|крупнейш|революц|идеальн|популярн|известн|success"
    r"|proven|leaders?(?!\w)|leading"
    r"|best(?! (?:person|time|way|regards|wishes))|unique|guarant"
    r"|largest|revolution|perfect|popular|famous|world-class)\w*",
    re.IGNORECASE,
)
# What is said of all there are, which no card of a company can know.
_SWEEPING = re.compile(
    r"(?<!\w)(?:наи\w{4,}ш\w+|сам(?:ый|ая|ое|ые|ых|ого|ому|ым|ой)|люб(?:ой|ая|ое|ые|ых|ого|ому|ым|ыми)|всегда|никогда|никто"
    r"|ничто|ничего|абсолютн\w+|безусловн\w+|безупречн\w+|максимальн\w+|стопроцентн\w+"
    r"|highest|greatest|strongest|ideal\w*|flawless\w*|absolute\w*|always|never|nothing|nobody|any|every|maximum)(?!\w)",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"(?<!\w)(?:январ\w+|феврал\w+|март\w?|апрел\w+|июн[ьяе]|июл[ьяе]|август\w?|сентябр\w+|октябр\w+"
    r"|ноябр\w+|декабр\w+|вчера|позавчера|недавн\w+|на днях|только что|прошл\w+"
    r"|january|february|march|april|june|july|august|september|october|november|december"
    r"|yesterday|recent\w*|last (?:week|month|year|quarter))(?!\w)",
    re.IGNORECASE,
)
# Verbs and turns by which a sentence asks or offers; one without any states something.
_OFFER = re.compile(
    r"\?|(?:^|мы |также |будем |были |бы |и )(?:готовы|рады)"
    r"|(?:we(?: are|[’']re)?|would be) (?:very )?(?:happy|glad)"
    r"|(?<!\w)(?:предлаг|предлож|приглаша|хотим|хотели|давайте|подскаж|расскажите|ответьте|напишите"
    r"|просим|прошу|познаком|обсуд|бы(?!\w)|would|could|propose|suggest|invite|offer|let us|let[’']s"
    r"|please|reply|discuss|introduc|we will arrange|организуем|согласуем|расскаж|покаж|поделим|ответим"
    r"|будем рады|признательн|благодар|спасибо|if you|we can|we will|we[’']d|shall|look forward|thank)",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"\b(вопрос в\s?том,?|the question is)\s", re.IGNORECASE)
# Capitals and Latin letters that name nobody.
_TERMS = frozenset(
    "crm api b2b saas it erp bi sla sdk rest soap json xml http https oauth sso webhook webhooks"  # noqa: SIM905
    " e mail email id mvp i m we ai ии инн russian english вы вас вам вами ваш ваша ваше ваши"
    " вашей вашего вашему вашим ваших".split()
)


def times(text: str) -> frozenset[str]:
    return _stems(_TIME, text)


def praise(text: str) -> frozenset[str]:
    return _stems(_PRAISE, text)


def sweeping(text: str) -> bool:
    return _SWEEPING.search(text) is not None


def quotations(text: str, lang: Lang) -> list[str]:
    """What stands in the outer quotation marks of a text in good typography."""
    return _QUOTED[lang].findall(text)


def unquoted(text: str, lang: Lang) -> str:
    return _QUOTED[lang].sub(" ", text)


def without_links(text: str) -> str:
    return _LINK.sub(" ", text)


def contacts(text: str) -> list[str]:
    """E-mail addresses, telephone numbers and @names."""
    return [found[0] for found in _CONTACT.finditer(text)]


def links(text: str) -> list[str]:
    """Addresses of the internet, and names of hosts; the mark that ends a sentence is none of theirs."""
    return [found[0].rstrip(".,;:!?)»”\"'") for found in _LINK.finditer(text)]


def hidden(text: str) -> bool:
    """Whether there are signs in it that nobody sees, with which a link or a number can be taken apart."""
    return any(unicodedata.category(sign) in ("Cf", "Cc") for sign in text)


def offers(text: str) -> bool:
    """Whether the sentence asks or proposes something."""
    return _OFFER.search(text) is not None


def parted(text: str) -> tuple[str, str]:
    """What the sentence tells, and what it asks behind that: «…: вопрос в том, какие …»."""
    told, _, asked = (*_QUESTION.split(text, maxsplit=1), "", "")[:3]
    return told, asked


def openings(text: str) -> Iterator[str]:
    """The first one, two and three words of each sentence: there a capital says nothing about a name."""
    for found in _OPENING.finditer(text):
        words = found[1].split()
        yield from (" ".join(words[:length]) for length in range(1, len(words) + 1))


def names(text: str, lang: Lang) -> list[str]:
    """Words that look like a name, in lower case: Latin in a Russian text, a capital inside a word or a
    sentence, a digit among letters. Words of the trade, such as API, aside.
    """
    starts = {found.start(1) for found in _OPENING.finditer(text)}
    found = (it for it in _WORD.finditer(text) if _like_name(it[0], it.start() in starts, lang))
    return [word for it in found if (word := it[0].casefold()) not in _TERMS]


def words(text: str) -> frozenset[str]:
    return frozenset(word.casefold() for word in _WORD.findall(text))


def _like_name(word: str, first: bool, lang: Lang) -> bool:
    latin = lang == "ru" and _LATIN.search(word) is not None
    mixed = any(map(str.isdigit, word)) and not word.isdigit()
    return latin or mixed or any(map(str.isupper, word[1:])) or (word[0].isupper() and not first)


def _stems(pattern: re.Pattern[str], text: str) -> frozenset[str]:
    return frozenset(found[0].casefold()[:5] for found in pattern.finditer(text))
