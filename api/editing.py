"""A person's own version of a letter, from an editor or from options."""

from __future__ import annotations

import asyncio
import shlex
import subprocess
import tempfile
from pathlib import Path

from .cards import Json
from .client import Refused
from .decisions import decide
from .desk import Desk
from .words import Words


async def in_editor(desk: Desk, card: Json, editor: str) -> None:
    """Let the person edit the letter, then send it. What was written is kept if it could not be sent."""
    path = _written(letter_text(_letter(desk, card), desk.words))
    await asyncio.to_thread(_edit, desk, editor, path)
    try:
        await _send(desk, card, letter_of(_read(desk, path), desk.words))
    except Refused as error:
        raise Refused(f"{error} ({desk.words('edit.kept', path=path)})") from error
    path.unlink()


async def from_options(desk: Desk, card: Json, subject: str | None, body_file: Path | None) -> None:
    """Send the letter with another subject, another body, or both."""
    shown = _letter(desk, card)
    body = shown["body"] if body_file is None else _read(desk, body_file)
    await _send(desk, card, {"subject": subject or shown["subject"], "body": body.strip()})


def letter_text(draft: Json, words: Words) -> str:
    """The letter as it is edited: the subject's line, an empty line, the body."""
    return f"{words('letter.subject')}: {draft['subject']}\n\n{draft['body']}\n"


def letter_of(text: str, words: Words) -> Json:
    """{subject, body} of an edited text. Errors: Refused when the subject's line is gone."""
    head, _, body = text.lstrip().partition("\n")
    label, colon, subject = head.partition(":")
    if not colon or label.strip() != words("letter.subject"):
        raise Refused(words("edit.no_subject", label=words("letter.subject")))
    return {"subject": subject.strip(), "body": body.strip()}


async def _send(desk: Desk, card: Json, letter: Json) -> None:
    draft = card["draft"]
    if letter == {"subject": draft["subject"].strip(), "body": draft["body"].strip()}:
        raise Refused(desk.words("edit.unchanged"))
    await decide(desk, card["review"], {"type": "edit", **letter})


def _letter(desk: Desk, card: Json) -> Json:
    if card["draft"] is None:
        raise Refused(desk.words("edit.no_letter"))
    draft: Json = card["draft"]
    return draft


def _written(text: str) -> Path:
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", prefix="artel-", suffix=".txt", delete=False
    ) as file:
        file.write(text)
    return Path(file.name)


def _read(desk: Desk, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(desk.words("file.unreadable", path=path, error=error)) from error


def _edit(desk: Desk, editor: str, path: Path) -> None:
    # An editor may come with arguments, such as `code --wait`; whose it is, is the person's own choice.
    try:
        subprocess.run([*shlex.split(editor), str(path)], check=True)  # noqa: S603
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        raise Refused(desk.words("edit.no_editor", editor=editor, error=error)) from error
