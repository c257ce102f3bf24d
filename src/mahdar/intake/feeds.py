"""RSS and Atom feeds -> their entries, and an entry as it stands -> Report.

A feed announces reports: where it came from an address, the pages it leads to are the reports (`sources.py` fetches
them). The entry itself, often a summary, is taken where there is no page to be had: in a feed from a file, or without
a link. feedparser is imported when the first feed is read; it is only ever given bytes, so it fetches nothing.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import Any

from mahdar.intake.assembly import make_report
from mahdar.intake.dates import iso_day
from mahdar.intake.document import Document, Retrieval, tool
from mahdar.intake.html import fragment_text
from mahdar.intake.refusal import Refusal

MEDIA_TYPES = {"atom": "application/atom+xml", "rss": "application/rss+xml"}
_FEED = re.compile(
    rb"\A[\s\xef\xbb\xbf]*(?:<\?xml[^>]*>\s*)?(?:(?:<!--.*?-->|<\?.*?\?>|<!DOCTYPE[^>]*>)\s*)*"
    rb"<(?:rss|feed|(?:\w+:)?RDF)\b",
    re.IGNORECASE | re.DOTALL,
)
_LONE = re.compile("[\x00\ud800-\udfff]")  # what neither files nor databases can hold


@dataclass(frozen=True, slots=True)
class Entry:
    """What a feed says of one report. `id` is the feed's own or else the link; `changed` when it was last changed, as
    the feed words it; `text` what the entry itself holds, in full or as a summary."""

    id: str
    link: str | None
    title: str | None
    published: str | None
    changed: str
    text: str


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed's title and its entries, in its order."""

    title: str | None
    media_type: str
    entries: tuple[Entry, ...]


def is_feed(head: bytes) -> bool:
    return bool(_FEED.match(head[:4096]) or _FEED.match(head[:4096].replace(b"\x00", b"")))


def read_feed(data: bytes, name: str, url: str | None = None) -> Feed | Refusal:
    """The feed that `data` holds. `url` is its address, from which its links are told.

    A feed cut off or badly formed gives the entries that can be told; one without any is refused.
    """
    import feedparser  # type: ignore[import-untyped]

    if re.search(rb"<!ENTITY", data.replace(b"\x00", b""), re.IGNORECASE):
        return Refusal(name, "is a feed that declares entities of its own, which are not expanded")
    try:
        # A base address that feedparser would otherwise take from the answer it fetched.
        found = feedparser.parse(io.BytesIO(data), response_headers={"content-location": url} if url else {})
    # feedparser mends most flaws, and trips over others in whatever code meets them.
    except (
        ArithmeticError,
        AssertionError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
        RecursionError,
    ) as error:
        return Refusal(name, f"is a feed that cannot be read ({error})")
    entries = [entry for row in found.entries if (entry := _entry(row))]
    if not found.version and not entries:
        return Refusal(name, f"is a feed that cannot be read ({found.get('bozo_exception', 'no entries')})")
    kind = "atom" if found.version.startswith("atom") else "rss"
    return Feed(_plain(found.feed.get("title")), MEDIA_TYPES[kind], tuple(entries))


def given_by(feed: Feed, entry: Entry, url: str) -> tuple[tuple[str, str], ...]:
    """What a feed says of the page it leads to, for the page's retrieval."""
    said = {"feed": url, "title": entry.title, "published": entry.published, "outlet": feed.title}
    return tuple((key, value) for key, value in said.items() if value)


def read_entry(feed: Feed, entry: Entry, data: bytes, name: str, retrieval: Retrieval) -> Document | Refusal:
    """The report that an entry holds itself; `data` are the feed's bytes."""
    where = f"{name}, entry {entry.id}"
    report = make_report(
        "\n\n".join(part for part in (entry.title, entry.text) if part),
        name=where,
        title=entry.title,
        outlet=feed.title,
        published=entry.published,
    )
    if isinstance(report, Refusal):
        return report
    return Document(report, data, retrieval, entry.id, tool("feedparser"), feed.media_type)


def _entry(row: Any) -> Entry | None:
    link = _plain(row.get("link"))
    id = _plain(row.get("id")) or link
    held = [_string(content.get("value")) for content in row.get("content") or ()]
    markup = max([*held, _string(row.get("summary"))], key=len)
    title = _plain(fragment_text(_string(row.get("title"))))
    if not id and not title and not markup:
        return None
    # dict.get: feedparser's own would take one date for the other, with a warning.
    changed = _string(dict.get(row, "updated"))
    published = _string(dict.get(row, "published")) or changed
    return Entry(
        id or title or markup[:80],
        link if link and link.lower().startswith(("http://", "https://")) else None,
        title,
        iso_day(published),
        changed or published,
        fragment_text(markup),
    )


def _string(value: Any) -> str:
    """What feedparser gives for a piece of text, or nothing where it gives anything else."""
    return _LONE.sub("\ufffd", value) if isinstance(value, str) else ""


def _plain(value: Any) -> str | None:
    return " ".join(_string(value).split()) or None
