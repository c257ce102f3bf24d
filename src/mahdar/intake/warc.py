"""Web archives (WARC 1.0 and 1.1, gzipped record by record, whole or not at all; and WACZ) -> Documents.

Of the records, those count that hold a page, a text or a PDF that was answered with 200, or that somebody put in
(`resource`). A record that is damaged is one Refusal; reading takes up again at the next that can be told. warcio is
imported when the first archive is read.
"""

from __future__ import annotations

import io
import logging
import re
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import IO, TYPE_CHECKING, BinaryIO, cast
from urllib.parse import urljoin

from mahdar.intake.document import NO_ANSWER, NO_CAPTURE, NO_TOOL, Document, Retrieval
from mahdar.intake.refusal import Refusal
from mahdar.intake.zipped import unzipper

if TYPE_CHECKING:
    from warcio.recordloader import ArcWarcRecord  # type: ignore[import-untyped]

TYPES = frozenset(("text/html", "application/xhtml+xml", "text/plain", "application/pdf"))
_ASIDE = ("urn:text:", "urn:pageinfo:", "urn:view:", "urn:thumbnail:")  # what crawlers store beside a page
_CHUNK = 1024 * 1024
_IN_MEMORY = 8 * 1024 * 1024  # bytes of an unzipped record beyond which it goes to a temporary file
_GZIP = re.compile(rb"\x1f\x8b\x08")
_RECORD = re.compile(rb"WARC/[01]\.\d+\r?\n[A-Za-z-]+:")
_MOST_EXPANSION = 200  # of a zipped record: deflate's own limit is a thousand
# What zipfile raises on damaged files, depending on the part that is.
_ZIP_FLAWS = (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OverflowError, EOFError, struct.error)
_MOST_REDIRECTS = 20  # of those that led to one page

Open = Callable[[BinaryIO, str, Retrieval], Iterator[Document | Refusal]]
"""`formats.open_stream`: what a record holds is read as any other bytes are."""


def is_warc(head: bytes) -> bool:
    return head.startswith(b"WARC/")


def is_wacz(stream: BinaryIO) -> bool:
    try:
        with zipfile.ZipFile(stream) as whole:
            names = whole.namelist()
    except _ZIP_FLAWS:
        return False
    return "datapackage.json" in names and any(name.startswith("archive/") for name in names)


def read_warc(stream: BinaryIO, name: str, largest: int, open_content: Open) -> Iterator[Document | Refusal]:
    """The reports of a WARC file; `stream` can be sought in. A record holds at most `largest` bytes.

    Digests that a record states are checked, whatever their algorithm; a record that does not hold to its own is
    refused. The addresses that led to a page by redirects within the archive are in its retrieval.
    """
    for found in _Archive(name, largest).held(stream):
        if isinstance(found, Refusal):
            yield found
        else:
            yield from open_content(io.BytesIO(found.payload), found.name, found.retrieval)


def read_wacz(stream: BinaryIO, name: str, largest: int, open_content: Open) -> Iterator[Document | Refusal]:
    """The reports of the WARC files inside a WACZ file."""
    try:
        with zipfile.ZipFile(stream) as whole:
            for member in sorted(whole.namelist()):
                if member.startswith("archive/") and member.endswith((".warc", ".warc.gz")):
                    with whole.open(member) as part:
                        yield from read_warc(cast(BinaryIO, part), f"{name}, {member}", largest, open_content)
    except _ZIP_FLAWS as error:
        yield Refusal(name, f"is a WACZ that cannot be read to its end ({error})")


@dataclass(frozen=True, slots=True)
class _Held:
    """A record that may hold a report."""

    name: str
    payload: bytes
    retrieval: Retrieval


class _UnfitError(Exception):
    """Why the content of a sound record cannot be taken."""


class _BrokenError(Exception):
    """Why a record cannot be taken. `end` is where the next one begins, if known; `url` what it is of."""

    def __init__(self, reason: str, *, end: int | None = None, url: str | None = None) -> None:
        super().__init__(reason)
        self.end = end
        self.url = url


class _Archive:
    def __init__(self, name: str, largest: int) -> None:
        logging.getLogger("warcio").setLevel(logging.ERROR)  # it tells of every mended flaw
        self._name = name
        self._largest = largest
        self._tool: str | None = None
        self._led: dict[str, str] = {}  # by which address one got to another

    def held(self, stream: BinaryIO) -> Iterator[_Held | Refusal]:
        start = stream.tell()
        zipped = stream.read(2) == b"\x1f\x8b"
        stream.seek(start)
        if zipped:
            yield from self._members(stream)
        else:
            yield from self._records(stream, "")

    def _members(self, stream: BinaryIO) -> Iterator[_Held | Refusal]:
        """Each gzip member is a record, or, zipped without care, all of them are one."""
        at: int | None = stream.tell()
        while at is not None:
            where = f"the record at byte {at:,}"
            with tempfile.SpooledTemporaryFile(_IN_MEMORY) as plain:
                try:
                    end = _unzip(stream, at, plain)
                except zlib.error as error:
                    yield Refusal(f"{self._name}, {where}", f"is damaged: {error}")
                    at = _seek(stream, at + 1, _GZIP, _begins_record)
                    continue
                if end is None:
                    return
                plain.seek(0)
                yield from self._records(cast(BinaryIO, plain), where)
            at = end

    def _records(self, file: BinaryIO, within: str) -> Iterator[_Held | Refusal]:
        """The records of a file that is not zipped; `within` names it inside the archive."""
        at = _skip_space(file, file.tell())
        while at is not None:
            try:
                held, end = self._record(file, at)
                if held:
                    yield held
            except _BrokenError as error:
                yield Refusal(f"{self._name}, {error.url or within or f'the record at byte {at:,}'}", str(error))
                found = error.end if error.end is not None else _seek(file, at + 1, _RECORD)
                end = file.seek(0, io.SEEK_END) if found is None else found
            at = _skip_space(file, end)

    def _record(self, file: BinaryIO, at: int) -> tuple[_Held | None, int]:
        """What the record at `at` holds, and where it ends."""
        from warcio.bufferedreaders import BufferedReader  # type: ignore[import-untyped]
        from warcio.exceptions import ArchiveLoadFailed  # type: ignore[import-untyped]
        from warcio.recordloader import ArcWarcRecordLoader
        from warcio.statusandheaders import StatusAndHeadersParserException  # type: ignore[import-untyped]

        file.seek(at)
        reader = BufferedReader(file)
        loader = ArcWarcRecordLoader(arc2warc=False)
        held, problem = None, None
        try:
            record = loader.parse_record_stream(reader, known_format="warc", check_digests=True)
            if record.rec_headers.get_header("Content-Length") != str(record.length):
                raise _BrokenError("is damaged: it does not tell its length")
            try:
                held = self._take(record)
            except _UnfitError as error:
                problem = str(error)
            while record.raw_stream.read(_CHUNK):
                pass
        # AttributeError: warcio meets a header that is missing.
        except (ArchiveLoadFailed, StatusAndHeadersParserException, EOFError, ValueError, AttributeError) as error:
            raise _BrokenError(f"is damaged: {str(error) or 'it breaks off'}") from error
        url = record.rec_headers.get_header("WARC-Target-URI")
        if record.raw_stream.limit:
            raise _BrokenError("is damaged: it breaks off", url=url)
        end = at + reader.tell() - reader.rem_length()
        file.seek(end)
        if file.read(4).strip():
            raise _BrokenError("is damaged: it is longer than it says", url=url)
        mismatch = held and next((each for each in record.digest_checker.problems if _counts(each, record)), None)
        if mismatch:
            raise _BrokenError(f"is damaged: {mismatch}", url=url)  # its length may be as wrong as its bytes
        if problem:
            raise _BrokenError(problem, end=end, url=url)
        return held, end

    def _take(self, record: ArcWarcRecord) -> _Held | None:
        """What a record holds if it may be a report."""
        told, answer = record.rec_headers, record.http_headers
        url = told.get_header("WARC-Target-URI") or ""
        status = None
        if record.rec_type == "warcinfo":
            self._tool = _software(record.raw_stream.read(_CHUNK)) or self._tool
            return None
        if record.rec_type == "response" and answer:
            status = int(answer.get_statuscode())
            headers = tuple(answer.headers)
            if 300 <= status < 400 and answer.get_header("Location"):
                self._led[urljoin(url, answer.get_header("Location"))] = url
        elif record.rec_type == "resource":
            headers = (("Content-Type", record.content_type or ""),)
        else:
            return None
        retrieval = Retrieval(
            url,
            url if url.startswith(("http://", "https://")) else None,
            status,
            headers,
            told.get_header("WARC-Date"),
            self._tool or "unknown",
            "archive",
            server=told.get_header("WARC-IP-Address"),
            absent=(*([] if status else [NO_ANSWER]), *([] if self._tool else [NO_TOOL]), NO_CAPTURE),
            given=(("archive", PurePath(self._name).name), ("record", told.get_header("WARC-Record-ID") or "")),
        )
        declared = (retrieval.header("Content-Type") or "").partition(";")[0].strip().lower()
        if status not in (None, 200) or declared not in TYPES or url.startswith(_ASIDE) or url.endswith("/robots.txt"):
            return None
        path = self._path_to(url)
        if path:
            retrieval = replace(retrieval, requested_url=path[0], redirects=path)
        return _Held(f"{self._name}, {url}", self._payload(record), retrieval)

    def _path_to(self, url: str) -> tuple[str, ...]:
        """The addresses that led to one, first to last."""
        path: list[str] = []
        while (url := self._led.get(url, "")) and url not in path and len(path) < _MOST_REDIRECTS:
            path.insert(0, url)
        return tuple(path)

    def _payload(self, record: ArcWarcRecord) -> bytes:
        from warcio.bufferedreaders import ChunkedDataException, ChunkedDataReader

        answer = record.http_headers
        stream = record.raw_stream
        if answer and (answer.get_header("Transfer-Encoding") or "").lower() == "chunked":
            stream = ChunkedDataReader(stream)
        try:
            unzip = unzipper(answer.get_header("Content-Encoding") if answer else None)
            parts: list[bytes] = []
            size = 0
            while size <= self._largest and (part := stream.read(_CHUNK)):
                part = unzip.decompress(part, self._largest - size + 1) if unzip else part
                parts.append(part)
                size += len(part)
        except (ChunkedDataException, ValueError, zlib.error) as error:
            raise _UnfitError(f"cannot be unpacked: {error}") from error
        if size > self._largest:
            raise _UnfitError(f"is larger than {self._largest // 2**20} MB")
        return b"".join(parts)


def _counts(problem: str, record: ArcWarcRecord) -> bool:
    """Whether a digest that does not hold tells of damage. Crawlers differ in whether they take the payload's before or
    after its transfer is undone; an algorithm that is not known tells nothing."""
    answer = record.http_headers
    undone = answer and (answer.get_header("Transfer-Encoding") or answer.get_header("Content-Encoding"))
    return problem.startswith("block digest failed") or (problem.startswith("payload digest failed") and not undone)


def _software(info: bytes) -> str | None:
    """The program that a `warcinfo` record names."""
    match = re.search(r"^software:[ \t]*(\S.*?)\s*$", info.decode("utf-8", "replace"), re.IGNORECASE | re.MULTILINE)
    return match[1] if match else None


def _unzip(stream: BinaryIO, at: int, into: IO[bytes]) -> int | None:
    """Unzip the gzip member at `at`; returns where it ends, or None where the file ended before. Raises zlib.error."""
    stream.seek(at)
    unzip = zlib.decompressobj(zlib.MAX_WBITS | 16)
    read = written = 0
    while not unzip.eof:
        part = unzip.unconsumed_tail
        if not part:
            part = stream.read(_CHUNK)
            read += len(part)
        if not part:
            if not read:
                return None
            raise zlib.error("it breaks off")
        written += into.write(unzip.decompress(part, _CHUNK))
        if written > _IN_MEMORY and written > read * _MOST_EXPANSION:
            raise zlib.error(f"it unzips to more than {_MOST_EXPANSION} times its size")
    return at + read - len(unzip.unused_data)


def _skip_space(file: BinaryIO, at: int) -> int | None:
    """The first byte from `at` that is no white space, or None at the end of the file."""
    file.seek(at)
    while part := file.read(_CHUNK):
        rest = part.lstrip()
        if rest:
            return at + len(part) - len(rest)
        at += len(part)
    return None


def _seek(
    stream: BinaryIO, at: int, pattern: re.Pattern[bytes], accept: Callable[[BinaryIO, int], bool] | None = None
) -> int | None:
    """Where `pattern` next matches, from `at` on, and is accepted."""
    overlap = 128  # longer than what the patterns match
    while True:
        stream.seek(at)
        part = stream.read(_CHUNK + overlap)
        for match in pattern.finditer(part):
            if accept is None or accept(stream, at + match.start()):
                return at + match.start()
        if len(part) <= overlap:
            return None
        at += _CHUNK


def _begins_record(stream: BinaryIO, at: int) -> bool:
    """Whether a gzip member begins at `at` that holds a record."""
    stream.seek(at)
    try:
        return is_warc(zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(stream.read(4096), 64))
    except zlib.error:
        return False
