"""What of a source's text speaks to a machine instead of a reader: it is no fact, whoever obeys it.

Word lists, not understanding: an order that none of them knows still stands in a fence in every prompt, and
what a model makes of it is held against the facts.
"""

from __future__ import annotations

import re
import unicodedata

from razdel import sentenize

from .moods import unreal_at

# A longer name is none.
LONGEST_NAME = 80
_ASIDE = re.compile(r"\s[-–—|:/]+\s|\s*[(\[{<|]|:\s|\s*\n")
_PART = re.compile(r"\S.*?(?:[.!?…]+(?=\s)|$)", re.DOTALL | re.MULTILINE)
_LINE = re.compile(r"[^\n]+")
# A way out of the letter that somebody's prose points at; our record has addresses of its own.
_WAY = re.compile(
    r"\b[a-z][a-z\d+.-]*://[^\s<>'\x22«»“”]+|\b[\w-]+(?:\.[\w-]+)+/[^\s<>'\x22«»“”]*"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    re.IGNORECASE,
)
_UNSEEN = re.compile(r"<!--.*?(?:-->|$)|<(script|style)\b.*?(?:</\1\s*>|$)", re.DOTALL | re.IGNORECASE)

_RU_MACHINE = (
    r"(?:модел[ьиюе]|нейросет[ьию]\w?|нейронк[аеу]|ассистент\w{0,2}|помощник\w{0,2}|(?:чат-?)?бот\w{0,2}"
    r"|агент\w{0,2}"
    r"|парсер\w{0,2}|алгоритм\w{0,2}|ии|llm|gpt\w*|робот\w{0,2}|автоответчик\w{0,2}|скоринг\w{0,2}"
    r"|(?:оценщик|составител|рассыльщик|рецензент|обработчик|генератор|классификатор"
    r"|модератор)\w{0,2}(?: \w+)?"
    r"|систем[аеу] (?:оценки|скоринга|отбора)|(?:редактор|автор|получател|читател)\w{0,2} (?:писем|письма"
    r"|промпта))"
)
_EN_MACHINE = (
    r"(?:models?|(?:ai )?assistants?|(?:chat)?bots?|(?:ai |crm )?agents?|parsers?|algorithms?|ai|llms?"
    r"|gpt\w*|robots?"
    r"|(?:scoring|rating|ranking) (?:system|model|engine)|classifiers?|evaluators?|generators?|mailers?"
    r"|language models?|(?:letter|e-?mail) writers?)"
)
_MACHINE = rf"(?:{_RU_MACHINE}|{_EN_MACHINE})"
# A sentence begins; or a capital follows a small letter, where the full stop was left out.
_OPENING = r"(?:(?:^|[:;(\[«“\"*#>|])\W*|(?-i:(?<=[a-zа-яё\d»)]) (?=[A-ZА-ЯЁ])))"
# What of our work an order would change; a company tells its customers of none of it.
_EN_WORK = (
    r"(?:(?:the|this) (?:letter|e-?mail|recipient|addressee|reviewer|prompt|draft|pair|score|subject line)"
    r"|your (?:answer|reply|response|output|instructions?|prompt|rules|letter))"
)
_RULES = (
    # Called by its name: «Нейросети: …», “Model, …”; not «Модель, созданная …».
    rf"{_OPENING}(?:(?:для|к|внимание|важно|уважаем\w+|эй|dear|hey|note|attention|important)\W+)?"
    rf"(?:(?:для|к|to|for)\s+)?(?:the\s+|an?\s+|all\s+|any\s+)?{_MACHINE}(?:\s+[\w-]+){{0,2}}\s*:",
    rf"^\W*(?:dear\s+|hey\s+|уважаем\w+\s+)?{_MACHINE},"
    r"(?!\s*(?:котор|как\b|что|где\b|а\b|но\b|и\b|which|who|that|and|but|or)|\s*\w+(?:анн|енн|вш|ющ|ящ|ущ"
    r"|ащ|ed\b))",
    r"^\W*(?:note |message )?(?:to|for) (?:the|all|any|whoever) [\w -]{3,40}:",
    # What it must do: “The model must …”, “Whoever drafts …”, «Кто бы это ни читал, …».
    rf"{_OPENING}(?:the\s+|any\s+|all\s+|эта\s+)?{_MACHINE}\s+(?:must|should|shall|ha(?:s|ve) to"
    rf"|needs? to|долж\w+|обязан\w*)\b",
    r"\b(?:who|what)ever (?:is )?(?:reads?|reading|writ\w+|draft\w*|process\w*|evaluat\w+|scor\w+)\b"
    r"|\bкто бы (?:это |сие )?ни (?:чита|писа|оценива|обрабатыва)\w+",
    r"^\W*(?:system|assistant|user|ai|llm|система|ассистент|модель|нейросеть)\s*:",
    rf"^\W*(?:инструкция|команда|указание|note|instructions?)\s+(?:для|to"
    rf"|for)\s+(?:the\s+)?{_MACHINE}[^:]{{0,30}}:",
    # Away with the rules.
    r"\b(?:ignore|disregard|forget|override|забудь|забудьте|игнорируй|игнорируйте|проигнорируй|проигнорируйте"
    r"|отмени|отмените|не следуй|не следуйте)\b[^.!?]{0,40}"
    r"\b(?:instruction|rule|prompt|above|previous|инструкци|правил|указани|промпт|предыдущ|прежни|выше\b)",
    r"\b(?:ты|you are) (?:теперь|now|an? (?:ai|assistant|language model))\b",
    r"\b(?:end of (?:data|facts|input)|конец (?:данных|фактов))\b",
    # Orders of how to do the work.
    r"\b(?:запиши|запишите|внеси|внесите|занеси|занесите|record|write down|enter)\b[^.!?]{0,30}"
    r"\b(?:факт|баз[уыае]\b|ответ|fact|database|answer)",
    r"\b(?:поставь|поставьте|присвой|присвойте|выстави|выставите|give|assign|set|mark)\b[^.!?]{0,60}"
    r"(?:\b(?:score|балл|оценк|рейтинг|скор)|\b1[.,]0\b|\bmax|\btop\b)",
    r"\bне (?:извлекай|извлекайте|упоминай|включай)\b",
    r"\b(?:верни|верните|return) (?:пуст|json|an? empty|empty|only)",
    r"(?:^\W*|[:,;]\s*|\bи\s+)(?:напиши|добавь|вставь|отправь|укажи|упомяни|сошлись|ссылайся|попроси"
    r"|проси|предложи"
    r"|пообещай|обещай|гарантируй|одобри|утверди|замени|поменяй|выведи|процитируй|перечисли|адресуй"
    r"|подпиши)\b",
    r"^\W*(?:please\s+)?(?:mention|add|insert|include|write|say|tell|state|promise|send|forward|print"
    r"|output|quote"
    rf"|repeat|reveal|change|replace|approve|rate|use|address|sign|cite|ask)\b[^.!?]{{0,60}}\b{_EN_WORK}\b",
    r"\b(?:rate|score|approve|propose) (?:this|the) (?:pair|match|letter|draft)\b",
    r"\b(?:адрес|почта) получателя\b|\brecipient(?:[’']s)? (?:address )?(?:is|has) (?:now|changed)\b"
    r"|\baddress of the recipient\b",
    # Ready answers, scores and the marks of a conversation with a model.
    r"\b(?:score|балл|оценка|рейтинг)\b[^.!?]{0,40}(?:\bis|[=:—-]|\bравн\w+)\s*1[.,]0",
    r"\b(?:complementarity|competition)\b[^.!?]{0,20}(?:\bis\b|[=:—-]|\bравн\w+|\bto\b)\s*\d",
    r"\b(?:complementarity|competition)\b[^.!?]{0,20}\b(?:zero|one|highest|lowest|ноль|нул[юя]|единиц\w+)\b",
    rf"(?:{_OPENING}|(?-i:[,;] (?=[A-ZА-ЯЁ])))[^.!?:,;]{{0,40}}\b(?:ответ(?:у|е|а|ом)?|answer|reply|output)\b"
    r"[^.!?:]{0,20}:",
    r"[{\[]\s*[\"“]\w+[\"”]\s*:",
    r"</?(?:data|system|assistant|user|prompt|instructions?)>|<\|\w+\|>|\[/?(?:inst|system)\]",
)
_ORDER = re.compile("|".join(f"(?:{rule})" for rule in _RULES), re.IGNORECASE)

# A word of two alphabets hides what it says: «Игнopиpyй».
_MIXED = re.compile(
    r"(?:[^\W\d_]*[A-Za-z\u0370-\u03ff][\u0400-\u04ff]|[^\W\d_]*[\u0400-\u04ff][A-Za-z\u0370-\u03ff])"
)
_LATIN, _CYRILLIC, _GREEK = "aceopxyikmtbhgjs", "асеорхуікмтвнԍјѕ", "ασεορχυικμτβηγϳς"
_FOLDS = tuple(
    str.maketrans(whose + whose.upper(), meant + meant.upper())
    for whose, meant in (
        (_CYRILLIC + "и" + _GREEK, _LATIN + "u" + _LATIN),
        (_LATIN + "un" + _GREEK, _CYRILLIC + "ип" + _CYRILLIC),
    )
)


def orders(text: str) -> bool:
    """Whether a sentence talks to a machine, in whichever alphabet its letters are."""
    return _order_at(text) is not None


def to_readers(text: str, start: int, stop: int) -> list[tuple[int, int]]:
    """Where in text[start:stop], a sentence, stand the parts that talk to readers."""
    if not orders(text[start:stop]):
        return [(start, stop)]
    parts = [match.span() for match in _PART.finditer(text, start, stop)]
    return [(a, b) for a, b in parts if not orders(text[a:b])]


def seen(text: str) -> str:
    """The text without signs that nobody sees."""
    return "".join(sign for sign in text if unicodedata.category(sign) != "Cf")


def called(name: str) -> str:
    """A company's name as it may be said: what follows it in brackets or behind a dash is no name."""
    plain = " ".join(seen(_UNSEEN.sub("", name)).split())
    head = _ASIDE.split(plain, maxsplit=1)[0].strip()
    return (head or plain)[:LONGEST_NAME].rstrip()


def heard(text: str) -> str:
    """What a source's text says to its readers, without addresses; as written where it says nothing else."""
    shown = seen(_WAY.sub("", _UNSEEN.sub("", text)))
    said = [piece.text for line in _LINE.finditer(shown) for piece in sentenize(line[0])]
    kept = [part for sentence in said for part in _heard(sentence)]
    return shown if kept == said else " ".join(kept)


def _heard(sentence: str) -> list[str]:
    """Of a part with an order, what stands before it: a card has no full stop at its end."""
    if not orders(sentence):
        return [sentence]
    parts = (part[0] for part in _PART.finditer(sentence))
    return [kept for part in parts if (kept := part[: _order_at(part)].rstrip(' ,;:(«“"—–-'))]


def _order_at(text: str) -> int | None:
    """Where in the text the first order begins."""
    signs = [(sign, at) for at, whole in enumerate(text) for sign in _folded(whole)]
    plain = "".join(sign for sign, _ in signs)
    read = [plain, *(plain.translate(fold) for fold in _FOLDS)] if _MIXED.search(plain) else [plain]
    found = [match.start() for it in read if (match := _ORDER.search(it))]
    found += [at for it in read if (at := unreal_at(it)) is not None]
    return signs[min(found)][1] if found else None


def _folded(sign: str) -> str:
    return "" if unicodedata.category(sign) == "Cf" else unicodedata.normalize("NFKC", sign)
