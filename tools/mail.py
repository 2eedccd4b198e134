"""Letters that leave: the `Mail` Protocol and its embedded default, an outbox folder of .eml files."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address, Group
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Protocol

# RFC 5322, 2.1.1: no line is longer than this many octets.
LINE_OCTETS = 998

_BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


class MailError(Exception):
    """The letter did not leave; one line says why."""


@dataclass(frozen=True)
class Letter:
    """Plain text, `body` with "\\n" between lines. to_email is None while nobody knows the address."""

    to_name: str
    to_email: str | None
    from_name: str
    from_email: str
    subject: str
    body: str
    lang: str


@dataclass(frozen=True)
class Receipt:
    """Proof of sending: the Message-ID and where the letter lies (a file, a server)."""

    message_id: str
    where: str


class Mail(Protocol):
    """Sends letters, each key once."""

    async def send(self, letter: Letter, key: str) -> Receipt:
        """Send `letter`; the same key again sends nothing and gives the same receipt. Errors: MailError."""
        ...


class Outbox:
    """Writes each letter as an RFC 5322 file into `folder`, named after its key.

    The first letter with a key is the letter: a later one with the same key changes nothing.
    """

    def __init__(self, folder: Path, clock: Callable[[], datetime]) -> None:
        self._folder = folder
        self._clock = clock

    async def send(self, letter: Letter, key: str) -> Receipt:
        message = compose(letter, key, self._clock())
        path = self._folder / f"{_digest(key)}.eml"
        try:
            await asyncio.to_thread(_write_once, path, message.as_bytes())
        except OSError as error:
            raise MailError(f"cannot write the letter to {self._folder}: {error.strerror}") from error
        return Receipt(str(message["Message-ID"]), str(path))


def compose(letter: Letter, key: str, now: datetime) -> EmailMessage:
    """The message of RFC 5322; its Message-ID is made of the key. Errors: MailError for a bad address."""
    sender = _address(letter.from_name, letter.from_email)
    message = EmailMessage(policy=SMTP)
    message["Message-ID"] = f"<{_digest(key)}@{sender.domain}>"
    message["Date"] = format_datetime(now)
    message["From"] = sender
    message["To"] = _recipient(letter)
    message["Subject"] = _line(letter.subject)
    message["List-Unsubscribe"] = f"<mailto:{sender.addr_spec}?subject=unsubscribe>"
    message["X-Artel-Key"] = _line(key)
    message.set_content(letter.body, cte=_encoding(letter.body))
    message["Content-Language"] = letter.lang
    return message


def _recipient(letter: Letter) -> Address | Group:
    if letter.to_email is None:
        # An empty group (RFC 5322, 3.4) names the receiver without inventing an address.
        return Group(_line(letter.to_name))
    return _address(letter.to_name, letter.to_email)


def _address(name: str, email: str) -> Address:
    user, _, domain = email.strip().rpartition("@")
    try:
        if not (user and domain):
            raise ValueError("not user@host")
        user.encode("ascii")
        return Address(_line(name), addr_spec=f"{user}@{domain.encode('idna').decode('ascii')}")
    except (ValueError, IndexError, MessageError) as error:
        raise MailError(f"{email!r} is not an e-mail address: correct it and send again") from error


def _line(text: str) -> str:
    return _BREAKS.sub(" ", text).strip()


def _encoding(body: str) -> str:
    """8bit keeps the file readable as it lies; longer lines than the standard allows need base64."""
    return "8bit" if max(map(len, body.encode().split(b"\n"))) <= LINE_OCTETS else "base64"


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def _write_once(path: Path, content: bytes) -> None:
    """All of the file or none of it: written and synced under another name, then linked to its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _link_new(path, content)
    _sync(path.parent)


def _link_new(path: Path, content: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".part") as part:
        part.write(content)
        part.flush()
        os.fsync(part.fileno())
        try:
            os.link(part.name, path)
        except FileExistsError:
            # Another sender of the same key was first: its letter stands.
            return


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
