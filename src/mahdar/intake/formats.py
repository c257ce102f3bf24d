"""Bytes of any format -> Documents: which format they are in is told by content, never by name."""

from __future__ import annotations

import gzip
import io
import json
import re
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import BinaryIO

from mahdar.intake.document import Document, Retrieval, tool
from mahdar.intake.encoding import decode, what_else
from mahdar.intake.feeds import given_by, is_feed, read_entry, read_feed
from mahdar.intake.html import read_html
from mahdar.intake.jsonl import read_jsonl, read_list, read_object
from mahdar.intake.pdf import read_pdf
from mahdar.intake.refusal import Refusal
from mahdar.intake.text import read_text
from mahdar.intake.warc import is_wacz, is_warc, read_wacz, read_warc
from mahdar.model import Report

LARGEST = 64 * 1024 * 1024  # bytes of one document; JSON lines and web archives are streamed and have no limit
HTML = "text/html"
TEXT = "text/plain"

Follow = Callable[[str, tuple[tuple[str, str], ...]], Iterator[Document | Refusal]]
"""From an entry's link and what the feed says of it to the reports there."""

_HEAD = 64 * 1024
_READ = "a report in text, HTML, PDF, JSON lines, a feed or a web archive"
_XML = re.compile(rb"[\s\xef\xbb\xbf]*<\?xml\b")
_JSON_LINES = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")
_MARKUP = re.compile(
    rb"\A[\s\xef\xbb\xbf]*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|article|main|section|div|p|h1|meta|title|script|header|span|table)\b"
    rb"|<!doctype\s+html|<html[\s>]|<body[\s>]",
    re.IGNORECASE | re.DOTALL,
)


def open_stream(
    raw: BinaryIO, name: str, retrieval: Retrieval, follow: Follow | None = None
) -> Iterator[Document | Refusal]:
    """The documents of a binary stream, gzipped or not; never raises on bad input.

    `follow` gets the page that an entry of a feed leads to; without it entries are read as they stand.
    """
    try:
        head = raw.read(_HEAD)
        zipped = head.startswith(b"\x1f\x8b")
        if is_warc(_unzipped(head) if zipped else head):
            with _sought(raw, head) as file:
                yield from read_warc(file, name, LARGEST, open_stream)
        elif head.startswith(b"PK\x03\x04"):
            with _sought(raw, head) as file:
                yield from _open_zip(file, name)
        else:
            stream = _joined(head, raw)
            if zipped:
                unzipped = gzip.GzipFile(fileobj=stream)
                head = unzipped.read(_HEAD)
                stream = _joined(head, unzipped)
            yield from _open_content(head, stream, name, retrieval, follow)
    except (OSError, EOFError, zlib.error) as error:
        yield Refusal(name, f"cannot be read to its end ({error})")


def _open_zip(file: BinaryIO, name: str) -> Iterator[Document | Refusal]:
    if is_wacz(file):
        yield from read_wacz(file, name, LARGEST, open_stream)
    else:
        yield Refusal(name, f"is a ZIP archive or office document, not {_READ}")


def _open_content(
    head: bytes, stream: BinaryIO, name: str, retrieval: Retrieval, follow: Follow | None
) -> Iterator[Document | Refusal]:
    pdf = head.lstrip().startswith(b"%PDF-")
    other = None if pdf else what_else(head)
    if not head.strip():
        yield Refusal(name, "is empty")
    elif other:
        yield Refusal(name, f"is {other}, not {_READ}")
    elif _is_json_lines(head, name):
        yield from read_jsonl(stream, name, retrieval)
    else:
        data = stream.read(LARGEST + 1)
        if len(data) > LARGEST:
            yield Refusal(name, f"is larger than {LARGEST // 2**20} MB")
        elif pdf:
            yield read_pdf(data, name, retrieval)
        elif is_feed(head):
            yield from _open_feed(data, name, retrieval, follow)
        elif is_markup(head):
            report = read_html(data, name, charset=retrieval.charset, url=retrieval.final_url)
            yield _document(report, data, HTML, retrieval, "trafilatura")
        elif _XML.match(head):
            yield Refusal(name, "is XML that is neither a page nor a feed")
        elif head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
            yield from _open_json(data, name, retrieval)
        else:
            yield _document(read_text(decode(data, retrieval.charset), name), data, TEXT, retrieval)


def _open_feed(data: bytes, name: str, retrieval: Retrieval, follow: Follow | None) -> Iterator[Document | Refusal]:
    feed = read_feed(data, name, retrieval.final_url)
    if isinstance(feed, Refusal):
        yield feed
        return
    if not feed.entries:
        yield Refusal(name, "is a feed without entries")
    for entry in feed.entries:
        if follow and entry.link:
            yield from follow(entry.link, given_by(feed, entry, retrieval.final_url or name))
        else:
            yield read_entry(feed, entry, data, name, retrieval)


def _document(
    report: Report | Refusal, data: bytes, media_type: str, retrieval: Retrieval, *libraries: str
) -> Document | Refusal:
    if isinstance(report, Refusal):
        return report
    # What the page does not say of itself, the feed that led to it may.
    given = dict(retrieval.given)
    report = replace(
        report,
        title=report.title or given.get("title"),
        outlet=report.outlet or given.get("outlet"),
        published=report.published or given.get("published"),
    )
    return Document(report, data, retrieval, extractor=tool(*libraries), media_type=media_type)


def is_markup(head: bytes) -> bool:
    return bool(_MARKUP.search(head[:4096]) or _MARKUP.search(head[:4096].replace(b"\x00", b"")))


def _is_json_lines(head: bytes, name: str) -> bool:
    first, newline, _ = head.lstrip(b"\xef\xbb\xbf \t\r\n").partition(b"\n")
    if name.lower().endswith(_JSON_LINES):
        return True
    if not first.startswith(b"{"):
        return False
    try:
        return isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        # The line may be longer than the head; one that closes and does not parse may be a bad line among good ones.
        return not newline or first.rstrip().endswith(b"}")


def _open_json(data: bytes, name: str, retrieval: Retrieval) -> Iterator[Document | Refusal]:
    """A JSON document: one report, or a list of them. Text that only begins with a bracket is plain text."""
    text = decode(data).lstrip("\ufeff")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        yield _document(read_text(text, name), data, TEXT, retrieval)
        return
    if isinstance(value, list):
        yield from read_list(text, name, retrieval)
    else:
        yield read_object(value, data, name, retrieval)


def _unzipped(head: bytes) -> bytes:
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, 64)
    except zlib.error:
        return b""


@contextmanager
def _sought(raw: BinaryIO, head: bytes) -> Iterator[BinaryIO]:
    """A stream of which `head` was read, as a file that can be sought in; what cannot is kept in a temporary one."""
    if raw.seekable():
        raw.seek(-len(head), io.SEEK_CUR)
        yield raw
        return
    with tempfile.TemporaryFile() as file:
        file.write(head)
        shutil.copyfileobj(raw, file)
        file.seek(0)
        yield file


def _joined(head: bytes, rest: BinaryIO | gzip.GzipFile) -> BinaryIO:
    return io.BufferedReader(_Joined(head, rest), _HEAD)  # type: ignore[type-var]  # typeshed asks a writable buffer


class _Joined(io.RawIOBase):
    """A stream with what was read ahead of it put back."""

    def __init__(self, head: bytes, rest: BinaryIO | gzip.GzipFile) -> None:
        self._head = head
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        part = self._head[: len(buffer)] or self._rest.read(len(buffer))
        self._head = self._head[len(part) :]
        buffer[: len(part)] = part
        return len(part)
