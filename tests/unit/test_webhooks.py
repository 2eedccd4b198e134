"""A webhook's call: its signature, whom it may reach, and what each answer means."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.runtime.deliveries import BACKOFF_S, MAX_RETRY_AFTER_S, wait_s
from tests.fakes.hook import CLOSE, ENDLESS, HELD, OK, Answer, Call, FakeHook, redirect
from tools.webhooks import WebhookFailed, WebhookRefused, Webhooks, signed

SECRET = b"a secret of at least 24 bytes"
NOW = datetime(2026, 11, 20, 9, 0, 0, 900_000, tzinfo=UTC)


@asynccontextmanager
async def webhooks(*allowed: str, timeout_s: float = 10) -> AsyncIterator[Webhooks]:
    webhooks = Webhooks(SECRET, frozenset(allowed), timeout_s)
    try:
        yield webhooks
    finally:
        await webhooks.aclose()


async def posted(*answers: Answer, payload: Any = None, times: int = 1, timeout_s: float = 10) -> list[Call]:
    with FakeHook(*answers) as hook:
        async with webhooks(hook.host, timeout_s=timeout_s) as sender:
            for _ in range(times):
                await sender.post(hook.url, payload or {"status": "done"}, id="id-1", now=NOW)
        return hook.calls


def verify(call: Call) -> None:
    """As the receiver's side of the standard is written down, apart from our own code."""
    to_sign = f"{call.headers['webhook-id']}.{call.headers['webhook-timestamp']}.{call.body.decode()}"
    mac = hmac.new(SECRET, to_sign.encode(), hashlib.sha256).digest()
    version, _, signature = call.headers["webhook-signature"].partition(",")
    assert version == "v1"
    assert hmac.compare_digest(base64.b64decode(signature), mac)


async def test_a_receiver_can_verify_what_it_is_told() -> None:
    payload = {"текст": "«ё» \ud800 \n", "values": [1, None, 2.5]}
    (call,) = await posted(payload=payload)
    verify(call)
    assert json.loads(call.body) == payload
    assert (call.id, call.headers["webhook-timestamp"]) == ("id-1", str(int(NOW.timestamp())))
    assert (call.path, call.headers["content-type"]) == ("/hook", "application/json")


def test_the_signature_of_a_body_that_others_signed() -> None:
    # Made with `openssl dgst -sha256 -hmac`, so that a mistake in both of our own halves is seen.
    now = datetime.fromtimestamp(1614265330, UTC)
    headers = signed(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", now, b'{"test": 2432232314}')
    assert headers["webhook-signature"] == "v1,m6mt4lYf/Nb6yN6xOznqo/3ikzkwHJL4ZyZSBbwbQiI="


def test_a_short_secret_is_none() -> None:
    with pytest.raises(ValueError, match="24 bytes"):
        Webhooks(b"short")


PRIVATE = [
    "http://127.0.0.1:1/hook",
    "http://localhost/hook",
    "http://LOCALHOST/hook",
    "http://2130706433/hook",
    "http://0.0.0.0/hook",
    "http://10.0.0.1/hook",
    "http://172.16.0.1/hook",
    "https://192.168.1.1/hook",
    "http://100.64.0.1/hook",
    "http://169.254.169.254/latest/meta-data/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://[::1]/hook",
    "http://[fe80::1]/hook",
    "http://[::ffff:127.0.0.1]/hook",
    "http://[::ffff:a9fe:a9fe]/hook",
    "http://[64:ff9b::a00:1]/hook",
    "http://[2002:7f00:1::]/hook",
]
BAD = [
    "",
    "hook",
    "/hook",
    "//example.com/hook",
    "ftp://example.com/hook",
    "file:///etc/passwd",
    "http:///hook",
    "http://[::1",
    "http://example.com:99999/",
    "http://me:pw@example.com/",
    "http://\n/",
    "https://" + "x" * 70_000,
]


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every address a socket was told to connect to."""
    asked: list[Any] = []
    connect = socket.socket.connect

    def watched(self: socket.socket, address: Any) -> None:
        asked.append(address)
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", watched)
    return asked


def resolve_to(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
    """The system's resolver gives each list of addresses once, the last one for ever."""
    left = list(answers)

    def getaddrinfo(host: str, port: int, *args: Any, **kwargs: Any) -> list[Any]:
        addresses = left.pop(0) if len(left) > 1 else left[0]
        if not addresses:
            raise socket.gaierror("no such host")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.mark.parametrize("url", [*PRIVATE, *BAD], ids=lambda url: url[:40])
async def test_a_refused_address_is_refused_twice_and_never_called(connections: list[Any], url: str) -> None:
    async with webhooks("127.0.0.1:2") as sender:
        with pytest.raises(WebhookRefused) as at_acceptance:
            await sender.check(url)
        with pytest.raises(WebhookRefused):
            await sender.post(url, {}, id="id-1", now=NOW)
    message = str(at_acceptance.value)
    assert len(message.splitlines()) == 1 and ": give a" in message
    assert connections == []


async def test_a_name_with_one_private_address_is_refused_and_does_not_tell_which(
    connections: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve_to(monkeypatch, ["93.184.215.14", "10.1.2.3"])
    async with webhooks() as sender:
        with pytest.raises(WebhookRefused) as caught:
            await sender.check("https://hooks.example/x")
        assert "10.1.2.3" not in str(caught.value)
        with pytest.raises(WebhookRefused):
            await sender.post("https://hooks.example/x", {}, id="id-1", now=NOW)
    assert connections == []


async def test_a_name_that_turns_private_after_it_was_accepted_is_not_called(
    connections: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve_to(monkeypatch, ["93.184.215.14"], ["127.0.0.1"])
    async with webhooks() as sender:
        await sender.check("http://hooks.example/x")
        with pytest.raises(WebhookRefused):
            await sender.post("http://hooks.example/x", {}, id="id-1", now=NOW)
    assert connections == []


async def test_what_was_checked_is_connected(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, ["127.0.0.1"], ["10.0.0.1"])
    with FakeHook() as hook:
        async with webhooks(f"hooks.example:{hook.port}") as sender:
            await sender.post(f"http://hooks.example:{hook.port}/x", {}, id="id-1", now=NOW)
    assert hook.calls[0].headers["host"] == f"hooks.example:{hook.port}"


async def test_a_name_without_an_address_may_get_one_later(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, [])
    async with webhooks() as sender:
        await sender.check("https://hooks.example/x")
        with pytest.raises(WebhookFailed, match="no such host"):
            await sender.post("https://hooks.example/x", {}, id="id-1", now=NOW)


async def test_an_allowed_host_is_checked_and_called_and_another_port_of_it_is_not() -> None:
    with FakeHook() as hook, FakeHook() as other:
        async with webhooks(hook.host) as sender:
            await sender.check(hook.url)
            await sender.post(hook.url, {}, id="id-1", now=NOW)
            with pytest.raises(WebhookRefused):
                await sender.check(other.url)
            with pytest.raises(WebhookRefused):
                await sender.post(other.url, {}, id="id-1", now=NOW)
        assert (len(hook.calls), other.calls) == (1, [])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(connections: list[Any], status: int) -> None:
    with FakeHook() as private, pytest.raises(WebhookFailed, match="redirects are not followed"):
        await posted(redirect(private.url, status))
    assert private.calls == []
    assert len(connections) == 1


@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_any_success_is_taken(status: int) -> None:
    assert len(await posted(Answer(status))) == 1


async def test_an_answer_without_end_is_not_read() -> None:
    assert len(await posted(ENDLESS)) == 1


async def test_cookies_are_not_kept() -> None:
    _, second = await posted(Answer(200, {"Set-Cookie": "who=you; Path=/"}), OK, times=2)
    assert "cookie" not in second.headers


@pytest.mark.parametrize("status", [400, 401, 404, 408, 500, 502, 503])
async def test_another_answer_is_a_failure(status: int) -> None:
    with pytest.raises(WebhookFailed, match=f"answered {status}") as caught:
        await posted(Answer(status))
    assert caught.value.retry_after_s is None


async def test_gone_is_for_good() -> None:
    with pytest.raises(WebhookRefused, match="410"):
        await posted(Answer(410))


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        ("0", 0.0),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 89.1),
        (format_datetime(NOW - timedelta(days=1), usegmt=True), 0.0),
        ("Fri, 20 Nov 2026 09:01:00 -0000", 59.1),
        ("-5", None),
        ("soon", None),
        ("²", None),
        ("9" * 5000, None),
        ("Fri, 99 Nov 99999 09:01:00 GMT", None),
    ],
    ids=lambda value: str(value)[:32],
)
async def test_how_long_the_receiver_asks_to_wait(status: int, header: str, seconds: float | None) -> None:
    with pytest.raises(WebhookFailed) as caught:
        await posted(Answer(status, {"Retry-After": header}))
    assert caught.value.retry_after_s == (None if seconds is None else pytest.approx(seconds))


async def test_a_silent_receiver_is_left() -> None:
    with pytest.raises(WebhookFailed, match=r"no answer within 0\.2 s"):
        await posted(HELD, timeout_s=0.2)


async def test_a_receiver_that_hangs_up_is_a_failure() -> None:
    with pytest.raises(WebhookFailed):
        await posted(CLOSE)


async def test_nobody_listens() -> None:
    with FakeHook() as hook:
        pass
    async with webhooks(hook.host) as sender:
        with pytest.raises(WebhookFailed):
            await sender.post(hook.url, {}, id="id-1", now=NOW)


@given(st.integers(1, 10_000), st.integers(), st.none() | st.floats(0, 1e12))
def test_the_wait_stays_between_its_ends(attempts: int, seed: int, retry_after_s: float | None) -> None:
    shortest, longest = BACKOFF_S
    plain = wait_s(attempts, Random(seed))
    assert shortest <= plain <= longest
    waited = wait_s(attempts, Random(seed), retry_after_s)
    assert waited == max(plain, min(retry_after_s or 0, MAX_RETRY_AFTER_S))


@given(st.integers(1, 20), st.integers(), st.integers())
def test_two_attempts_later_the_wait_is_longer_until_it_is_longest(attempts: int, a: int, b: int) -> None:
    sooner, later = wait_s(attempts, Random(a)), wait_s(attempts + 2, Random(b))
    assert sooner < later or later >= BACKOFF_S[1] / 2


def test_those_who_fail_together_do_not_come_back_together() -> None:
    assert len({wait_s(3, Random(seed)) for seed in range(50)}) == 50
