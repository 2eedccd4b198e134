"""The outbox: each key once, all of a file or none of it, and a message that any reader can open."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.mail import Letter, MailError, Outbox, compose

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LETTER = Letter(
    to_name="Отдел партнёрств, ELMA365",
    to_email="partners@elma365.test",
    from_name="Мария Орлова",
    from_email="partners@artel.example",
    subject="ELMA365 и «Диадок»: предложение",
    body="Здравствуйте!\n\nТекст с\u00a0неразрывным пробелом.",
    lang="ru",
)
LINES = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=200)


def outbox(folder: Path) -> Outbox:
    return Outbox(folder, lambda: NOW)


def read(file: Path) -> EmailMessage:
    message = message_from_bytes(file.read_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    return message


def text(message: EmailMessage) -> str:
    """The body with the line ends that a letter has in memory."""
    return str(message.get_content()).replace("\r\n", "\n").removesuffix("\n")


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


async def test_a_letter_is_a_file_that_a_mail_program_reads(tmp_path: Path) -> None:
    receipt = await outbox(tmp_path / "out").send(LETTER, "letter:1")
    (file,) = files(tmp_path / "out")
    message = read(file)

    assert receipt.where == str(file) and file.suffix == ".eml"
    assert message["Message-ID"] == receipt.message_id
    assert message["Subject"] == LETTER.subject
    assert str(message["From"]) == "Мария Орлова <partners@artel.example>"
    (to,) = message["To"].addresses
    assert (to.display_name, to.addr_spec) == (LETTER.to_name, LETTER.to_email)
    assert message["Date"].datetime == NOW
    assert message["List-Unsubscribe"] == "<mailto:partners@artel.example?subject=unsubscribe>"
    assert message["X-Artel-Key"] == "letter:1"
    assert message["Content-Language"] == "ru"
    assert text(message) == LETTER.body
    assert "Здравствуйте!" in file.read_text("utf-8"), "readable as it lies"


async def test_an_unknown_address_is_an_empty_group(tmp_path: Path) -> None:
    await outbox(tmp_path).send(replace(LETTER, to_email=None), "k")
    (file,) = files(tmp_path)
    (group,) = read(file)["To"].groups
    assert group.display_name == LETTER.to_name and group.addresses == ()


@given(keys=st.lists(st.sampled_from(["a", "b", "в/../../г", ""]), min_size=1, max_size=12))
@settings(max_examples=25, deadline=None)
def test_a_key_is_one_file_however_often_it_is_sent(keys: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:

        async def send_all() -> list[Any]:
            letters = (replace(LETTER, subject=f"Письмо {number}") for number in range(len(keys)))
            return await asyncio.gather(
                *(outbox(Path(folder)).send(letter, key) for letter, key in zip(letters, keys, strict=True))
            )

        receipts = asyncio.run(send_all())
        assert len(files(Path(folder))) == len(set(keys))
        assert len(set(receipts)) == len(set(keys))


async def test_the_first_letter_of_a_key_stays_as_it_is(tmp_path: Path) -> None:
    first = await outbox(tmp_path).send(LETTER, "k")
    second = await outbox(tmp_path).send(replace(LETTER, subject="Другое"), "k")
    assert second == first
    (file,) = files(tmp_path)
    assert read(file)["Subject"] == LETTER.subject


@given(body=st.lists(LINES, max_size=6).map("\n".join) | LINES.map(lambda line: line * 12))
@settings(deadline=None)
def test_any_body_arrives_in_lines_that_the_standard_allows(body: str) -> None:
    content = compose(replace(LETTER, body=body), "k", NOW).as_bytes()
    assert max(map(len, content.split(b"\r\n"))) <= 998
    message = message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    assert text(message) == body.removesuffix("\n")


@given(subject=st.text(max_size=120), name=st.text(max_size=60))
@settings(deadline=None)
def test_no_subject_or_name_makes_a_header_of_its_own(subject: str, name: str) -> None:
    letter = replace(LETTER, subject=subject + "\r\nBcc: spy@x.test", to_name=name + "\nCc: spy@x.test")
    message = message_from_bytes(compose(letter, "k\nCc: spy@x.test", NOW).as_bytes(), policy=default)
    assert message["Bcc"] is None and message["Cc"] is None
    assert len(message["To"].addresses) == 1


@pytest.mark.parametrize(
    "address", ["", "nobody", "a@", "@b", "две @собаки.test", "a b@c.test", "a@b@c.test", "a@b..c"]
)
async def test_an_address_that_is_none_is_refused_before_anything_is_written(
    tmp_path: Path, address: str
) -> None:
    with pytest.raises(MailError, match="is not an e-mail address") as raised:
        await outbox(tmp_path).send(replace(LETTER, to_email=address), "k")
    assert "\n" not in str(raised.value)
    assert files(tmp_path) == []


def test_a_cyrillic_domain_is_spelled_for_the_wire() -> None:
    message = compose(replace(LETTER, to_email="info@компания.рф"), "k", NOW)
    domain = "компания.рф".encode("idna").decode()
    assert domain.startswith("xn--") and message["To"].addresses[0].addr_spec == f"info@{domain}"


async def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file stands where the folder should be")
    with pytest.raises(MailError, match=r"cannot write the letter to .*out: ") as raised:
        await outbox(tmp_path / "out").send(LETTER, "k")
    assert "\n" not in str(raised.value)


async def test_a_full_disk_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full_disk: Callable[[int], None]
) -> None:
    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(MailError, match="No space left on device"):
        await outbox(tmp_path).send(LETTER, "k")
    assert files(tmp_path) == []
    monkeypatch.undo()
    await outbox(tmp_path).send(LETTER, "k")
    assert len(files(tmp_path)) == 1


@pytest.fixture
def full_disk() -> Callable[[int], None]:
    def refuse(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    return refuse
