"""Every text of the pages has its Russian, and no Russian is left over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from api.pages.locale import CATALOGUES, Locale
from api.pages.shell import TEMPLATES

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def said() -> Iterator[str]:
    """The texts of the templates and of the code of the pages; of a plural its singular."""
    ways = (("*.html", "jinja2.ext:babel_extract", "_ ngettext"), ("*.py", "python", "gettext say N_"))
    for pattern, method, words in ways:
        for file in sorted(TEMPLATES.parent.rglob(pattern)):
            keywords = {word: (1, 2) if word == "ngettext" else None for word in words.split()}
            with file.open("rb") as source:
                for _, found, _, _ in extract(method, source, keywords=keywords):  # type: ignore[arg-type]
                    yield found if isinstance(found, str) else str(found[0])


def test_the_catalogue_is_whole_and_holds_no_more() -> None:
    with (CATALOGUES / "ru.po").open("rb") as source:
        known = {it.id if isinstance(it.id, str) else it.id[0]: it.string for it in read_po(source) if it.id}
    assert {*said()} == {*known}
    assert [text for text, translated in known.items() if not all(translated)] == []


@pytest.mark.parametrize(
    ("ago", "russian", "english"),
    [
        (timedelta(seconds=20), "только что", "just now"),
        (timedelta(minutes=1, seconds=30), "1 минуту назад", "1 minute ago"),
        (timedelta(hours=5, minutes=3), "5 часов назад", "5 hours ago"),
        (timedelta(days=22), "3 недели назад", "3 weeks ago"),
        (-timedelta(hours=3, minutes=1), "через 3 часа", "in 3 hours"),
    ],
)
def test_how_long_ago(ago: timedelta, russian: str, english: str) -> None:
    said = [Locale(lang, UTC).ago(NOW - ago, NOW) for lang in ("ru", "en")]
    assert said == [russian, english]


def test_numbers_and_sums_are_written_as_the_language_does() -> None:
    russian, english = Locale("ru", UTC), Locale("en", UTC)
    assert (russian.number(9123.5), english.number(9123.5)) == ("9\xa0123,5", "9,123.5")
    assert (russian.roubles(2_140_000), english.roubles(2_140_000)) == ("2,1\xa0млн\xa0₽", "RUB\xa02.1M")
    assert russian.time(NOW) == "20\xa0ноября,\xa009:00"
