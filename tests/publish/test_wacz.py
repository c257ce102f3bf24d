"""A WACZ file by an independent reading: ZIP, hashes, index offsets, records, pages. (`wacz validate` says the same.)"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]

from mahdar.intake import Document, Refusal, Retrieval, open_documents, reopen
from mahdar.model import MahdarError
from mahdar.publish.case import Withheld
from mahdar.publish.wacz import reveals, sort_key, withheld_names, write_wacz

CREATED = "2021-03-05T08:00:00Z"
TEXT = "Army shelling killed two people in the town of Orim on Monday, residents and a doctor told reporters."
PAGE = f"<!doctype html><html><head><title>Orim é</title></head><body><article><p>{TEXT}</p><p>{TEXT}</p></article></body></html>"


def fetched(path: str, body: str, **more: Any) -> Document:
    url = f"https://www.post.example{path}"
    headers = (("Content-Type", "text/html; charset=utf-8"), ("Content-Encoding", "gzip"), ("X-Said", "Orim é"))
    retrieval = Retrieval(url, url, 200, headers, "2021-03-04T05:06:07Z", method="address", **more)
    found = reopen(body.encode(), retrieval, name=url)
    assert isinstance(found, Document)
    return found


@pytest.fixture
def documents(tmp_path: Path) -> list[Document]:
    """Two pages, a text from the user's disk and a feed of two entries."""
    note = tmp_path / "ann" / "note.txt"
    note.parent.mkdir()
    note.write_text(TEXT)
    feed = tmp_path / "post.rss"
    items = "".join(
        f"<item><guid>{n}</guid><title>Report {n}</title><description>{TEXT}</description></item>" for n in "12"
    )
    feed.write_text(f'<rss version="2.0"><channel><title>Post</title>{items}</channel></rss>')
    pages = [
        fetched("/Orim?b=2&a=1", PAGE, server="192.0.2.7", redirects=("http://post.example/o",)),
        fetched("/2", PAGE),
    ]
    kept = [*open_documents(note), *open_documents(feed)]
    taken = [replace(d, retrieval=replace(d.retrieval, retrieved_at=CREATED)) for d in kept if isinstance(d, Document)]
    return pages + taken


@pytest.fixture
def wacz(documents: list[Document], tmp_path: Path) -> Path:
    file = tmp_path / "orim.wacz"
    assert write_wacz(documents, file, title="Orim", created=CREATED) == 4
    return file


def test_every_file_is_listed_with_its_hash_and_size(wacz: Path) -> None:
    with zipfile.ZipFile(wacz) as whole:
        package = json.loads(whole.read("datapackage.json"))
        digest = json.loads(whole.read("datapackage-digest.json"))
        listed = {row["path"]: row for row in package["resources"]}
        assert set(whole.namelist()) == {*listed, "datapackage.json", "datapackage-digest.json"}
        assert set(listed) == {"archive/mahdar.warc.gz", "indexes/index.cdx", "pages/pages.jsonl"}
        for path, row in listed.items():
            content = whole.read(path)
            assert row["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
            assert row["bytes"] == len(content)
        assert digest["hash"] == f"sha256:{hashlib.sha256(whole.read('datapackage.json')).hexdigest()}"
        assert whole.getinfo("archive/mahdar.warc.gz").compress_type == zipfile.ZIP_STORED
    assert (package["profile"], package["wacz_version"], package["created"]) == ("data-package", "1.1.1", CREATED)


def test_every_line_of_the_index_leads_to_its_record(wacz: Path, documents: list[Document]) -> None:
    with zipfile.ZipFile(wacz) as whole:
        lines = whole.read("indexes/index.cdx").decode().splitlines()
        warc = whole.read("archive/mahdar.warc.gz")
    assert lines == sorted(lines)
    bodies = set()
    for line in lines:
        key, stamp, rest = line.split(" ", 2)
        row = json.loads(rest)
        part = warc[int(row["offset"]) : int(row["offset"]) + int(row["length"])]
        record = next(iter(ArchiveIterator(io.BytesIO(part), check_digests="raise")))
        body = record.content_stream().read()
        assert record.rec_headers.get_header("WARC-Target-URI") == row["url"]
        assert record.rec_headers.get_header("WARC-Payload-Digest") == row["digest"]
        assert row["digest"] == f"sha256:{hashlib.sha256(body).hexdigest()}"
        assert sort_key(row["url"]) == key
        assert len(stamp) == 14
        bodies.add(body)
    assert bodies == {document.data for document in documents}


def test_the_records_hold_to_their_digests_and_tell_how_they_were_come_by(wacz: Path) -> None:
    with zipfile.ZipFile(wacz) as whole:
        warc = whole.read("archive/mahdar.warc.gz")
    kinds, custody = [], []
    for record in ArchiveIterator(io.BytesIO(warc), check_digests="raise"):
        kinds.append(record.rec_type)
        assert record.rec_headers.get_header("WARC-Block-Digest").startswith("sha256:")
        body = record.content_stream().read()
        if record.rec_type == "metadata":
            custody.append(json.loads(body))
    assert kinds == ["warcinfo", *["response", "metadata"] * 2, *["resource", "metadata"] * 2]
    assert custody[0]["redirects"] == ["http://post.example/o"]
    assert custody[0]["sha256"] == hashlib.sha256(PAGE.encode()).hexdigest()
    assert custody[2]["requested"] == "note.txt"  # the path would name the user
    assert b"ann" not in json.dumps(custody[2]).encode()


def test_the_pages_are_listed_with_their_text(wacz: Path) -> None:
    with zipfile.ZipFile(wacz) as whole:
        head, *pages = (json.loads(line) for line in whole.read("pages/pages.jsonl").decode().splitlines())
    assert head["format"] == "json-pages-1.0"
    assert len({page["id"] for page in pages}) == 4
    assert pages[0]["url"] == "https://www.post.example/Orim?b=2&a=1"
    assert (pages[0]["ts"], pages[0]["title"]) == ("2021-03-04T05:06:07Z", "Orim é")
    assert TEXT in pages[0]["text"]


def test_the_same_documents_give_the_same_bytes(wacz: Path, documents: list[Document], tmp_path: Path) -> None:
    again = tmp_path / "again.wacz"
    write_wacz(iter(documents), again, title="Orim", created=CREATED)
    assert again.read_bytes() == wacz.read_bytes()


def test_what_is_exported_is_read_again(wacz: Path, documents: list[Document]) -> None:
    found = [document for document in open_documents(wacz) if isinstance(document, Document)]
    assert [document.report.text for document in found[:2]] == [document.report.text for document in documents[:2]]
    first = found[0].retrieval
    assert (first.final_url, first.status, first.server) == (documents[0].retrieval.final_url, 200, "192.0.2.7")
    assert first.retrieved_at == "2021-03-04T05:06:07Z"


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 1200), st.integers(0, 255)), min_size=1, max_size=5))
def test_a_damaged_wacz_never_breaks_the_batch(wacz: Path, damage: list[tuple[int, int]]) -> None:
    data = bytearray(wacz.read_bytes())
    for from_end, value in damage:
        data[-from_end] = value
    for found in open_documents(bytes(data)):
        assert isinstance(found, Document | Refusal)


def test_nothing_is_written_where_there_is_nothing_to_write(tmp_path: Path) -> None:
    with pytest.raises(MahdarError, match="there are no reports to export"):
        write_wacz([], tmp_path / "none.wacz", title="", created=CREATED)
    with pytest.raises(MahdarError, match="cannot be written"):
        write_wacz([], tmp_path / "no" / "folder.wacz", title="", created=CREATED)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.post.example/A?b=2&a=1", "example,post)/a?a=1&b=2"),
        ("http://post.example", "example,post)/"),
        ("http://post.example:8080/x/", "example,post:8080)/x"),
        ("urn:sha256:00", "urn:sha256:00"),
    ],
)
def test_addresses_are_sorted_by_host_from_the_right(url: str, key: str) -> None:
    assert sort_key(url) == key


@pytest.mark.parametrize(
    "page",
    [
        PAGE.replace("residents", "Jory Pell"),
        PAGE.replace("residents", "JORY&nbsp;PELL"),
        PAGE.replace("residents", "the baker Pell"),
        PAGE.replace("residents", "Jo<b>ry</b> Pe<i>ll</i>"),
        PAGE.replace("<body>", "<body data-x='jory_pell'>"),
        PAGE.replace("residents", "Abu Karam"),
    ],
)
def test_a_page_that_names_somebody_withheld_is_known_for_it(page: str) -> None:
    names = withheld_names([Withheld("Jory Pell", "witness", ("Abu Karam",))])
    assert reveals(fetched("/1", page), names)
    assert not reveals(fetched("/1", PAGE), names)
    assert reveals(fetched("/jory-pell", PAGE), names)
    assert not reveals(fetched("/1", page), withheld_names([]))


def test_an_entry_that_brings_a_whole_feed_is_known_for_all_that_the_feed_names(documents: list[Document]) -> None:
    entry = documents[-1]
    assert entry.part == "2"
    told = replace(entry, data=entry.data.replace(TEXT.encode(), b"&lt;p&gt;Jory&amp;nbsp;Pell&lt;/p&gt;", 1))
    names = withheld_names([Withheld("Jory Pell", "witness")])
    assert reveals(told, names)
    assert not reveals(entry, names)
