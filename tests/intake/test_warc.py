"""Web archives: which records are read, what is kept of how they were come by, and how damage is met.

The archives are made by warcio here.
"""

from __future__ import annotations

import gzip
import io
import re
from pathlib import Path
from typing import Any

import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders  # type: ignore[import-untyped]
from warcio.warcwriter import WARCWriter  # type: ignore[import-untyped]

from mahdar.intake import Document, Refusal, open_documents, reopen

SITE = "https://post.example"
TOWNS = ("Orim", "Kessat", "Sarvan", "Belen", "Tavuk")


def page(town: str) -> bytes:
    text = f"Army shelling killed two people in the town of {town} on Monday, residents and a doctor told reporters."
    return f"<!doctype html><html><body><article><p>{text}</p><p>{text}</p></article></body></html>".encode()


class Archive:
    """A WARC file in the making."""

    def __init__(self, *, zipped: bool = True) -> None:
        self.out = io.BytesIO()
        self.starts: list[int] = []
        self._writer = WARCWriter(self.out, gzip=zipped, warc_version="WARC/1.1")

    def info(self, software: str) -> Archive:
        return self._write(self._writer.create_warcinfo_record("test.warc", {"software": software}))

    def answer(
        self,
        url: str,
        body: bytes,
        *,
        status: str = "200 OK",
        type: str = "text/html; charset=utf-8",
        kind: str = "response",
        told: dict[str, str] | None = None,
        **headers: str,
    ) -> Archive:
        lines = [("Content-Type", type), *((key.replace("_", "-"), value) for key, value in headers.items())]
        given = {"WARC-Date": "2021-03-04T05:06:07Z", "WARC-IP-Address": "192.0.2.7", **(told or {})}
        http = StatusAndHeaders(status, lines, protocol="HTTP/1.1") if kind == "response" else None
        more: dict[str, Any] = {"http_headers": http} if http else {"warc_content_type": type}
        return self._write(
            self._writer.create_warc_record(
                url, kind, payload=io.BytesIO(body), length=len(body), warc_headers_dict=given, **more
            )
        )

    def _write(self, record: Any) -> Archive:
        self.starts.append(self.out.tell())
        self._writer.write_record(record)
        return self

    @property
    def data(self) -> bytes:
        return self.out.getvalue()


def pages(*, zipped: bool) -> Archive:
    """Five pages, one a record."""
    archive = Archive(zipped=zipped)
    for town in TOWNS:
        archive.answer(f"{SITE}/{town}", page(town))
    return archive


def read(data: bytes) -> list[Document | Refusal]:
    return list(open_documents(data, name="crawl.warc"))


def towns(found: list[Document | Refusal]) -> list[str]:
    """The towns whose pages were read."""
    texts = [document.report.text for document in found if isinstance(document, Document)]
    return [match[1] for text in texts if (match := re.search(r"town of (\w+)", text))]


def refusals(found: list[Document | Refusal]) -> list[str]:
    return [str(each) for each in found if isinstance(each, Refusal)]


@pytest.mark.parametrize("zipped", [True, False])
def test_pages_texts_and_pdfs_are_read_and_the_rest_is_left(zipped: bool) -> None:
    archive = (
        Archive(zipped=zipped)
        .info("Crawler 1.2")
        .answer(f"{SITE}/orim", page("Orim"))
        .answer(f"{SITE}/style.css", b"p {}", type="text/css")
        .answer(f"{SITE}/gone", page("Nowhere"), status="404 Not Found")
        .answer(f"{SITE}/robots.txt", b"User-agent: *", type="text/plain")
        .answer("dns:post.example", b"192.0.2.7", type="text/dns")
        .answer(
            f"{SITE}/kessat.pdf", typst.compile(b"A mine killed two in the town of Kessat."), type="application/pdf"
        )
        .answer("urn:text:x", b"Shells fell on the town of Twice.", type="text/plain", kind="resource")
        .answer(f"{SITE}/note.txt", b"Shells fell on the town of Sarvan.", type="text/plain", kind="resource")
    )
    found = read(archive.data)
    assert towns(found) == ["Orim", "Kessat", "Sarvan"]
    assert refusals(found) == []


def test_what_the_archive_says_of_the_retrieval_is_kept() -> None:
    (found,) = read(Archive().info("Crawler 1.2").answer(f"{SITE}/orim", page("Orim")).data)
    assert isinstance(found, Document)
    kept = found.retrieval
    assert found.data == page("Orim")
    assert (kept.method, kept.final_url, kept.status) == ("archive", f"{SITE}/orim", 200)
    assert (kept.retrieved_at, kept.tool, kept.server) == ("2021-03-04T05:06:07Z", "Crawler 1.2", "192.0.2.7")
    assert dict(kept.given)["archive"] == "crawl.warc"
    assert dict(kept.given)["record"].startswith("<urn:uuid:")
    again = reopen(found.data, kept, name="again")
    assert isinstance(again, Document)
    assert again.report.text == found.report.text


def test_what_the_archive_does_not_say_is_absent() -> None:
    (found,) = read(Archive().answer(f"{SITE}/a", page("Orim"), type="text/html", kind="resource").data)
    assert isinstance(found, Document)
    assert found.retrieval.tool == "unknown"
    assert "the tool that retrieved it" in found.retrieval.absent
    assert "status and headers of the answer" in found.retrieval.absent


def test_redirects_within_the_archive_are_told() -> None:
    archive = Archive().answer(f"{SITE}/a", b"", status="301 Moved", Location="/b")
    archive.answer(f"{SITE}/b", b"", status="302 Found", Location=f"{SITE}/c").answer(f"{SITE}/c", page("Orim"))
    (found,) = read(archive.data)
    assert isinstance(found, Document)
    assert found.retrieval.redirects == (f"{SITE}/a", f"{SITE}/b")
    assert (found.retrieval.requested_url, found.retrieval.final_url) == (f"{SITE}/a", f"{SITE}/c")


def test_a_body_that_was_sent_zipped_or_in_chunks_is_unpacked() -> None:
    body = page("Orim")
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    archive = Archive().answer(f"{SITE}/a", gzip.compress(body), Content_Encoding="gzip")
    archive.answer(f"{SITE}/b", chunked, Transfer_Encoding="chunked")
    found = read(archive.data)
    assert [document.data for document in found if isinstance(document, Document)] == [body, body]


def test_a_body_that_cannot_be_unpacked_is_refused_and_the_rest_goes_on() -> None:
    archive = Archive().answer(f"{SITE}/a", b"????", Content_Encoding="br").answer(f"{SITE}/b", page("Orim"))
    found = read(archive.data)
    assert refusals(found) == [
        f"crawl.warc, {SITE}/a: cannot be unpacked: zipped in a way that cannot be undone here (br)"
    ]
    assert towns(found) == ["Orim"]


@pytest.mark.parametrize("algorithm", ["sha256", "sha1", "md5"])
def test_a_record_that_does_not_hold_to_its_digest_is_refused(algorithm: str) -> None:
    length = {"sha256": 64, "sha1": 40, "md5": 32}[algorithm]
    wrong = {"WARC-Block-Digest": f"{algorithm}:{'0' * length}"}
    found = read(Archive().answer(f"{SITE}/a", page("Orim"), told=wrong).answer(f"{SITE}/b", page("Kessat")).data)
    (refusal,) = refusals(found)
    assert refusal.startswith(f"crawl.warc, {SITE}/a: is damaged: block digest failed")
    assert towns(found) == ["Kessat"]


def test_a_digest_of_an_unknown_kind_tells_nothing() -> None:
    odd = {"WARC-Block-Digest": "blake9:00", "WARC-Payload-Digest": "blake9:00"}
    assert towns(read(Archive().answer(f"{SITE}/a", page("Orim"), told=odd).data)) == ["Orim"]


def test_a_whole_archive_zipped_as_one_is_read(tmp_path: Path) -> None:
    file = tmp_path / "all.warc.gz"
    file.write_bytes(gzip.compress(pages(zipped=False).data))
    assert towns(list(open_documents(file))) == list(TOWNS)


def test_an_archive_is_read_from_a_pipe() -> None:
    class Pipe(io.RawIOBase):
        def __init__(self, data: bytes) -> None:
            self._data = io.BytesIO(data)

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            return self._data.readinto(buffer)

    found = list(open_documents(io.BufferedReader(Pipe(pages(zipped=True).data)), name="pipe"))
    assert towns(found) == list(TOWNS)


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("broken", range(len(TOWNS)))
def test_a_flipped_byte_in_a_body_is_one_refusal(zipped: bool, broken: int) -> None:
    archive = pages(zipped=zipped)
    data = bytearray(archive.data)
    ends = [*archive.starts[1:], len(data)]
    data[ends[broken] - 40] ^= 0x55
    found = read(bytes(data))
    assert len(refusals(found)) == 1
    assert towns(found) == [town for number, town in enumerate(TOWNS) if number != broken]


@pytest.mark.parametrize("zipped", [True, False])
def test_a_record_cut_short_is_one_refusal(zipped: bool) -> None:
    archive = pages(zipped=zipped)
    second, third = archive.starts[1:3]
    cut = archive.data[: second + (third - second) // 2]
    for rest, expected in ((b"", ["Orim"]), (archive.data[third:], ["Orim", "Sarvan", "Belen", "Tavuk"])):
        found = read(cut + rest)
        assert len(refusals(found)) == 1
        assert towns(found) == expected


@pytest.mark.parametrize(
    ("old", "new"), [(rb"Content-Length: (\d+)", b"Content-Length: 9"), (rb"WARC/1\.1", b"GARBAGE!")]
)
def test_a_record_with_a_bad_head_is_one_refusal(old: bytes, new: bytes) -> None:
    archive = pages(zipped=False)
    second, third = archive.starts[1:3]
    bad = re.sub(old, new, archive.data[second:third], count=1)
    found = read(archive.data[:second] + bad + archive.data[third:])
    assert len(refusals(found)) == 1
    assert towns(found) == ["Orim", "Sarvan", "Belen", "Tavuk"]


@settings(max_examples=20)
@given(st.booleans(), st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=6))
def test_however_damaged_an_archive_never_breaks_the_batch(zipped: bool, damage: list[tuple[float, int]]) -> None:
    data = bytearray(pages(zipped=zipped).data)
    for where, value in damage:
        data[int(where * len(data))] = value
    assert set(towns(read(bytes(data)))) <= set(TOWNS)
