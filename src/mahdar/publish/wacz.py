"""Documents -> WACZ 1.1.1: one file that holds the archived bytes, an index and a list of pages, which other tools open
(ReplayWeb.page, Browsertrix, py-wacz). The same documents give the same bytes.

A WACZ holds pages as they were: nothing in it is withheld. Whoever exports one leaves out what must not leave.
"""

from __future__ import annotations

import hashlib
import html
import io
import json
import re
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from mahdar.intake.document import Document, tool
from mahdar.intake.encoding import decode
from mahdar.model import MahdarError
from mahdar.publish.case import Withheld
from mahdar.publish.names import Names, parts
from mahdar.publish.warc import Written, write_warc

VERSION = "1.1.1"
_WARC = "mahdar.warc.gz"
_TAG = re.compile(r"<[^<>]*>")
_CHUNK = 1024 * 1024
_LARGE = 2**31 - 1  # bytes beyond which a ZIP member needs the longer format


def write_wacz(documents: Iterable[Document], path: str | Path, *, title: str, created: str) -> int:
    """Write a WACZ file of the documents; returns how many pages it lists.

    `created` is an ISO time in UTC (`2021-03-04T05:06:07Z`). The file is written beside itself and renamed, so it is
    never half-written. Raises MahdarError where it cannot be written or there is no document.
    """
    target = Path(path)
    part = target.with_name(f"{target.name}.part")
    try:
        with tempfile.TemporaryFile(dir=target.parent) as warc, tempfile.TemporaryFile(dir=target.parent) as pages:
            listed = _write_pages(write_warc(documents, warc, created=created, name=_WARC), pages)
            if not listed:
                raise MahdarError(f"{path}: would hold nothing; there are no reports to export")
            index = "".join(sorted(f"{line}\n" for line in map(_cdxj, listed))).encode()
            with part.open("wb") as file, zipfile.ZipFile(file, "w") as whole:
                _pack(whole, warc, pages, index, title, created)
            part.replace(target)
    except OSError as error:
        raise MahdarError(f"{path}: cannot be written ({error.strerror or error})") from error
    finally:
        part.unlink(missing_ok=True)
    return len(listed)


def withheld_names(withheld: Iterable[Withheld]) -> Names:
    """The names that are to be withheld, with their other spellings and single words ("Pell" for "Jory Pell")."""
    names = [name for each in withheld for name in (each.name, *each.aliases)]
    return Names(dict.fromkeys(names, ""), {part: "" for name in names for part in parts(name)})


def reveals(document: Document, names: Names) -> bool:
    """Whether a document holds one of the names: in its text, its address or anywhere in its page."""
    page = ""
    if document.media_type != "application/pdf":
        # Twice: a feed's entries are markup within markup.
        page = html.unescape(html.unescape(decode(document.data, document.retrieval.charset, html=True)))
    report = document.report
    said = (report.text, report.title or "", document.retrieval.final_url or "", page, _TAG.sub("", page))
    return any(map(names.reveals, said))


def _write_pages(records: Iterable[tuple[Written, Document]], pages: IO[bytes]) -> list[Written]:
    """Write pages.jsonl as the records are written; of the documents nothing stays in memory."""
    pages.write(_line({"format": "json-pages-1.0", "id": "pages", "title": "All Pages", "hasText": True}))
    listed = []
    for written, document in records:
        report = document.report
        id = hashlib.sha256(f"{written.url} {written.date}".encode()).hexdigest()[:22]
        page = {"id": id, "url": written.url, "ts": written.date, "title": report.title or written.url}
        pages.write(_line({**page, "text": report.text}))
        listed.append(written)
    return listed


def _line(row: dict[str, Any]) -> bytes:
    return f"{json.dumps(row, ensure_ascii=False)}\n".encode("utf-8", "replace")


def _cdxj(written: Written) -> str:
    """The line of the index that leads to a record."""
    row = {
        "url": written.url,
        "mime": written.media_type,
        **({"status": str(written.status)} if written.status else {}),
        "digest": written.digest,
        "length": str(written.length),
        "offset": str(written.offset),
        "filename": _WARC,
    }
    stamp = re.sub(r"\D", "", written.date)[:14]
    return f"{sort_key(written.url)} {stamp} {json.dumps(row)}"


def sort_key(url: str) -> str:
    """The address as an index sorts it (SURT): `https://www.post.example/A?b=2&a=1` is `example,post)/a?a=1&b=2`."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        return url
    host = re.sub(r"^www\d*\.", "", parts.hostname or "")
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    query = "&".join(sorted(parts.query.lower().split("&"))) if parts.query else ""
    path = parts.path.lower()
    path = path.rstrip("/") or "/"
    return f"{','.join(reversed(host.split('.')))}{port}){path}{'?' if query else ''}{query}".replace(" ", "%20")


def _pack(whole: zipfile.ZipFile, warc: IO[bytes], pages: IO[bytes], index: bytes, title: str, created: str) -> None:
    """Put the parts into the ZIP file: what is zipped already is stored as it is, so that it can be read in place."""
    resources = [
        _add(whole, f"archive/{_WARC}", warc, created, zipfile.ZIP_STORED),
        _add(whole, "indexes/index.cdx", index, created, zipfile.ZIP_DEFLATED),
        _add(whole, "pages/pages.jsonl", pages, created, zipfile.ZIP_DEFLATED),
    ]
    package = {
        "profile": "data-package",
        "wacz_version": VERSION,
        "title": title,
        "created": created,
        "software": tool(),
        "resources": resources,
    }
    described = json.dumps(package, ensure_ascii=False, indent=2).encode()
    told = _add(whole, "datapackage.json", described, created, zipfile.ZIP_DEFLATED)
    digest = json.dumps({"path": told["path"], "hash": told["hash"]}, indent=2).encode()
    _add(whole, "datapackage-digest.json", digest, created, zipfile.ZIP_DEFLATED)


def _add(
    whole: zipfile.ZipFile, path: str, content: IO[bytes] | bytes, created: str, compression: int
) -> dict[str, Any]:
    """Put one file in; returns its entry for the data package."""
    year, month, day, hour, minute, second = (int(part) for part in re.findall(r"\d+", created)[:6])
    member = zipfile.ZipInfo(path, (year, month, day, hour, minute, second))
    member.compress_type = compression
    member.create_system = 3  # Unix, wherever this runs: the same bytes
    member.external_attr = 0o644 << 16
    stream = io.BytesIO(content) if isinstance(content, bytes) else content
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    digest = hashlib.sha256()
    with whole.open(member, "w", force_zip64=size > _LARGE) as out:
        while part := stream.read(_CHUNK):
            digest.update(part)
            out.write(part)
    return {
        "name": path.rpartition("/")[2],
        "path": path,
        "hash": f"sha256:{digest.hexdigest()}",
        "bytes": size,
    }
