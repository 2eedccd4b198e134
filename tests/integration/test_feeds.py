"""Reading feeds against a real server that does what feeds on the internet do."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.web import FakeWeb
from tools.feeds import MAX_ITEMS, FeedError, FeedReader
from tools.http import BadUrl, Fetcher, HttpStatus, NotFound, Refused, TimedOut, TooLarge, Unreachable

NEWS = Path(__file__).parents[2] / "evals" / "datasets" / "news"
HELLO = "<item><title>Яндекс купил стартап</title><link>https://ya.ru/1</link><guid>1</guid></item>"


def rss(*items: str) -> str:
    return f'<rss version="2.0"><channel><title>Новости</title>{"".join(items)}</channel></rss>'


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with FakeWeb() as web:
        yield web


@pytest.fixture
async def fetcher(web: FakeWeb) -> AsyncIterator[Fetcher]:
    fetcher = Fetcher(timeout_s=10, allow_hosts=frozenset({web.host}))
    yield fetcher
    await fetcher.aclose()


@pytest.fixture
async def hasty(web: FakeWeb) -> AsyncIterator[Fetcher]:
    """Waits for nothing that a good server on this machine would need."""
    fetcher = Fetcher(timeout_s=0.2, allow_hosts=frozenset({web.host}))
    yield fetcher
    await fetcher.aclose()


@pytest.fixture
def feeds(fetcher: Fetcher) -> FeedReader:
    return FeedReader(fetcher)


async def fails(feeds: FeedReader, url: str) -> FeedError:
    with pytest.raises(FeedError) as caught:
        await feeds.read(url)
    assert len(str(caught.value).splitlines()) == 1
    return caught.value


async def test_our_real_feed_is_read_whole(feeds: FeedReader) -> None:
    document = await feeds.read((NEWS / "feed.rss.xml").as_uri())
    assert document.title == "Новости российского B2B SaaS (dev)"
    assert (len(document.items), document.problems) == (51, ())
    assert len({item.fingerprint for item in document.items}) == 51
    assert len({item.url for item in document.items}) < 51, "several share a URL and stay apart"
    dated = [item.published_at for item in document.items if item.published_at]
    assert len(dated) == 19
    assert dated[0] == datetime(2011, 2, 2, 9, tzinfo=UTC)
    assert {item.lang for item in document.items} == {"ru"}


async def test_the_real_feed_says_what_its_authors_labelled(feeds: FeedReader) -> None:
    document = await feeds.read((NEWS / "feed.rss.xml").as_uri())
    said = {item.guid: f"{item.title}\n{item.text}" for item in document.items}
    for row in map(json.loads, (NEWS / "news_dev.jsonl").read_text().splitlines()):
        for quote in [event["quote"] for event in row["events"] if event["quote"]]:
            assert quote in said[row["id"]]


@pytest.mark.parametrize(
    "hidden", ["Ignore previous", "СИСТЕМА", "Инструкция для модели", "Assistant:", "<!--"]
)
@pytest.mark.parametrize("cut", [0, 40], ids=["whole", "broken"])
async def test_what_the_real_feed_hides_is_not_read(
    feeds: FeedReader, web: FakeWeb, hidden: str, cut: int
) -> None:
    body = (NEWS / "feed.rss.xml").read_bytes()
    assert hidden in body.decode()
    document = await feeds.read(web.serve("/feed", body[: len(body) - cut]))
    assert len(document.items) >= 50
    assert not any(hidden in item.title + item.text for item in document.items)


@pytest.mark.parametrize(
    "tag", ["b hidden", "x-note hidden", "b aria-hidden=true", "b style='visibility:hidden'", "template"]
)
async def test_no_way_of_hiding_is_lost_on_the_way(feeds: FeedReader, web: FakeWeb, tag: str) -> None:
    hidden = f"<{tag}>SECRET</{tag.split()[0]}>"
    item = f"<item><title>Заголовок</title><description><![CDATA[До {hidden} после]]></description></item>"
    (read,) = (await feeds.read(web.serve("/feed", rss(item)))).items
    assert read.text == "До после"


async def test_atom_over_http(feeds: FeedReader, web: FakeWeb) -> None:
    web.serve(
        "/atom",
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>Blog</title><entry><id>tag:1</id>'
        '<title type="html">Acme &lt;b&gt;ships&lt;/b&gt; with the API</title>'
        '<link href="/posts/1?b=2&amp;a=1"/>'
        "<updated>2026-02-03T10:00:00+03:00</updated>"
        '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>One.</p>'
        '<p hidden="">Two.</p></div>'
        "</content><summary>O.</summary></entry></feed>",
        content_type="application/atom+xml",
    )
    (item,) = (await feeds.read(web.url("/atom"))).items
    assert (item.title, item.text, item.lang) == ("Acme ships with the API", "One.", "en")
    assert item.url == web.url("/posts/1?a=1&b=2")
    assert item.published_at == datetime(2026, 2, 3, 7, tzinfo=UTC)


async def test_broken_xml_is_read_as_far_as_it_goes(feeds: FeedReader, web: FakeWeb) -> None:
    document = await feeds.read(
        web.serve("/feed", rss(HELLO, "<item><title>Связь & Ко</title></item>", "<oops>"))
    )
    assert [item.title for item in document.items] == ["Яндекс купил стартап", "Связь & Ко"]
    (problem,) = document.problems
    assert "broken XML" in problem and web.url("/feed") in problem


@pytest.mark.parametrize(
    "page",
    [
        "<!DOCTYPE html><html><head><title>Новости</title></head><body><p>Hi",
        "\ufeff\n<!-- x --><HTML lang=ru><body><item><title>x</title></item></body></html>",
        '<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0//EN" "x"><html/>',
    ],
)
async def test_html_is_no_feed(feeds: FeedReader, web: FakeWeb, page: str) -> None:
    error = await fails(feeds, web.serve("/news", page, content_type="text/html"))
    assert "an HTML page, not a feed" in str(error)


async def test_html_inside_a_feed_is_no_html_page(feeds: FeedReader, web: FakeWeb) -> None:
    body = "<!-- made by x -->" + rss(
        f"{HELLO}<item><title>q</title><description><![CDATA[<!-- --><html>w]]>"
    )
    assert len((await feeds.read(web.serve("/feed", body))).items) == 2


@pytest.mark.parametrize("body", ["", "hello", '{"items": []}'])
async def test_anything_else_is_no_feed(feeds: FeedReader, web: FakeWeb, body: str) -> None:
    assert "neither RSS nor Atom" in str(await fails(feeds, web.serve("/feed", body)))


async def test_a_body_that_names_a_file_is_not_opened(
    feeds: FeedReader, web: FakeWeb, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_text(rss(HELLO))
    assert "neither RSS nor Atom" in str(await fails(feeds, web.serve("/feed", str(secret))))


async def test_an_empty_feed_is_fine(feeds: FeedReader, web: FakeWeb) -> None:
    document = await feeds.read(web.serve("/feed", rss()))
    assert (document.title, document.items, document.problems) == ("Новости", (), ())


@pytest.mark.parametrize("status", [404, 410])
async def test_not_found(feeds: FeedReader, web: FakeWeb, status: int) -> None:
    error = await fails(feeds, web.serve("/gone", "no", status=status))
    assert isinstance(error.__cause__, NotFound)
    assert str(error) == f"{web.url('/gone')}: not found ({status})"


@pytest.mark.parametrize("status", [500, 403, 304])
async def test_other_failures_name_the_status(feeds: FeedReader, web: FakeWeb, status: int) -> None:
    error = await fails(feeds, web.serve("/feed", "", status=status))
    assert isinstance(error.__cause__, HttpStatus)
    assert f"answered {status}" in str(error)


async def test_a_hanging_server_is_left(hasty: Fetcher, web: FakeWeb) -> None:
    error = await fails(FeedReader(hasty), web.hang("/hang"))
    assert isinstance(error.__cause__, TimedOut)
    assert str(error) == f"{web.url('/hang')}: no whole answer within 0.2 s"


async def test_a_dripping_server_is_left(hasty: Fetcher, web: FakeWeb) -> None:
    assert isinstance((await fails(FeedReader(hasty), web.drip("/drip"))).__cause__, TimedOut)


async def test_a_feed_of_60_megabytes_is_refused_before_its_end(feeds: FeedReader, web: FakeWeb) -> None:
    error = await fails(feeds, web.flood("/huge", megabytes=60))
    assert isinstance(error.__cause__, TooLarge)
    assert str(error) == f"{web.url('/huge')}: larger than 10,000,000 bytes"


async def test_the_limit_counts_unpacked_bytes(web: FakeWeb) -> None:
    packed = gzip.compress(b" " * 2_000_000)
    assert len(packed) < 10_000
    web.serve("/bomb", packed, headers={"Content-Encoding": "gzip"})
    fetcher = Fetcher(max_bytes=1_000_000, allow_hosts=frozenset({web.host}))
    with pytest.raises(TooLarge):
        await fetcher.get(web.url("/bomb"))
    await fetcher.aclose()


@pytest.mark.parametrize("encoding", ["zstd", "br", "gzip, gzip"])
async def test_packing_without_a_bound_is_refused(fetcher: Fetcher, web: FakeWeb, encoding: str) -> None:
    web.serve("/bomb", b"...", headers={"Content-Encoding": encoding})
    with pytest.raises(Unreachable, match="packed"):
        await fetcher.get(web.url("/bomb"))


PRIVATE = [
    "http://169.254.169.254/latest/meta-data/",
    "http://10.0.0.1/feed",
    "http://127.0.0.1:1/feed",
    "http://localhost/feed",
    "http://2130706433/feed",
    "http://0.0.0.0/feed",
    "http://[::1]/feed",
    "http://[::ffff:127.0.0.1]/feed",
    "http://[64:ff9b::a00:1]/feed",
    "http://[2002:7f00:1::]/feed",
    "http://100.64.0.1/feed",
    "http://224.0.0.1/feed",
    "https://192.168.1.1/feed",
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


@pytest.mark.parametrize("url", PRIVATE)
async def test_a_private_address_is_refused_before_any_connection(
    fetcher: Fetcher, connections: list[Any], url: str
) -> None:
    with pytest.raises(Refused, match="not a public address"):
        await fetcher.get(url)
    assert connections == []


@pytest.mark.parametrize("url", PRIVATE)
async def test_a_redirect_to_a_private_address_is_refused(
    fetcher: Fetcher, web: FakeWeb, connections: list[Any], url: str
) -> None:
    with pytest.raises(Refused, match="not a public address"):
        await fetcher.get(web.redirect("/moved", url))
    assert connections == [("127.0.0.1", web.port)]


async def test_another_port_of_an_allowed_host_is_still_private(fetcher: Fetcher, web: FakeWeb) -> None:
    with FakeWeb() as other:
        with pytest.raises(Refused):
            await fetcher.get(web.redirect("/moved", other.serve("/feed", rss())))
        assert other.requests == []


async def test_a_name_is_resolved_once_and_what_was_checked_is_connected(
    web: FakeWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["127.0.0.1", "10.0.0.1"])

    def changing(host: str, port: int, *args: Any, **kwargs: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    monkeypatch.setattr(socket, "getaddrinfo", changing)
    web.serve("/feed", rss(HELLO))
    fetcher = Fetcher(allow_hosts=frozenset({"news.example"}))
    response = await fetcher.get(f"http://news.example:{web.port}/feed")
    await fetcher.aclose()
    assert web.requests[0].headers["Host"] == f"news.example:{web.port}"
    assert response.url == f"http://news.example:{web.port}/feed"
    assert next(answers) == "10.0.0.1", "nobody asked a second time"


async def test_one_private_address_among_public_ones_is_enough_to_refuse(
    fetcher: Fetcher, connections: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def both(host: str, port: int, *args: Any, **kwargs: Any) -> list[Any]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in ("93.184.215.14", "10.0.0.1")
        ]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    with pytest.raises(Refused, match=r"10\.0\.0\.1"):
        await fetcher.get("http://news.example/feed")
    assert connections == []


async def test_a_dead_address_leaves_the_next_one(web: FakeWeb, monkeypatch: pytest.MonkeyPatch) -> None:
    def both(host: str, port: int, *args: Any, **kwargs: Any) -> list[Any]:
        families = {"::1": socket.AF_INET6, "127.0.0.1": socket.AF_INET}
        return [(family, socket.SOCK_STREAM, 6, "", (ip, port)) for ip, family in families.items()]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    web.serve("/feed", rss(HELLO))
    fetcher = Fetcher(allow_hosts=frozenset({"news.example"}))
    assert (await fetcher.get(f"http://news.example:{web.port}/feed")).status == 200
    await fetcher.aclose()


async def test_redirects_are_followed_to_the_end(feeds: FeedReader, web: FakeWeb) -> None:
    web.redirect("/old", "/new", status=301)
    web.serve("/new", rss("<item><title>x</title><link>/a</link></item>"))
    (item,) = (await feeds.read(web.url("/old"))).items
    assert item.url == web.url("/a")


async def test_redirects_without_end_are_refused(fetcher: Fetcher, web: FakeWeb) -> None:
    with pytest.raises(Refused, match="more than 5 redirects"):
        await fetcher.get(web.redirect("/round", "/round"))
    assert len(web.requests) == 6


@pytest.mark.parametrize("to", ["ftp://example.com/f", "file:///etc/passwd", "http://me:pw@example.com/"])
async def test_a_redirect_to_no_web_address_is_refused(fetcher: Fetcher, web: FakeWeb, to: str) -> None:
    with pytest.raises(BadUrl):
        await fetcher.get(web.redirect("/moved", to))


@pytest.mark.parametrize(
    "url", ["", "feed.xml", "gopher://x/", "http://[::1", "http://a:b/", "http://\n/", "x" * 70_000]
)
async def test_a_bad_address_is_one_line(feeds: FeedReader, url: str) -> None:
    assert len(str(await fails(feeds, url))) < 500


async def test_nobody_listens(feeds: FeedReader) -> None:
    with FakeWeb() as web:
        fetcher = Fetcher(allow_hosts=frozenset({web.host}))
    error = await fails(FeedReader(fetcher), web.url("/feed"))
    await fetcher.aclose()
    assert isinstance(error.__cause__, Unreachable)


async def test_a_conditional_request_is_answered_304(feeds: FeedReader, web: FakeWeb) -> None:
    url = web.serve(
        "/feed", rss(HELLO), etag='"v1"', headers={"Last-Modified": "Wed, 02 Feb 2011 09:00:00 GMT"}
    )
    first = await feeds.read(url)
    assert (first.etag, first.last_modified) == ('"v1"', "Wed, 02 Feb 2011 09:00:00 GMT")
    again = await feeds.read(url, etag=first.etag, last_modified=first.last_modified)
    assert again.not_modified and again.items == ()
    assert (again.etag, again.last_modified) == (first.etag, first.last_modified)
    assert web.requests[1].headers["If-Modified-Since"] == "Wed, 02 Feb 2011 09:00:00 GMT"


async def test_a_validator_that_cannot_be_sent_back_is_not_kept(feeds: FeedReader, web: FakeWeb) -> None:
    assert (await feeds.read(web.serve("/feed", rss(HELLO), etag='"né"'))).etag is None


async def test_an_item_without_a_link_is_kept(feeds: FeedReader, web: FakeWeb) -> None:
    web.serve("/feed", rss("<item><title>Без ссылки</title><guid>n1</guid></item>"))
    (item,) = (await feeds.read(web.url("/feed"))).items
    assert (item.url, item.guid, item.title) == (None, "n1", "Без ссылки")


async def test_an_item_with_nothing_to_read_is_a_problem(feeds: FeedReader, web: FakeWeb) -> None:
    empty = "<item><link>https://a.ru/</link><description>&lt;p hidden&gt;x&lt;/p&gt;</description></item>"
    document = await feeds.read(web.serve("/feed", rss(HELLO, empty)))
    assert [item.title for item in document.items] == ["Яндекс купил стартап"]
    assert document.problems == (f"{web.url('/feed')}: 1 item(s) without title and text, skipped",)


async def test_an_item_without_a_title_borrows_one_from_its_text(feeds: FeedReader, web: FakeWeb) -> None:
    web.serve("/feed", rss(f"<item><description>{'слово ' * 60}</description></item>"))
    (item,) = (await feeds.read(web.url("/feed"))).items
    assert item.title.startswith("слово слово") and item.title.endswith("…") and len(item.title) <= 120


async def test_the_same_item_twice_is_one(feeds: FeedReader, web: FakeWeb) -> None:
    other = HELLO.replace("https://ya.ru/1", "HTTPS://YA.ru:443/1?utm_source=rss#top").replace(
        "купил", " Купил"
    )
    document = await feeds.read(web.serve("/feed", rss(HELLO, other, HELLO)))
    assert [item.url for item in document.items] == ["https://ya.ru/1"]


async def test_one_url_with_two_texts_is_two_items(feeds: FeedReader, web: FakeWeb) -> None:
    document = await feeds.read(web.serve("/feed", rss(HELLO, HELLO.replace("купил", "продал"))))
    assert len(document.items) == 2


async def test_items_keep_the_order_of_the_feed(feeds: FeedReader, web: FakeWeb) -> None:
    items = [f"<item><title>t{number}</title></item>" for number in (3, 1, 2, 3)]
    document = await feeds.read(web.serve("/feed", rss(*items)))
    assert [item.title for item in document.items] == ["t3", "t1", "t2"]


async def test_an_english_article_is_english(feeds: FeedReader, web: FakeWeb) -> None:
    text = "<description>It is the first of the year.</description>"
    web.serve("/feed", rss(f"<item><title>Acme raised a round</title>{text}</item>"))
    (item,) = (await feeds.read(web.url("/feed"))).items
    assert item.lang == "en"


async def test_a_flood_of_items_is_read_up_to_a_limit(feeds: FeedReader, web: FakeWeb) -> None:
    items = [f"<item><title>t{number}</title></item>" for number in range(MAX_ITEMS + 1)]
    document = await feeds.read(web.serve("/feed", rss(*items)))
    assert len(document.items) == MAX_ITEMS
    assert f"only the first {MAX_ITEMS}" in document.problems[0]


@pytest.mark.parametrize(
    ("declaration", "content_type"),
    [
        ("", "text/xml"),
        ("", "text/xml; charset=windows-1251"),
        ('<?xml version="1.0" encoding="windows-1251"?>', "text/xml"),
    ],
)
async def test_windows_1251_is_read_as_russian(
    feeds: FeedReader, web: FakeWeb, declaration: str, content_type: str
) -> None:
    web.serve("/feed", (declaration + rss(HELLO)).encode("cp1251"), content_type=content_type)
    document = await feeds.read(web.url("/feed"))
    assert (document.items[0].title, document.problems) == ("Яндекс купил стартап", ())


async def test_entities_do_not_multiply(feeds: FeedReader, web: FakeWeb) -> None:
    bombs = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
    body = f'<!DOCTYPE x [<!ENTITY a0 "ha">{bombs}]>' + rss(HELLO, "<item><title>&a9;</title></item>")
    document = await feeds.read(web.serve("/feed", body))
    assert document.items[0].title == "Яндекс купил стартап"
    assert all(len(item.title) < 1000 for item in document.items)


async def test_files(feeds: FeedReader, tmp_path: Path) -> None:
    path = tmp_path / "лента новостей.xml"
    path.write_text(rss(HELLO))
    assert len((await feeds.read(path.as_uri())).items) == 1
    assert "no such file" in str(await fails(feeds, (tmp_path / "none.xml").as_uri()))
    assert "no such file" in str(await fails(feeds, tmp_path.as_uri()))
    assert "no such file" in str(await fails(feeds, "file:///dev/zero"))
    with path.open("wb") as file:
        file.truncate(10_000_001)
    assert "larger than" in str(await fails(feeds, path.as_uri()))
