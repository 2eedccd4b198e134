"""One-time passwords by the clock (RFC 6238: SHA-1, 30 seconds, six digits), as every app makes them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
from datetime import datetime
from urllib.parse import quote, urlencode

STEP_S = 30
DIGITS = 6
SECRET_BYTES = 20


def step_of(at: datetime) -> int:
    return int(at.timestamp()) // STEP_S


def code(secret: str, step: int) -> str:
    """Of a base32 secret."""
    mac = hmac.digest(base64.b32decode(secret), struct.pack(">Q", step), hashlib.sha1)
    place = mac[-1] & 0xF
    number = struct.unpack(">I", mac[place : place + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def step_that_fits(secret: str, given: str, now: datetime) -> int | None:
    """The step whose code was given: this one, or a neighbour's for clocks that differ."""
    this = step_of(now)
    for step in (this, this - 1, this + 1):
        if hmac.compare_digest(code(secret, step).encode(), given.encode()):
            return step
    return None


def address(secret: str, login: str) -> str:
    """What an app reads as a QR code."""
    return f"otpauth://totp/{quote(f'Artel:{login}')}?{urlencode({'secret': secret, 'issuer': 'Artel'})}"


def secret_of(entropy: bytes) -> str:
    return base64.b32encode(entropy[:SECRET_BYTES]).decode()
