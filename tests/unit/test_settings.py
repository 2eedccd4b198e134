"""A wrong value stops the start with one line; every setting stands in the README."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphs.runtime.errors import StartError
from graphs.runtime.settings import Settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ARTEL_PORT", "seventy"),
        ("ARTEL_THRESHOLD", "1.5"),
        ("ARTEL_TIMEZONE", "Mars/Base"),
        ("ARTEL_SCHEDULE", "sometimes"),
        ("ARTEL_DATABASE_URL", "mysql://x"),
        ("ARTEL_DATABASE_URL", "no url"),
        ("ARTEL_LANG", "fr"),
        ("ARTEL_CONCURRENCY", "-1"),
        ("ARTEL_FEED_ALLOW_HOSTS", "a:b"),
        ("ARTEL_SENDER_EMAIL", "nobody"),
    ],
)
def test_a_wrong_value_is_named_in_one_line(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(StartError) as caught:
        Settings.load()
    line = str(caught.value)
    assert name in line
    assert value in line
    assert "\n" not in line


def test_the_database_is_a_file_in_the_data_folder_by_default(tmp_path: Path) -> None:
    assert Settings(data_dir=tmp_path).url == f"sqlite:///{tmp_path / 'artel.db'}"
    assert Settings(database_url="postgresql://host/name").url == "postgresql://host/name"


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_every_setting_is_documented(name: str) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    assert f"`ARTEL_{name.upper()}`" in readme
