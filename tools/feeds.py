"""Reads RSS and Atom, from the network or from a file, into items that can be told apart.

feedparser reads the bytes; it never fetches and never sanitises. Its sanitiser drops unknown elements,
`aria-hidden` and most of a style but keeps the text within, and so would bring hidden text to light.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import textwrap
import unicodedata
from calendar import timegm
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit
from urllib.request import url2pathname

import feedparser
from feedparser.exceptions import CharacterEncodingOverride, NonXMLContentType

from .articles import language, plain_text, visible_text
from .http import Fetcher, FetchError, Response

MAX_ITEMS = 1000
TITLE_WIDTH = 120

_HTML_PAGE = re.compile(rb"\s*(?:(?><\?xml.*?\?>|<!--.*?-->)\s*)*<(?:!doctype\s+html|html)\b", re.I | re.S)
_XML_ENCODING = re.compile(rb"<\?xml[^>]*\bencoding\s*=")
_MARKUP = ("text/html", "application/xhtml+xml")

# What a link carries to tell who brought the reader; the page is the same without it.
_TRACKING = re.compile(
    r"(?:utm_\w+|yclid|ysclid|ymclid|gclid|gclsrc|dclid|gbraid|wbraid|fbclid|msclkid|twclid|igshid|rb_clickid"
    r"|mc_cid|mc_eid|_openstat|_ga|_gl)(?:=|$)",
    re.IGNORECASE,
)
_DEFAULT_PORTS = {"http": 80, "https": 443}


class FeedError(Exception):
    """The feed could not be read, in one line; the cause is a FetchError when nothing was fetched."""


@dataclass(frozen=True)
class FeedItem:
    """One item: visible text only. `url` is canonical; the same item has the same `fingerprint` again."""

    guid: str | None
    url: str | None
    title: str
    text: str
    lang: str | None
    published_at: datetime | None
    fingerprint: str


@dataclass(frozen=True)
class FeedDocument:
    """What one read brought; `problems` has a line for each thing that could not be read.

    etag and last_modified go into the next read; with `not_modified` there are no items.
    """

    title: str | None
    items: tuple[FeedItem, ...]
    etag: str | None = None
    last_modified: str | None = None
    not_modified: bool = False
    problems: tuple[str, ...] = ()


class FeedReader:
    """Reads feeds at http(s):// addresses by `fetcher`, and at file:// addresses from this machine."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher

    async def read(
        self, url: str, *, etag: str | None = None, last_modified: str | None = None
    ) -> FeedDocument:
        """The items of the feed, the same one only once.

        Errors: FeedError. Broken XML is not one: what can be read is read, and `problems` says so.
        """
        try:
            if urlsplit(url).scheme == "file":
                response = await asyncio.to_thread(_read_file, url, self._fetcher.max_bytes)
            else:
                response = await self._fetcher.get(url, etag, last_modified)
        except FetchError as error:
            raise FeedError(str(error)) from error
        except (OSError, ValueError) as error:
            raise FeedError(f"{url}: {error}") from error
        if response.not_modified:
            return FeedDocument(
                None, (), response.etag or etag, response.last_modified or last_modified, not_modified=True
            )
        return await asyncio.to_thread(_document, response)


def canonical_url(url: str) -> str | None:
    """One spelling of an http(s) address: no fragment, tracking or default port, the query sorted.

    None when it is not an http(s) address.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS or not parts.hostname:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    netloc = host if port in (None, _DEFAULT_PORTS[scheme]) else f"{host}:{port}"
    query = "&".join(sorted(part for part in parts.query.split("&") if part and not _TRACKING.match(part)))
    return SplitResult(scheme, netloc, parts.path or "/", query, "").geturl()


def _read_file(url: str, max_bytes: int) -> Response:
    path = Path(url2pathname(urlsplit(url).path))
    if not path.is_file():
        raise FeedError(f"{url}: no such file")
    if path.stat().st_size > max_bytes:
        raise FeedError(f"{url}: larger than {max_bytes:,} bytes")
    return Response(url=url, status=200, content_type="", body=path.read_bytes())


def _document(response: Response) -> FeedDocument:
    parsed = _parse(response)
    found = [_item(entry, response.url) for entry in parsed.entries[:MAX_ITEMS]]
    items: dict[str, FeedItem] = {}
    for item in filter(None, found):
        items.setdefault(item.fingerprint, item)
    return FeedDocument(
        title=_one_line(parsed.feed.get("title_detail")) or None,
        items=tuple(items.values()),
        etag=response.etag,
        last_modified=response.last_modified,
        problems=tuple(_problems(response.url, parsed, empty=found.count(None))),
    )


def _parse(response: Response) -> Any:
    if _HTML_PAGE.match(response.body.removeprefix(b"\xef\xbb\xbf")[:4096]):
        raise FeedError(f"{response.url}: an HTML page, not a feed")
    parsed = feedparser.parse(
        BytesIO(response.body),  # bytes alone would be tried as the name of a file
        response_headers={"content-type": _content_type(response)},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if not parsed.get("version") and not parsed.entries:
        raise FeedError(f"{response.url}: neither RSS nor Atom")
    return parsed


def _content_type(response: Response) -> str:
    """The type that tells feedparser the charset: of undeclared ones only UTF-8 or windows-1251 are met."""
    if "charset" in response.content_type.lower() or _XML_ENCODING.search(response.body[:200]):
        return response.content_type
    try:
        response.body.decode()
    except UnicodeDecodeError:
        return "application/xml; charset=windows-1251"
    return "application/xml; charset=utf-8"


def _problems(url: str, parsed: Any, *, empty: int) -> list[str]:
    problems = []
    fault = parsed.get("bozo_exception")
    if fault is not None and not isinstance(fault, CharacterEncodingOverride | NonXMLContentType):
        problems.append(f"{url}: broken XML, what could be read was read ({_fault(fault)})")
    if empty:
        problems.append(f"{url}: {empty} item(s) without title and text, skipped")
    if len(parsed.entries) > MAX_ITEMS:
        problems.append(f"{url}: {len(parsed.entries)} items, only the first {MAX_ITEMS} were read")
    return problems


def _fault(fault: Exception) -> str:
    return (str(fault) or type(fault).__name__).splitlines()[0][:200]


def _item(entry: Any, base: str) -> FeedItem | None:
    parts = [*entry.get("content", ()), entry.get("summary_detail")]
    text = max((_text(part) for part in parts), key=len)
    title = _one_line(entry.get("title_detail")) or textwrap.shorten(text, TITLE_WIDTH, placeholder="…")
    if not title:
        return None
    guid, url = entry.get("id") or None, _link(entry, base)
    return FeedItem(
        guid=guid,
        url=url,
        title=title,
        text=text,
        lang=language(f"{title}\n{text}"),
        published_at=_published(entry),
        fingerprint=_fingerprint(url or guid or "", f"{title}\n{text}"),
    )


def _text(part: Any) -> str:
    value = part.get("value") if part else None
    if not isinstance(value, str):
        return ""
    return visible_text(value) if part.get("type") in _MARKUP else plain_text(value)


def _one_line(part: Any) -> str:
    return " ".join(_text(part).split())


def _link(entry: Any, base: str) -> str | None:
    link = entry.get("link") or ""
    # feedparser offers a guid as the link where there is none; "n002" is no address of a page.
    return canonical_url(link if link == entry.get("id") else urljoin(base, link)) if link else None


def _published(entry: Any) -> datetime | None:
    # dict.get: feedparser's own falls back from one date to the other with a warning.
    stamp = dict.get(entry, "published_parsed") or dict.get(entry, "updated_parsed")
    try:
        return datetime.fromtimestamp(timegm(stamp), UTC) if stamp else None
    except (ValueError, OverflowError, OSError):
        return None


def _fingerprint(source: str, text: str) -> str:
    """SHA-256 of where an item stands and of its text without case and spacing."""
    words = unicodedata.normalize("NFKC", text).casefold().split()
    return hashlib.sha256("\x1f".join([source, *words]).encode()).hexdigest()
