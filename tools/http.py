"""Fetches pages from the public internet for an operator who did not choose every address.

A feed's address, and whatever it redirects to, is somebody else's text. So every hop is checked, the
connection goes to the very address that was checked (a name that resolves differently a second time gains
nothing), and time and size have an end.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from ssl import SSLContext

import httpx

USER_AGENT = "Artel/0.1 (feed reader)"
ACCEPT = "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/html;q=0.8, */*;q=0.5"

# One compression at a time, and only those whose ratio is bounded (gzip: about 1000): a chunk of zstd or of
# gzip within gzip can unfold to gigabytes before its size can be seen.
ENCODINGS = ("identity", "gzip", "deflate")

MAX_PORT = 65_535
_DEFAULT_PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052
# What the standard library of some version takes for public: special purpose (RFC 6890), site-local and
# IPv4-compatible addresses, local NAT64, segment routing, and where clouds answer about their machines.
_NOT_PUBLIC = [
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",
        "168.63.129.16/32",
        "64:ff9b:1::/48",
        "fec0::/10",
        "::/96",
        "::ffff:0:0:0/96",
        "5f00::/16",
    )
]


class FetchError(Exception):
    """Why an address could not be fetched, in one line.

    FetchError
    ├── BadUrl       not an http(s) address
    ├── Refused      not on the public internet, or redirects without end
    ├── NotFound     404 or 410
    ├── HttpStatus   any other answer that is not a success
    ├── TooLarge     the body passes the limit
    ├── TimedOut     no whole answer in time
    └── Unreachable  no such host, no connection, a broken answer
    """


class BadUrl(FetchError):
    pass


class Refused(FetchError):
    pass


class NotFound(FetchError):
    pass


class HttpStatus(FetchError):
    pass


class TooLarge(FetchError):
    pass


class TimedOut(FetchError):
    pass


class Unreachable(FetchError):
    pass


@dataclass(frozen=True)
class Response:
    """A successful answer; `url` is where the redirects ended. With `not_modified` the body is empty."""

    url: str
    status: int
    content_type: str
    body: bytes
    etag: str | None = None
    last_modified: str | None = None
    not_modified: bool = False


class Fetcher:
    """GET over http(s). Close it with `aclose()`.

    timeout_s: the whole fetch with all its redirects; max_bytes: the unpacked body;
    allow_hosts: "host" or "host:port" that may be fetched although its address is not public.
    """

    def __init__(
        self,
        *,
        timeout_s: float = 20.0,
        max_bytes: int = 10_000_000,
        allow_hosts: frozenset[str] = frozenset(),
        user_agent: str = USER_AGENT,
        max_redirects: int = 5,
    ) -> None:
        self.max_bytes = max_bytes
        self._timeout_s = timeout_s
        self._max_redirects = max_redirects
        # No connection is kept: two names on one address must not share a TLS session made for one of them.
        inner = httpx.AsyncHTTPTransport(
            verify=trusted(), limits=httpx.Limits(max_keepalive_connections=0), trust_env=False
        )
        self._client = httpx.AsyncClient(
            transport=CheckedTransport(inner, allow_hosts),
            # A part of the whole for each address, so that a dead one leaves time for the next.
            timeout=httpx.Timeout(None, connect=timeout_s / 3),
            headers={"User-Agent": user_agent, "Accept": ACCEPT, "Accept-Encoding": "gzip, deflate"},
            trust_env=False,
        )

    async def get(self, url: str, etag: str | None = None, last_modified: str | None = None) -> Response:
        """The answer of `url`, unless it has not changed since `etag` / `last_modified` (304).

        Errors: FetchError, always with one line that names the address.
        """
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._follow(url, _conditions(etag, last_modified))
        except (TimeoutError, httpx.TimeoutException) as error:
            raise TimedOut(f"{url}: no whole answer within {self._timeout_s:g} s") from error
        except httpx.HTTPError as error:
            raise Unreachable(f"{url}: {_first_line(error)}") from error

    async def aclose(self) -> None:
        await self._client.aclose()

    async def _follow(self, url: str, headers: Mapping[str, str]) -> Response:
        address = parse(url)
        for _ in range(self._max_redirects + 1):
            async with self._client.stream("GET", address, headers=headers) as response:
                if not response.has_redirect_location:
                    return await self._read(response, conditional=bool(headers))
                address = parse(response.headers["location"], base=address)
        raise Refused(f"{url}: more than {self._max_redirects} redirects")

    async def _read(self, response: httpx.Response, *, conditional: bool) -> Response:
        not_modified = conditional and response.status_code == httpx.codes.NOT_MODIFIED
        if not not_modified:
            _check_status(response)
        return Response(
            url=str(response.url),
            status=response.status_code,
            content_type=response.headers.get("content-type", ""),
            body=b"" if not_modified else await self._body(response),
            etag=_sendable(response.headers.get("etag")),
            last_modified=_sendable(response.headers.get("last-modified")),
            not_modified=not_modified,
        )

    async def _body(self, response: httpx.Response) -> bytes:
        if response.headers.get("content-encoding", "identity").lower() not in ENCODINGS:
            raise Unreachable(f"{response.url}: packed in a way that was not asked for")
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > self.max_bytes:
                raise TooLarge(f"{response.url}: larger than {self.max_bytes:,} bytes")
        return bytes(body)


class CheckedTransport(httpx.AsyncBaseTransport):
    """Resolves a name once, checks every address it has, and connects to one of those addresses."""

    def __init__(self, inner: httpx.AsyncBaseTransport, allow_hosts: frozenset[str]) -> None:
        self._inner = inner
        self._allow_hosts = allow_hosts

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        *others, last = await self.addresses(request.url)
        for address in others:
            try:
                return await self._inner.handle_async_request(_pinned(request, address))
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._inner.handle_async_request(_pinned(request, last))

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def addresses(self, url: httpx.URL) -> list[str]:
        host, port = url.raw_host.decode("ascii"), url.port or _DEFAULT_PORTS[url.scheme]
        addresses = await _resolve(host, port)
        if not self._allow_hosts & {host, f"{host}:{port}"}:
            for address in addresses:
                if not is_public(address):
                    raise Refused(f"{url}: refused, {address} is not a public address")
        return addresses


@cache
def trusted() -> SSLContext:
    """Whom httpx trusts, whatever the environment says. Its list of certificates takes 30 ms to read."""
    return httpx.create_ssl_context(trust_env=False)


def is_public(address: str) -> bool:
    """Whether an IP address is on the public internet, also by the IPv4 address it may carry inside."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in _NOT_PUBLIC)


async def _resolve(host: str, port: int) -> list[str]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"{host}: no such host") from error
    return [str(sockaddr[0]) for *_, sockaddr in found]


def _pinned(request: httpx.Request, address: str) -> httpx.Request:
    """The request, sent to `address`; Host header and certificate still speak of the name."""
    name = request.url.raw_host.decode("ascii")
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": name},
    )


def parse(url: str, base: httpx.URL | None = None) -> httpx.URL:
    try:
        address = httpx.URL(url) if base is None else base.join(url)
    except httpx.InvalidURL as error:
        raise BadUrl(f"{_first_line(url)}: not an address ({error})") from error
    if address.scheme not in _DEFAULT_PORTS or not address.host:
        raise BadUrl(f"{address}: only http:// and https:// addresses can be fetched")
    if address.port is not None and address.port > MAX_PORT:
        raise BadUrl(f"{address.host}: {address.port} is not a port")
    if address.userinfo:
        raise BadUrl(f"{address.host}: an address must not carry a user name or password")
    return address


def _conditions(etag: str | None, last_modified: str | None) -> dict[str, str]:
    """The headers of a conditional request: RFC 9110, section 13.1."""
    headers = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in headers.items() if value}


def _sendable(value: str | None) -> str | None:
    """A validator that can be sent back; one that is not ASCII cannot stand in a request."""
    return value if value and value.isascii() else None


def _check_status(response: httpx.Response) -> None:
    status = response.status_code
    if status in (httpx.codes.NOT_FOUND, httpx.codes.GONE):
        raise NotFound(f"{response.url}: not found ({status})")
    if not response.is_success:
        raise HttpStatus(f"{response.url}: answered {status} {response.reason_phrase}".rstrip())


def _first_line(what: object) -> str:
    return (str(what) or type(what).__name__).splitlines()[0][:200]
