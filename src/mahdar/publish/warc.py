"""Documents -> WARC 1.1: each as it was answered or, where it came from elsewhere, as a resource; how it was come by in a
metadata record beside it; SHA-256 digests.

The same documents give the same bytes: nothing comes from a clock or from chance, ids come from the content. (The bytes
of a gzip member also depend on the zlib that made it.)
"""

from __future__ import annotations

import hashlib
import io
import json
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import PurePath
from typing import IO, Any

from mahdar.intake.document import Document, tool

# What a server said of how it sent the body; the body here is unpacked.
_OF_TRANSFER = frozenset(("content-encoding", "transfer-encoding", "content-length"))


@dataclass(frozen=True, slots=True)
class Written:
    """Where the record of a document's bytes stands in the file (in bytes), and what it is of."""

    url: str
    date: str
    media_type: str
    status: int | None
    digest: str
    offset: int
    length: int


def write_warc(
    documents: Iterable[Document], out: IO[bytes], *, created: str, name: str
) -> Iterator[tuple[Written, Document]]:
    """Write the gzipped WARC file `name` of the documents to `out`, one by one as what is written is asked for.

    `created` is an ISO time in UTC, which also stands in for a retrieval that is not known. Documents made of the same
    bytes from the same place at the same time (the entries of a feed) share a record. Where the bytes came from the
    user's own disk only the file's name is told, not its path.
    """
    from warcio.warcwriter import WARCWriter  # type: ignore[import-untyped]

    writer = WARCWriter(out, gzip=True, warc_version="WARC/1.1")
    info = f"software: {tool('warcio')}\r\nformat: WARC file version 1.1\r\n".encode()
    writer.write_record(_record(writer, "warcinfo", None, created, info, {"WARC-Filename": name}))
    done: set[str] = set()
    for document in documents:
        retrieval = document.retrieval
        date = retrieval.retrieved_at or created
        url = address(document)
        told = _answer(document) if retrieval.status and retrieval.final_url == url else None
        kind = "response" if told else "resource"
        offset = out.tell()
        headers = {"Content-Type": document.media_type}
        if told and retrieval.server:
            headers["WARC-IP-Address"] = retrieval.server
        record = _record(writer, kind, url, date, document.data, headers, told)
        id = record.rec_headers.get_header("WARC-Record-ID")
        if id in done:
            continue
        done.add(id)
        writer.write_record(record)
        length = out.tell() - offset
        custody = json.dumps(_custody(document), ensure_ascii=False, sort_keys=True).encode()
        about = {"WARC-Refers-To": id, "Content-Type": "application/json"}
        writer.write_record(_record(writer, "metadata", url, date, custody, about))
        digest = record.rec_headers.get_header("WARC-Payload-Digest")
        media_type = (retrieval.header("Content-Type") or "").partition(";")[0].strip() if told else ""
        media_type = media_type or document.media_type
        yield Written(url, date, media_type, retrieval.status if told else None, digest, offset, length), document


def address(document: Document) -> str:
    """The address of a document, or where there is none, a name made of its bytes."""
    retrieval = document.retrieval
    if retrieval.method in ("address", "archive") and retrieval.final_url and not retrieval.original:
        return retrieval.final_url
    return f"urn:sha256:{hashlib.sha256(document.data).hexdigest()}"


def _record(
    writer: Any, kind: str, url: str | None, date: str, body: bytes, headers: dict[str, str], answer: Any = None
) -> Any:
    """A record with digests of our own (warcio's are SHA-1) and an id made of its content.

    With an `answer` the Content-Type is that of an HTTP answer, which warcio sets.
    """
    head = b""
    if answer:
        answer.compute_headers_buffer()
        head = answer.headers_buff
    block = hashlib.sha256(head + body).hexdigest()
    id = uuid.uuid5(uuid.NAMESPACE_URL, f"{kind} {url} {date} {block} {headers.get('WARC-Refers-To', '')}")
    told = {
        "WARC-Record-ID": f"<urn:uuid:{id}>",
        "WARC-Date": date,
        "WARC-Block-Digest": f"sha256:{block}",
        "WARC-Payload-Digest": f"sha256:{hashlib.sha256(body).hexdigest()}",
        **{key: value for key, value in headers.items() if not (answer and key == "Content-Type")},
    }
    if kind == "warcinfo":
        del told["WARC-Payload-Digest"]
    return writer.create_warc_record(
        url, kind, payload=io.BytesIO(body), length=len(body), warc_headers_dict=told, http_headers=answer
    )


def _answer(document: Document) -> Any:
    """The status line and headers that the server answered with."""
    from warcio.statusandheaders import StatusAndHeaders  # type: ignore[import-untyped]

    status = document.retrieval.status or 200
    phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""
    length = ("content-length", str(len(document.data)))
    headers = [
        (key if (key.lower(), value) == length or key.lower() not in _OF_TRANSFER else f"X-Archive-Orig-{key}", value)
        for key, value in document.retrieval.headers
    ]
    if not any((key.lower(), value) == length for key, value in headers):
        headers.append(("Content-Length", length[1]))
    return StatusAndHeaders(f"{status} {phrase}".strip(), headers, protocol="HTTP/1.1")


def _custody(document: Document) -> dict[str, Any]:
    """How a document was come by and what was made of it; of a path only the file's name, which names no user."""
    retrieval, report = document.retrieval, document.report
    asked = retrieval.requested_url or ""
    return {
        "requested": asked if retrieval.method in ("address", "archive") else PurePath(asked).name,
        "final": retrieval.final_url,
        "redirects": list(retrieval.redirects),
        "retrieved_at": retrieval.retrieved_at,
        "retrieved_by": retrieval.tool,
        "method": retrieval.method,
        "absent": list(retrieval.absent),
        "given": dict(retrieval.given),
        "sha256": hashlib.sha256(document.data).hexdigest(),
        **({"original": retrieval.original} if retrieval.original else {}),
        "extractor": document.extractor,
        "text_sha256": hashlib.sha256(report.text.encode("utf-8", "replace")).hexdigest(),
        "report": report.id,
        "title": report.title,
        "outlet": report.outlet,
        "published": report.published,
    }
