"""Tells somebody else's server what happened: one signed POST, to an address that a caller chose.

Signed as https://www.standardwebhooks.com says (symmetric, v1), so any of its libraries can verify it. The
address is as little trusted as a feed's, so the same guard stands before the connection. What the server
answers is somebody else's text: no redirect is followed, no body read, no cookie kept.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from .http import BadUrl, CheckedTransport, Refused, Unreachable, parse, trusted

USER_AGENT = "Artel/0.1 (webhooks)"
MIN_SECRET = 24  # bytes: Standard Webhooks, "Signature scheme"
_LONGEST_WAIT = 12  # digits of a Retry-After that is still read as a number
_ASKED_TO_WAIT = (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE)


class WebhookError(Exception):
    """Why a webhook was not taken, in one line.

    WebhookError
    ├── WebhookRefused  never will be: not an http(s) address, not on the public internet, 410 Gone
    └── WebhookFailed   may be next time: no connection, no answer in time, any other answer but 2xx
    """


class WebhookRefused(WebhookError):
    pass


class WebhookFailed(WebhookError):
    """retry_after_s: how long the server asked to be left alone, when it did."""

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Webhooks:
    """POST over http(s). Close it with `aclose()`.

    secret: what the receivers verify with, at least 24 random bytes; timeout_s: a whole call;
    allow_hosts: "host" or "host:port" that may be called although its address is not public.
    """

    def __init__(
        self,
        secret: bytes,
        allow_hosts: frozenset[str] = frozenset(),
        timeout_s: float = 10.0,
        *,
        user_agent: str = USER_AGENT,
    ) -> None:
        if len(secret) < MIN_SECRET:
            raise ValueError(f"the secret of webhooks must have {MIN_SECRET} bytes or more")
        self.timeout_s = timeout_s
        self._secret = secret
        # No connection is kept: two names on one address must not share a TLS session made for one of them.
        inner = httpx.AsyncHTTPTransport(
            verify=trusted(), limits=httpx.Limits(max_keepalive_connections=0), trust_env=False
        )
        # The transport alone, without a client around it: a client keeps cookies and looks at redirects.
        self._transport = CheckedTransport(inner, allow_hosts)
        self._headers = {"User-Agent": user_agent, "Accept": "*/*", "Content-Type": "application/json"}
        # A part of the whole for each address, so that a dead one leaves time for the next.
        self._extensions = {"timeout": httpx.Timeout(None, connect=timeout_s / 3).as_dict()}

    async def check(self, url: str) -> None:
        """Whether a webhook to `url` can be accepted. A name that does not resolve now may do so later.

        Errors: WebhookRefused, saying what to do.
        """
        with _as_webhook_errors(url, self.timeout_s):
            address = parse(url)
            try:
                async with asyncio.timeout(self.timeout_s):
                    await self._transport.addresses(address)
            except (Unreachable, TimeoutError):
                return

    async def post(self, url: str, payload: Mapping[str, Any], *, id: str, now: datetime) -> None:
        """Return when the receiver took `payload` (2xx). A repeat has the same `id` and a new `now`.

        Errors: WebhookRefused, WebhookFailed.
        """
        body = json.dumps(payload, separators=(",", ":"), allow_nan=False).encode("ascii")
        with _as_webhook_errors(url, self.timeout_s):
            headers = {**self._headers, **signed(self._secret, id, now, body)}
            request = httpx.Request(
                "POST", parse(url), headers=headers, content=body, extensions=self._extensions
            )
            async with asyncio.timeout(self.timeout_s):
                response = await self._transport.handle_async_request(request)
                await response.aclose()
        _check_answer(url, response, now)

    async def aclose(self) -> None:
        await self._transport.aclose()


def signed(secret: bytes, id: str, now: datetime, body: bytes) -> dict[str, str]:
    """The three headers by which a receiver knows who sent `body`, when, and whether it came before."""
    timestamp = str(int(now.timestamp()))
    mac = hmac.digest(secret, b".".join((id.encode(), timestamp.encode(), body)), hashlib.sha256)
    return {
        "webhook-id": id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(mac).decode('ascii')}",
    }


@contextmanager
def _as_webhook_errors(url: str, timeout_s: float) -> Iterator[None]:
    try:
        yield
    except BadUrl as error:
        raise WebhookRefused(f"{error}: give an address such as https://example.com/hook") from error
    except Refused as error:
        # Without the address that the name has: the caller is not to learn our network by asking.
        reason = "not on the public internet: give a public address, or let the operator allow its host:port"
        raise WebhookRefused(f"{url}: {reason}") from error
    except (TimeoutError, httpx.TimeoutException) as error:
        raise WebhookFailed(f"{url}: no answer within {timeout_s:g} s") from error
    except Unreachable as error:
        raise WebhookFailed(f"{url}: no such host") from error
    except httpx.HTTPError as error:
        raise WebhookFailed(f"{url}: {_first_line(error)}") from error


def _check_answer(url: str, response: httpx.Response, now: datetime) -> None:
    status = response.status_code
    if response.is_success:
        return
    if status == httpx.codes.GONE:
        raise WebhookRefused(f"{url}: answered 410, nobody wants to hear from us there any more")
    if response.is_redirect:
        raise WebhookFailed(
            f"{url}: answered {status}, and redirects are not followed: give the final address"
        )
    wait = _seconds(response.headers.get("retry-after", ""), now) if status in _ASKED_TO_WAIT else None
    raise WebhookFailed(f"{url}: answered {status}", wait)


def _seconds(retry_after: str, now: datetime) -> float | None:
    """How long from `now`: the header holds seconds or a date (RFC 9110, section 10.2.3)."""
    if retry_after.isdecimal() and retry_after.isascii() and len(retry_after) <= _LONGEST_WAIT:
        return float(retry_after)
    try:
        until = parsedate_to_datetime(retry_after)
    except (ValueError, OverflowError):
        return None
    return max(0.0, (until if until.tzinfo else until.replace(tzinfo=UTC)).timestamp() - now.timestamp())


def _first_line(error: httpx.HTTPError) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:200]
