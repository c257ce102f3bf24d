"""A saved web page -> Report: body by trafilatura, then what it leaves out (captions) and what it cannot tell (link-
only lines).

Clean text: the title, the date line as the page words it, captions that the body lacks, then the paragraphs, a blank
line between each. trafilatura and lxml are imported when the first page is read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mahdar.intake.assembly import make_report
from mahdar.intake.dates import find_day, iso_day
from mahdar.intake.encoding import decode
from mahdar.intake.refusal import Refusal
from mahdar.model import Report

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped]

_DEEPEST = 200  # tags: lxml stops at 255, and no article nests so deep
_LARGE = 1_500_000  # characters of markup beyond which trafilatura takes minutes: then every paragraph is taken
_ENOUGH = 200  # characters of body below which trafilatura's slower fallbacks are tried
_TAG = re.compile(r"<!--.*?(?:-->|\Z)|<(?P<close>/)?(?P<name>[a-zA-Z][\w:-]*)[^<>]*>", re.DOTALL)
_DATA = re.compile(r"(?<=[\"'])data:[^\"'<>]*")
# Tags that never hold others or that pages leave open: they say nothing of depth.
_UNNESTED = frozenset(
    "area base br col embed hr img input link meta source track wbr "
    "p li dd dt option tr td th thead tbody html head body".split()
)
_SPACES = re.compile(r"\s+")
_BLOCKS = ("p", "li", "h2", "h3", "h4", "h5", "div", "blockquote", "td")
_BREAKING = frozenset((*_BLOCKS, "br", "hr", "h1", "h6", "tr", "ul", "ol", "pre", "figure", "section", "article"))
_LONE = re.compile("[\x00\ud800-\udfff]")  # what no tree can hold
_DATE_META = (
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "date",
    "pubdate",
    "publishdate",
    "publish_date",
    "dc.date",
    "dc.date.issued",
    "dcterms.created",
    "sailthru.date",
    "parsely-pub-date",
    "publication_date",
    "article.published",
    "cxenseparse:recs:publishtime",
)


@dataclass(frozen=True, slots=True)
class _Page:
    paragraphs: list[str]
    title: str | None
    outlet: str | None
    published: str | None
    date_line: str | None
    captions: list[str]
    links: frozenset[str]


def read_html(
    data: bytes, name: str, *, charset: str | None = None, url: str | None = None, any_language: bool = False
) -> Report | Refusal:
    """One report from a page's bytes.

    `charset` is what the transport declared, `url` where the page came from, if known; `any_language` keeps pages that
    the reader could not read.
    """
    page = _open(data, charset, url)
    if page is None or not page.paragraphs:
        return Refusal(name, "is a web page without an article that can be told")
    head = [page.title, page.date_line if page.date_line not in page.paragraphs[:3] else None]
    body = [part for part in page.paragraphs if part != page.title]
    captions = [caption for caption in page.captions if not any(caption in part for part in body)]
    return make_report(
        "\n\n".join([part for part in head if part] + captions + body),
        name=name,
        title=page.title,
        outlet=page.outlet,
        published=page.published,
        captions=frozenset(page.captions),
        links=page.links,
        any_language=any_language,
    )


def fragment_text(markup: str) -> str:
    """The text of a piece of markup that is no page (a feed's entry): a blank line between its blocks."""
    from lxml import etree, html  # type: ignore[import-untyped]

    try:
        tree = html.fragment_fromstring(flatten(_without_scripts(_LONE.sub("", markup))), create_parent="div")
    except (etree.ParserError, ValueError):
        return ""
    parts: list[str] = []
    for event, element in etree.iterwalk(tree, events=("start", "end", "comment", "pi")):
        if event == "start":
            parts += ["\n" if element.tag in _BREAKING else "", element.text or ""]
        elif event == "end":
            parts += ["\n" if element.tag in _BREAKING else "", element.tail or ""]
        else:
            parts.append(element.tail or "")
    return "\n\n".join(words for line in "".join(parts).split("\n") if (words := _squeezed(line)))


def _open(data: bytes, charset: str | None, url: str | None) -> _Page | None:
    from lxml import etree, html  # a quarter of a second, for pages only
    from trafilatura import bare_extraction

    source = flatten(_without_scripts(decode(data, charset, html=True).replace("\x00", "")))
    # A declaration in the markup would contradict the text, which is decoded already.
    source = re.sub(r"\A\s*<\?xml[^>]*\?>", "", source)
    try:
        tree = html.document_fromstring(source)
    except (etree.ParserError, ValueError):
        return None
    seen = _look(tree, url)
    if len(source) > _LARGE:
        lines = list(_blocks(tree))
    else:
        document = bare_extraction(source, url=url, fast=True, include_comments=False)
        if document is None or len(document.text or "") < _ENOUGH:
            document = bare_extraction(source, url=url, include_comments=False, favor_recall=True) or document
        lines = (document.text or "").split("\n") if document else []
    paragraphs = [words for line in lines if (words := _squeezed(line.removeprefix("- ")))]
    return _Page(paragraphs, *seen)


def _without_scripts(source: str) -> str:
    """The markup without styles, drawings, embedded data and scripts, JSON-LD aside: most of a large page."""
    lower = source.lower()
    if len(lower) != len(source):  # a letter whose lower case is longer: offsets would not fit
        return source
    parts = []
    at = 0
    for match in re.finditer(r"<(style|svg|script)\b[^<>]*>", lower):
        if match.start() < at or "ld+json" in match.group():
            continue
        close = lower.find(f"</{match[1]}", match.end())
        if close < 0:
            break
        parts.append(source[at : match.start()])
        at = lower.find(">", close) + 1 or len(source)
    parts.append(source[at:])
    return _DATA.sub("", "".join(parts))


def flatten(source: str) -> str:
    """The markup without tags that nest deeper than any article does, so that no parser runs out of stack."""
    if source.count("<") < _DEEPEST:
        return source
    tags = [
        (match.start(), match.end(), not match["close"])
        for match in _TAG.finditer(source)
        if match["name"] and match["name"].lower() not in _UNNESTED and not match.group().endswith("/>")
    ]
    parts = []
    at = depth = 0
    for start, end, opens in tags:
        level = depth + 1 if opens else depth
        depth = max(0, depth + (1 if opens else -1))
        if level > _DEEPEST:
            parts.append(source[at:start])
            at = end
    parts.append(source[at:])
    return " ".join(parts)


def _look(tree: HtmlElement, url: str | None) -> tuple[Any, ...]:
    """Title, outlet, day, date line, captions and link-only blocks as the page's own markup shows them."""
    meta = _meta(tree)
    linked = list(_linked_data(tree))
    title = _first(
        *(_text(item.get("headline")) for item in linked),
        meta.get("og:title"),
        meta.get("twitter:title"),
        *_headings(tree),
        _page_title(tree),
    )
    outlet = _first(
        meta.get("og:site_name"),
        *(_named(item.get("publisher")) for item in linked),
        meta.get("application-name"),
        _host(url or meta.get("og:url")),
    )
    dates = [*(iso_day(item.get("datePublished")) for item in linked), *(iso_day(meta.get(key)) for key in _DATE_META)]
    line, marked = _time_line(tree)
    published = _first(*dates, marked) or _guessed_day(tree)
    date_line = line if line and find_day(line) == published else None
    return (
        title and _without_site(title, outlet),
        outlet,
        published,
        date_line,
        list(_captions(tree)),
        frozenset(_link_blocks(tree)),
    )


def _blocks(tree: HtmlElement) -> Iterator[str]:
    """The text of every paragraph, heading and list item that holds no other; for pages too large for trafilatura."""
    for element in tree.iter("p", "li", "h1", "h2", "h3", "h4", "blockquote"):
        if len(element) == 0 or (element.find(".//p") is None and element.find(".//li") is None):
            yield element.text_content()


def _meta(tree: HtmlElement) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        key = element.get("property") or element.get("name") or element.get("itemprop")
        if key and element.get("content"):
            found.setdefault(key.strip().lower(), _squeezed(element.get("content")))
    return found


def _linked_data(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    """Objects of the page's JSON-LD that describe an article."""
    for element in tree.iter("script"):
        if (element.get("type") or "").strip().lower() != "application/ld+json":
            continue
        try:
            data = json.loads(element.text or "", strict=False)
        except (ValueError, RecursionError):
            continue  # pages ship broken JSON-LD; the other sources of the same facts remain
        stack = [data]
        while stack:
            item = stack.pop(0)
            if isinstance(item, list):
                stack.extend(item)
            elif isinstance(item, dict):
                stack.extend(value for key, value in item.items() if key == "@graph")
                kind = item.get("@type")
                kinds = kind if isinstance(kind, list) else [kind]
                if any(isinstance(k, str) and (k.endswith(("Article", "Posting")) or k in ("Report",)) for k in kinds):
                    yield item


def _first(*values: str | None) -> str | None:
    return next((value for value in values if value), None)


def _text(value: Any) -> str | None:
    return _squeezed(value) if isinstance(value, str) else None


def _named(value: Any) -> str | None:
    value = value[0] if isinstance(value, list) and value else value
    return _text(value.get("name")) if isinstance(value, dict) else _text(value)


def _host(url: str | None) -> str | None:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.") or None if url else None
    except ValueError:
        return None


def _headings(tree: HtmlElement) -> list[str]:
    headings = [_squeezed(element.text_content()) for element in tree.iter("h1")]
    return [heading for heading in headings if heading] if len(headings) == 1 else []


def _page_title(tree: HtmlElement) -> str | None:
    element = next(tree.iter("title"), None)
    return _squeezed(element.text_content()) or None if element is not None else None


def _without_site(title: str, outlet: str | None) -> str:
    """`Headline | Outlet` -> `Headline`."""
    if outlet:
        title = re.sub(
            rf"\s+[|–—·:-]\s+(?:{re.escape(outlet)}|the {re.escape(outlet)}).*\Z", "", title, flags=re.IGNORECASE
        )
    return re.sub(r"\s+\|\s+[^|]{2,40}\Z", "", title)


def _time_line(tree: HtmlElement) -> tuple[str | None, str | None]:
    """The words and the day of the first `time` element that holds a whole date."""
    for element in tree.iter("time"):
        words = _squeezed(element.text_content())
        day = iso_day(element.get("datetime")) or find_day(words)
        if day:
            return (words if len(words) <= 90 else None), day
    return None, None


def _guessed_day(tree: HtmlElement) -> str | None:
    from htmldate import find_date

    try:
        found: str | None = find_date(tree, original_date=True, extensive_search=False, max_date="2099-12-31")
    except (ValueError, TypeError, RecursionError):
        return None  # htmldate raises on odd markup; the day stays unknown
    return found


def _captions(tree: HtmlElement) -> Iterator[str]:
    seen: set[str] = set()
    for element in tree.iter("figcaption", "p", "div", "span"):
        classes = (element.get("class") or "").lower()
        if element.tag != "figcaption" and not re.search(
            r"\b(?:wp-caption-text|(?:image|photo|media|img|picture)[-_]{1,2}caption(?:[-_]{1,2}text)?|caption[-_]{1,2}text)\b",
            classes,
        ):
            continue
        words = _squeezed(element.text_content())
        if words.count(" ") >= 3 and len(words) <= 800 and words not in seen and len(seen) < 20:
            seen.add(words)
            yield words


def _link_blocks(tree: HtmlElement) -> Iterator[str]:
    """Blocks whose whole text is one link."""
    for link in tree.iter("a"):
        words = _squeezed(link.text_content())
        if not 10 <= len(words) <= 250:
            continue
        block = link.getparent()
        for _ in range(4):
            if block is None or block.tag in _BLOCKS:
                break
            block = block.getparent()
        if block is not None and _squeezed(block.text_content()[:1000]) == words:
            yield words


def _squeezed(words: str) -> str:
    return _SPACES.sub(" ", words).strip()
