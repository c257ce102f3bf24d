"""Where reports come from: a file, a folder, a stream, an address or bytes; and which format they are in, told by
content.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from mahdar.intake.encoding import decode, what_else
from mahdar.intake.html import read_html
from mahdar.intake.jsonl import read_jsonl, read_object
from mahdar.intake.refusal import Refusal
from mahdar.intake.text import read_text
from mahdar.model import MahdarError, Report

if TYPE_CHECKING:
    from mahdar.intake.fetch import Fetch

LARGEST = 64 * 1024 * 1024  # bytes of one document; JSON lines are streamed and have no limit
_HEAD = 64 * 1024
_SUFFIXES = frozenset(("", ".txt", ".text", ".md", ".htm", ".html", ".xhtml", ".json", ".jsonl", ".ndjson", ".gz"))
_JSON_LINES = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")
_MARKUP = re.compile(
    rb"\A[\s\xef\xbb\xbf]*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|article|main|section|div|p|h1|meta|title|script|header|span|table)\b"
    rb"|<!doctype\s+html|<html[\s>]|<body[\s>]",
    re.IGNORECASE | re.DOTALL,
)


def open_reports(
    source: str | Path | bytes | BinaryIO, *, name: str | None = None, fetch: Fetch | None = None
) -> Iterator[Report | Refusal]:
    """The reports of `source`, one after another; what cannot be taken comes as a `Refusal` in its place.

    `source` is the path of a file or folder (read through recursively, in sorted order; its pictures, scripts and
    hidden files are left out), an http or https address (the only thing that touches the network), `-` for standard
    input, a binary stream, or the content itself as bytes. Plain text, saved web pages, JSON lines and JSON are told
    apart by content; any of them may be gzipped. `name` is what messages call the source; `fetch` replaces the fetcher
    for addresses.

    Never raises on bad input: a missing file, an unreadable page or a bad line yields a Refusal, and the rest goes on.
    Memory does not grow with a file of JSON lines.
    """
    if isinstance(source, bytes):
        yield from _open_stream(io.BytesIO(source), name or "bytes")
    elif isinstance(source, str) and re.match(r"https?://", source, re.IGNORECASE):
        yield from _open_address(source, name or source, fetch)
    elif source == "-":
        yield from _open_stream(sys.stdin.buffer, name or "standard input")
    elif isinstance(source, str | Path):
        yield from _open_path(Path(source), name)
    else:
        yield from _open_stream(source, name or str(getattr(source, "name", "stream")))


def _open_path(path: Path, name: str | None) -> Iterator[Report | Refusal]:
    try:
        if path.is_dir():
            files = list(_files(path))
            if not files:
                yield Refusal(name or str(path), "is a folder without reports")
            for file in files:
                yield from _open_path(file, None)
            return
        with path.open("rb") as stream:
            yield from _open_stream(stream, name or str(path))
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        yield Refusal(name or str(path), f"cannot be read ({getattr(error, 'strerror', None) or error})")


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir():
            # Browsers save a page's pictures and scripts beside it in such a folder.
            if not path.name.endswith("_files") and not path.is_symlink():
                yield from _files(path)
        elif path.is_file() and path.suffix.lower() in _SUFFIXES:
            yield path


def _open_address(url: str, name: str, get: Fetch | None) -> Iterator[Report | Refusal]:
    if get is None:
        # urllib takes a tenth of a second to import, which only those pay who fetch.
        from mahdar.intake.fetch import fetch

        get = fetch
    try:
        answer = get(url)
    except MahdarError as error:
        yield Refusal(name, str(error).removeprefix(f"{url}: "))
        return
    yield from _open_stream(io.BytesIO(answer.body), name, charset=answer.charset, url=answer.url)


def _open_stream(
    raw: BinaryIO, name: str, *, charset: str | None = None, url: str | None = None
) -> Iterator[Report | Refusal]:
    try:
        head = raw.read(_HEAD)
        stream = _joined(head, raw)
        if head.startswith(b"\x1f\x8b"):
            unzipped = gzip.GzipFile(fileobj=stream)
            head = unzipped.read(_HEAD)
            stream = _joined(head, unzipped)
        yield from _open_content(head, stream, name, charset, url)
    except (OSError, EOFError, zlib.error) as error:
        yield Refusal(name, f"cannot be read to its end ({error})")


def _open_content(
    head: bytes, stream: BinaryIO, name: str, charset: str | None, url: str | None
) -> Iterator[Report | Refusal]:
    other = what_else(head)
    if not head.strip():
        yield Refusal(name, "is empty")
    elif other:
        yield Refusal(name, f"is {other}, not a report in text, HTML or JSON lines")
    elif _is_json_lines(head, name):
        yield from read_jsonl(stream, name)
    else:
        data = stream.read(LARGEST + 1)
        if len(data) > LARGEST:
            yield Refusal(name, f"is larger than {LARGEST // 2**20} MB")
        elif _MARKUP.search(head[:4096]) or _MARKUP.search(head[:4096].replace(b"\x00", b"")):
            yield read_html(data, name, charset=charset, url=url)
        elif head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
            yield from _open_json(data, name)
        else:
            yield read_text(decode(data, charset), name)


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


def _open_json(data: bytes, name: str) -> Iterator[Report | Refusal]:
    """A JSON document: one report, or a list of them. Text that only begins with a bracket is plain text."""
    text = decode(data)
    try:
        value = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        yield read_text(text, name)
        return
    if isinstance(value, list):
        for number, row in enumerate(value, start=1):
            yield read_object(row, f"{name}, item {number}")
    else:
        yield read_object(value, name)


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
