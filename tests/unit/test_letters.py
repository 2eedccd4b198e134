"""Letters of real pairs, written offline: read by a person once, and held to what must be in every letter."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from agents.context import Lang, Sender, Style
from agents.evidence.facts import facts
from agents.evidence.record import Record
from agents.evidence.typography import polish
from agents.outreach.letter import REFUSAL, LetterText
from agents.outreach.task import Task
from agents.outreach.writing import draft_of, grounded, prompt_for
from memory.models import Draft
from prompts import OFFLINE_TEMPLATES
from tests.snapshots import check
from tests.snapshots.pairs import NOW, PAIRS, diadoc_elma, mango_amocrm
from tools.llm.completion import Completion
from tools.llm.offline import Offline

pytestmark = pytest.mark.untraced

SENDER = Sender("Мария Орлова", "Артель", "partners@artel.example")
LANGS, STYLES = get_args(Lang), get_args(Style)
EVERY = [
    (name, lang, style, short) for name in PAIRS for lang in LANGS for style in STYLES for short in (0, 1)
]


def task(lang: Lang = "ru", style: Style = "formal", short: bool = False, **more: object) -> Task:
    return Task("thread", 1, lang, style, short, **more)  # type: ignore[arg-type]


async def write(record: Record, task: Task, previous: Draft | None = None) -> Draft:
    prompt = prompt_for(record, task, SENDER, previous)
    completion = await Offline(OFFLINE_TEMPLATES).complete(prompt, LetterText)
    return draft(record, task, completion, previous)


def draft(record: Record, task: Task, completion: Completion, previous: Draft | None = None) -> Draft:
    prompt = prompt_for(record, task, SENDER, previous)
    held = grounded(completion.value, record, task, SENDER, (), prompt)
    return draft_of(held, completion, prompt, record, task, sender=SENDER, partnership_id="pair", now=NOW)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", PAIRS)
async def test_a_person_has_read_the_letters(name: str, lang: Lang) -> None:
    letters = [await write(PAIRS[name](), task(lang, style)) for style in STYLES]
    shown = (f"[{it.style}] {it.to_name}\n{it.subject}\n\n{it.body}" for it in letters)
    check(f"letter.{name}.{lang}.txt", "\n\n".join(shown))


@pytest.mark.parametrize(("name", "lang", "style", "short"), EVERY)
async def test_every_letter(name: str, lang: Lang, style: Style, short: bool) -> None:
    record = PAIRS[name]()
    letter = await write(record, task(lang, style, short))

    assert letter.note is None, "nothing that the templates say is left out as ungrounded"
    assert len(letter.subject) <= 90 and len(letter.body) <= (700 if short else 1400)
    assert letter.body.endswith(polish(REFUSAL[lang], lang))
    assert f"\n{SENDER.name}\n{SENDER.company}\n{SENDER.email}\n" in letter.body
    assert all(
        company.name in polish(letter.body, lang).replace("\u00a0", " ") for company in [record.pair[1]]
    )
    assert letter.body == "\n".join(polish(line, lang) for line in letter.body.split("\n"))
    assert not re.search(r"\bNone\b|undefined|\{|\}|  |\.\.|«»|“”", letter.body)
    assert "\n\n\n" not in letter.body
    for claim in letter.claims:
        assert claim["text"] in letter.body
        assert claim["evidence"] and set(claim["evidence"]) <= facts(record).keys()


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", PAIRS)
async def test_styles_really_differ(name: str, lang: Lang) -> None:
    letters = [await write(PAIRS[name](), task(lang, style)) for style in STYLES]
    own = [_sentences(it.body) for it in letters]
    for one in own:
        others = set().union(*(other for other in own if other is not one))
        assert len(one - others) >= len(one) / 2


@pytest.mark.parametrize(("lang", "style"), [(lang, style) for lang in LANGS for style in STYLES])
async def test_no_letter_says_a_thing_twice(lang: Lang, style: Style) -> None:
    letter = await write(mango_amocrm(), task(lang, style))
    words = re.findall(r"\w{4,}", letter.body.casefold())
    phrases = [tuple(words[place : place + 4]) for place in range(len(words) - 3)]
    assert len(phrases) == len(set(phrases))


@pytest.mark.parametrize(("lang", "style"), [(lang, style) for lang in LANGS for style in STYLES])
async def test_shorter_is_shorter(lang: Lang, style: Style) -> None:
    full, short = [await write(diadoc_elma(), task(lang, style, it)) for it in (False, True)]
    assert len(short.body) < len(full.body)
    assert short.claims, "why we write is not what is left out"


async def test_the_news_that_is_the_link_is_told_once() -> None:
    letter = await write(diadoc_elma(), task())
    assert "уже интегрированы" not in letter.body
    assert "уже интегрированы" in (await write(mango_amocrm(), task())).body


async def test_a_linked_pair_is_offered_to_develop_the_link_and_another_one_to_weigh_it() -> None:
    assert "развитии интеграции" in (await write(mango_amocrm(), task())).subject
    assert "целесообразна ли интеграция" in _plain((await write(PAIRS["hh-database"](), task())).body)


async def test_the_same_prompt_gives_the_same_letter() -> None:
    one, other = [await write(diadoc_elma(), task()) for _ in range(2)]
    assert one.model_dump() == other.model_dump()


async def test_a_draft_says_that_a_template_wrote_it() -> None:
    letter = await write(diadoc_elma(), task())
    assert letter.offline
    assert re.fullmatch(r"offline templates@[0-9a-f]{12}", letter.author)
    assert re.fullmatch(r"letter\.ru@[0-9a-f]{12}", letter.prompt or "")


async def test_a_rewrite_says_what_the_template_could_not_do() -> None:
    first = await write(diadoc_elma(), task())
    asked = task(style="friendly", remark="дружелюбнее, упомяните скидку", unread=("упомяните скидку",))
    second = await write(diadoc_elma(), asked, first)
    assert second.body == (await write(diadoc_elma(), task(style="friendly"))).body
    assert second.note is not None and "упомяните скидку" in second.note
    assert second.remark == "дружелюбнее, упомяните скидку"


def _sentences(body: str) -> set[str]:
    """Of what the letter says, without what code adds to each."""
    said = "\n".join(body.split("\n\n")[1:-2])
    return set(re.split(r"(?<=[.?!:])\s", said))


def _plain(text: str) -> str:
    return text.replace("\u00a0", " ")
