"""Bytes of any format -> Documents: which format they are in is told by content, never by name."""

from __future__ import annotations

import gzip
import io
import json
import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from mahdar.intake.document import Document, Retrieval, tool
from mahdar.intake.encoding import decode, what_else
from mahdar.intake.html import read_html
from mahdar.intake.jsonl import read_jsonl, read_list, read_object
from mahdar.intake.refusal import Refusal
from mahdar.intake.text import read_text
from mahdar.model import Report

LARGEST = 64 * 1024 * 1024  # bytes of one document; JSON lines and web archives are streamed and have no limit
HTML = "text/html"
TEXT = "text/plain"

_HEAD = 64 * 1024
_JSON_LINES = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")
_MARKUP = re.compile(
    rb"\A[\s\xef\xbb\xbf]*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|article|main|section|div|p|h1|meta|title|script|header|span|table)\b"
    rb"|<!doctype\s+html|<html[\s>]|<body[\s>]",
    re.IGNORECASE | re.DOTALL,
)


def open_stream(raw: BinaryIO, name: str, retrieval: Retrieval) -> Iterator[Document | Refusal]:
    """The documents of a binary stream, gzipped or not; never raises on bad input."""
    try:
        head = raw.read(_HEAD)
        stream = _joined(head, raw)
        if head.startswith(b"\x1f\x8b"):
            unzipped = gzip.GzipFile(fileobj=stream)
            head = unzipped.read(_HEAD)
            stream = _joined(head, unzipped)
        yield from _open_content(head, stream, name, retrieval)
    except (OSError, EOFError, zlib.error) as error:
        yield Refusal(name, f"cannot be read to its end ({error})")


def _open_content(head: bytes, stream: BinaryIO, name: str, retrieval: Retrieval) -> Iterator[Document | Refusal]:
    other = what_else(head)
    if not head.strip():
        yield Refusal(name, "is empty")
    elif other:
        yield Refusal(name, f"is {other}, not a report in text, HTML or JSON lines")
    elif _is_json_lines(head, name):
        yield from read_jsonl(stream, name, retrieval)
    else:
        data = stream.read(LARGEST + 1)
        if len(data) > LARGEST:
            yield Refusal(name, f"is larger than {LARGEST // 2**20} MB")
        elif is_markup(head):
            report = read_html(data, name, charset=retrieval.charset, url=retrieval.final_url)
            yield _document(report, data, HTML, retrieval, "trafilatura")
        elif head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
            yield from _open_json(data, name, retrieval)
        else:
            yield _document(read_text(decode(data, retrieval.charset), name), data, TEXT, retrieval)


def _document(
    report: Report | Refusal, data: bytes, media_type: str, retrieval: Retrieval, *libraries: str
) -> Document | Refusal:
    if isinstance(report, Refusal):
        return report
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
