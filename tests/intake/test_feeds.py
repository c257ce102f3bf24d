"""Feeds: entries as they stand, and the pages they lead to, fetched as robots.txt allows."""

from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mahdar.intake import Document, Refusal, open_documents, reopen
from mahdar.intake.feeds import Feed, read_feed
from mahdar.intake.polite import Polite
from tests.intake.server import Site

ONE = "Army shelling killed two people in the town of Orim on Monday, residents and a doctor told reporters."
TWO = "A mine killed a shepherd near the village of Kessat on Friday, the district hospital said."
DAY = format_datetime(datetime(2021, 3, 4, 21, 10, tzinfo=UTC))


def rss(*items: str) -> str:
    return f"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>Valley Post</title><link>https://post.example/</link>{"".join(items)}</channel></rss>"""


def item(number: int, text: str, link: str = "https://post.example") -> str:
    return f"""<item><guid>post-{number}</guid><title>Report &amp; {number}</title><link>{link}/{number}</link>
<pubDate>{DAY}</pubDate><description>&lt;p&gt;{text}&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;</description></item>"""


ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Valley Post</title><entry><id>tag:post.example,1</id>
<title>Two killed in Orim</title><link href="https://post.example/1"/><updated>2021-03-04T23:10:00+02:00</updated>
<content type="html">&lt;p&gt;{ONE}&lt;/p&gt;&lt;p&gt;{TWO}&lt;/p&gt;</content><summary>Short.</summary></entry></feed>"""


def feed(data: str | bytes, url: str | None = None) -> Feed:
    found = read_feed(data if isinstance(data, bytes) else data.encode(), "feed", url)
    assert isinstance(found, Feed), found
    return found


def page(text: str, meta: str = "") -> str:
    return f"<!doctype html><html><head>{meta}</head><body><article><p>{text}</p><p>{text}</p></article></body></html>"


def test_the_entries_of_a_feed_file_are_read_as_they_stand(tmp_path: Path) -> None:
    file = tmp_path / "post.rss"
    file.write_text(rss(item(1, ONE), item(2, TWO)))
    found = [document for document in open_documents(file) if isinstance(document, Document)]
    assert [document.report.text for document in found] == [f"Report & 1\n\n{ONE}", f"Report & 2\n\n{TWO}"]
    first = found[0]
    assert (first.report.title, first.report.published, first.report.outlet) == (
        "Report & 1",
        "2021-03-04",
        "Valley Post",
    )
    assert (first.part, first.media_type) == ("post-1", "application/rss+xml")
    again = reopen(found[1].data, found[1].retrieval, name="again", part=found[1].part)
    assert isinstance(again, Document)
    assert again.report.text == found[1].report.text


def test_an_atom_entry_gives_its_full_content() -> None:
    (entry,) = feed(ATOM).entries
    assert entry.text == f"{ONE}\n\n{TWO}"
    assert (entry.id, entry.link, entry.published) == ("tag:post.example,1", "https://post.example/1", "2021-03-04")
    assert entry.changed == "2021-03-04T23:10:00+02:00"


def test_links_are_told_from_the_feeds_own_address() -> None:
    relative = ATOM.replace("https://post.example/1", "/news/1")
    assert feed(relative, "https://post.example/feeds/all").entries[0].link == "https://post.example/news/1"
    assert feed(ATOM.replace("https://post.example/1", "javascript:alert(1)")).entries[0].link is None


def test_a_feed_that_is_badly_formed_gives_what_can_be_told() -> None:
    broken = rss(item(1, ONE)).replace("Valley Post", "Valley & Post").replace("</channel></rss>", "<item><title>cut")
    assert feed(broken).entries[0].id == "post-1"


def test_a_feed_cannot_make_itself_swell() -> None:
    bomb = '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + rss(item(1, "&b;"))[39:]
    for data in (bomb.encode(), b"\xff\xfe" + bomb.encode("utf-16-le")):
        refusal = read_feed(data, "feed")
        assert isinstance(refusal, Refusal)
        assert "declares entities of its own" in refusal.reason


def test_other_xml_and_an_empty_feed_are_refused() -> None:
    for data, reason in (
        (b'<?xml version="1.0"?><urlset/>', "neither a page nor a feed"),
        (rss().encode(), "without entries"),
    ):
        (refusal,) = open_documents(data)
        assert isinstance(refusal, Refusal)
        assert reason in refusal.reason


def test_characters_that_no_text_should_hold_break_nothing() -> None:
    (document,) = open_documents(ATOM.replace("Army", "\x01&amp;#1;&amp;#xd800;Army").encode())
    assert isinstance(document, Document)
    assert ONE in document.report.text
    document.report.text.encode()


@settings(max_examples=40)
@given(st.sampled_from([ATOM.encode(), rss(item(1, ONE), item(2, TWO)).encode("utf-16")]), st.data())
def test_however_damaged_a_feed_never_breaks_the_batch(whole: bytes, data: st.DataObject) -> None:
    damaged = bytearray(whole)
    for at in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=10)):
        damaged[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    for found in open_documents(bytes(damaged)):
        assert isinstance(found, Document | Refusal)


@pytest.fixture
def post(site: Site) -> Site:
    """A site with a feed of three pages; the third is closed by robots.txt, the second is not there."""
    site["/robots.txt"] = b"User-agent: *\nDisallow: /3"
    site["/feed"] = rss(item(1, ONE, site.url), item(2, TWO, site.url), item(3, TWO, site.url))
    site["/1"] = page(ONE)
    site["/3"] = page(TWO)
    return site


def test_a_feed_at_an_address_is_followed_to_its_pages(post: Site) -> None:
    first, second, third = open_documents(f"{post.url}/feed", fetch=Polite(allow_private=True, spacing=0))
    assert isinstance(first, Document)
    assert ONE in first.report.text
    assert first.data == page(ONE).encode()
    assert first.retrieval.final_url == f"{post.url}/1"
    assert first.report.published == "2021-03-04"  # the page does not say; the feed does
    assert dict(first.retrieval.given)["feed"] == f"{post.url}/feed"
    again = reopen(first.data, first.retrieval, name="again")
    assert isinstance(again, Document)
    assert again.report.published == "2021-03-04"
    assert isinstance(second, Refusal)
    assert "404" in second.reason
    assert isinstance(third, Refusal)
    assert "closed to programs by the site's robots.txt" in third.reason
    assert post.paths() == ["/feed", "/1", "/2"]


def test_what_a_page_says_of_itself_goes_before_the_feed(post: Site) -> None:
    post["/1"] = page(ONE, '<meta property="article:published_time" content="2021-03-02">')
    first = next(open_documents(f"{post.url}/feed", fetch=Polite(allow_private=True, spacing=0)))
    assert isinstance(first, Document)
    assert first.report.published == "2021-03-02"
