"""Whether a text says that something happened, or denies, wishes, remembers or doubts it. Precision first:
what is not plainly said did not happen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .clauses import Line
from .cues import words
from .triggers import Fired

# Said of an event anywhere in its sentence, these take it back.
_DENIED = re.compile(
    r"\b(?:опроверг\w*|опроверга\w+|отрица\w+|не состо\w+|не случ\w+|сорвал\w*|разошлись|передума\w+|расторг\w*"
    r"|отозва\w+|слух\w*|якобы|выдумк\w+|спекуляци\w+|если бы|мог(?:ла|ли|ло)? бы|хотел[аи]? бы|отказал\w* от"
    r"|отказыва\w+|прекрат\w+ сотрудничеств\w+|перестал\w*|свор\w+чива\w+|сверну\w+|кандидатур\w+ .*отклон\w+"
    r"|вместо того|лишь (?:опцион|слухи)|пока (?:лишь|только) (?:иде|слух|опцион)\w+|не будет|не планир\w+"
    r"|не собира\w+|не ведет\w*|не веду\w*|не стал[аи]?\b(?! .*больше)|покида\w+ (?:совместн|проект|рынок|росси))"
)
# Right before the verb, these make it somebody's wish or guess.
_UNSURE = re.compile(
    r"\b(?:не|ни|может|могут|мог|могла|могли|можно|вероятно|возможно|предположительно|рассматрива\w+|обсужда\w+"
    r"|предлага\w+|предложи\w+|совету\w+|рекоменду\w+|мечта\w+|хочет|хотят|хотел[аи]?|интересу\w+|надеет\w+"
    r"|рассчитыва\w+|прогнозиру\w+|ожида\w+|ждут|ждал[аи]?|попросил\w*|призва\w+|стоит|следует|нужно|должн\w+"
    r"|чтобы|если|когда|почему|зачем|как|право|возможность|предполагалось|пыта\w+|думал\w*|собирал\w+)$"
)
# A plan that its owner announces counts as news.
_PLAN = re.compile(
    r"\b(?:планиру\w+|намер\w+|готов\w*|договорил\w+|реши\w+|обяза\w+|соглас\w+|собира\w+|начал\w*|объяви\w+"
    r"|обеща\w+|завершит\w*|удалось|смогл?[аи]?|сумел\w*|станет|стану\w*|будет|будут|хочет|хотят)\b"
)
_OPINION = re.compile(
    r"\b(?:жд(?:ет|ут)|ожида\w+|счита\w+|полага\w+|дума\w+|прогнозир\w+|предполага\w+|надеют\w*|надеет\w*"
    r"|уверен\w*|мечта\w+|опаса\w+|сомнева\w+|допус\w+|не исключ\w+|напомни\w+|вспомни\w+) , (?:что|как)\b"
)
_EARLIER = re.compile(
    r"^(?:(?:а|но|и) )?(?:ранее|раньше|прежде|прежн\w+|до этого|до того|напомни\w*|когда-то|некогда|в свое время"
    r"|в прошлом\b|годом ранее|год назад|\d+ (?:лет|года?) назад|несколько лет назад|до \d{4})\b"
    r"|\b(?:ранее|годом ранее|до этого|прежде|в прошлом году|год назад)(?: \S+){0,2}$"
)
_NOUNS = {
    "acquisition": r"сдел\w*|покупк\w*|покупо\w+|поглощен\w+|приобретен\w+|слияни\w+",
    "funding": r"раунд\w*|инвестици\w+|денег|деньг\w*",
    "launch": r"запуск\w*|релиз\w*|продукт\w*|сервис\w*|новинк\w+|анонс\w*",
    "integration": r"интеграци\w+",
    "partnership": r"партн[её]р\w*|партн[её]рств\w*|соглашен\w+|договор[её]нност\w+|контракт\w*|союз\w*|сделок|сделк\w+",
    "hiring": r"наём|найм\w*|вакансий",
    "leadership": r"назначен\w+|отстав\w+",
    "expansion": r"экспанси\w+|выход\w*",
}
_NO_EVENT = re.compile(r"\b(?:событий|новостей|перемен)\b.*\bнет\b")
_NOTHING = re.compile(
    r"\bни\b.*\bни\b|\b(?:нет|никак\w+)\b|\bне (?:сообща|объявля|содерж|обеща|анонсир|называ|приводит|описыва)\w*"
)
_EXCEPTED = re.compile(r"\b(?:кроме|други\w+|больше|дальнейш\w+|следующ\w+|конкретн\w+ (?:услови|сумм)\w+)\b")


def asserted(line: Line, trigger: Fired) -> bool:
    """True when the sentence says that what the trigger names happens, has happened or is decided."""
    verb = trigger.place
    departure = trigger.rule.type == "leadership"
    if line.text.endswith("?") or _EARLIER.search(_before(line, 0, verb)):
        return False
    if not departure and _DENIED.search(line.text):
        return False
    if _clause(line, verb) & words("subordinate"):
        return False
    before = _before(line, verb - 3, verb)
    if _OPINION.search(_before(line, 0, verb)):
        return False
    if _UNSURE.search(before) and not (departure and before.endswith("больше не")):
        return trigger.rule.type == "hiring" and before.endswith(("хочет", "хотят"))
    return trigger.form != "infinitive" or bool(_PLAN.search(_before(line, verb - 6, verb)))


def denied_types(lines: Iterable[Line]) -> frozenset[str]:
    """Kinds of events that the text itself says it has none of: «ни сделок, ни запусков в колонке нет»."""
    found: set[str] = set()
    for line in lines:
        if _NOTHING.search(line.text) and not _EXCEPTED.search(line.text):
            found |= {kind for kind, nouns in _NOUNS.items() if _denies(line.text, nouns)}
            found |= set(_NOUNS) if _NO_EVENT.search(line.text) else set()
    return frozenset(found)


def _denies(text: str, nouns: str) -> bool:
    denial = rf"\b(?:ни|никаких?|нет ни|новых|свежих?|нового|новой|новому) (?:\S+ ){{0,2}}(?:{nouns})\b"
    return bool(re.search(denial, text) or re.search(rf"\b(?:{nouns}) (?:\S+ ){{0,3}}нет\b", text))


def _before(line: Line, start: int, stop: int) -> str:
    return " ".join(token.word for token in line.tokens[max(0, start) : stop])


def _clause(line: Line, verb: int) -> set[str]:
    """The words between the last comma before the verb and the verb."""
    start = max((at for at in range(verb) if line.tokens[at].word in (",", ";", "—", ":")), default=-1)
    return {token.word for token in line.tokens[start + 1 : verb]}
