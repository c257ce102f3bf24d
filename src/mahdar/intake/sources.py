"""Where reports come from: a file, a folder, a stream, an address or bytes."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from mahdar.intake.document import Document, Retrieval, taken
from mahdar.intake.formats import Follow, open_stream
from mahdar.intake.refusal import Refusal
from mahdar.model import MahdarError, Report

if TYPE_CHECKING:
    from mahdar.intake.fetch import Fetch, Fetched

_SUFFIXES = frozenset(
    (
        *("", ".txt", ".text", ".md", ".htm", ".html", ".xhtml", ".pdf", ".json", ".jsonl", ".ndjson", ".gz"),
        *(".rss", ".atom", ".xml", ".warc", ".wacz"),
    )
)
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)

Source = str | Path | bytes | BinaryIO


def open_reports(source: Source, *, name: str | None = None, fetch: Fetch | None = None) -> Iterator[Report | Refusal]:
    """The reports of `source`, as `open_documents` finds them, without their bytes."""
    for document in open_documents(source, name=name, fetch=fetch):
        yield document if isinstance(document, Refusal) else document.report


def open_documents(
    source: Source, *, name: str | None = None, fetch: Fetch | None = None
) -> Iterator[Document | Refusal]:
    """The reports of `source` with their bytes, one after another; what cannot be taken comes as a `Refusal` in its
    place.

    `source` is the path of a file or folder (read through recursively, in sorted order; its pictures, scripts and
    hidden files are left out), an http or https address (the only thing that touches the network), `-` for standard
    input, a binary stream, or the content itself as bytes. Plain text, saved web pages, PDF, JSON lines, JSON, feeds
    and web archives (WARC, WACZ) are told apart by content; any of them may be gzipped. A feed at an address is followed
    to the pages that it leads to, as far as robots.txt lets; the entries of a feed from elsewhere are read as they stand.
    `name` is what messages call the source; `fetch` replaces the fetcher for addresses.

    Never raises on bad input: a missing file, an unreadable page or a bad line yields a Refusal, and the rest goes on.
    Memory does not grow with a file of JSON lines or a web archive.
    """
    if isinstance(source, bytes):
        yield from open_stream(io.BytesIO(source), name or "bytes", taken("stream", name or "bytes"))
    elif is_address(source):
        yield from _open_address(str(source), name or str(source), fetch)
    elif source == "-":
        yield from _open_binary(sys.stdin.buffer, name or "standard input")
    elif isinstance(source, str | Path):
        yield from _open_path(Path(source), name)
    else:
        yield from _open_binary(source, name or str(getattr(source, "name", "stream")))


def is_address(source: object) -> bool:
    return isinstance(source, str) and bool(_ADDRESS.match(source))


def reopen(data: bytes, retrieval: Retrieval, *, name: str, part: str | None = None) -> Document | Refusal:
    """The document made anew from archived bytes, by the formats and extractors of today; nothing is fetched.

    `part` is the document's own, for bytes that hold several reports. Its retrieval is the one given.
    """
    for document in open_stream(io.BytesIO(data), name, retrieval):
        if isinstance(document, Refusal) or document.part == part:
            return document
    return Refusal(name, f"holds no entry {part!r}")


def _open_binary(stream: BinaryIO, name: str) -> Iterator[Document | Refusal]:
    yield from open_stream(stream, name, taken("stream", name))


def _open_path(path: Path, name: str | None) -> Iterator[Document | Refusal]:
    try:
        if path.is_dir():
            files = list(report_files(path))
            if not files:
                yield Refusal(name or str(path), "is a folder without reports")
            for file in files:
                yield from _open_path(file, None)
            return
        with path.open("rb") as stream:
            yield from open_stream(stream, name or str(path), taken("file", str(path)))
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        yield Refusal(name or str(path), f"cannot be read ({getattr(error, 'strerror', None) or error})")


def report_files(folder: Path) -> Iterator[Path]:
    """The files under a folder that may hold reports, in sorted order."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir():
            # Browsers save a page's pictures and scripts beside it in such a folder.
            if not path.name.endswith("_files") and not path.is_symlink():
                yield from report_files(path)
        elif path.is_file() and path.suffix.lower() in _SUFFIXES:
            yield path


def _open_address(url: str, name: str, get: Fetch | None) -> Iterator[Document | Refusal]:
    # http.client and ssl take a tenth of a second to import, which only those pay who fetch.
    from mahdar.intake.fetch import fetch

    answer = _fetched(url, name, get or fetch)
    if isinstance(answer, Refusal):
        yield answer
        return
    yield from open_stream(io.BytesIO(answer.body), name, answer.retrieval, _follower(get))


def _follower(get: Fetch | None) -> Follow:
    """Follows the entries of a feed: nobody asked for these pages one by one, so robots.txt has a say."""
    from mahdar.intake.polite import Polite

    polite = get or Polite()

    def follow(url: str, given: tuple[tuple[str, str], ...]) -> Iterator[Document | Refusal]:
        answer = _fetched(url, url, polite)
        if isinstance(answer, Refusal):
            yield answer
        else:
            yield from open_stream(io.BytesIO(answer.body), url, replace(answer.retrieval, given=given))

    return follow


def _fetched(url: str, name: str, get: Fetch) -> Fetched | Refusal:
    try:
        return get(url)
    except MahdarError as error:
        return Refusal(name, str(error).removeprefix(f"{url}: "))
