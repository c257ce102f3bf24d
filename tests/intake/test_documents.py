"""A report keeps its original bytes and how they were come by, and can be made anew from them."""

import gzip
import json
from pathlib import Path

import pytest

from mahdar.intake import Document, Refusal, Retrieval, open_documents, open_reports, reopen
from mahdar.intake.fetch import Fetched

TEXT = "Army shelling killed two people in the town of Orim on Monday, residents told reporters."
OTHER = "A mine killed a shepherd near the village of Kessat on Friday, the district hospital said."
PAGE = f"<!doctype html><html><head><title>Orim</title></head><body><article><p>{TEXT}</p><p>{OTHER}</p></article>"


def documents(source: bytes | str | Path) -> list[Document]:
    found = list(open_documents(source))
    assert all(isinstance(document, Document) for document in found), found
    return [document for document in found if isinstance(document, Document)]


def test_a_file_is_kept_to_the_byte_with_where_it_came_from_and_what_is_absent(tmp_path: Path) -> None:
    file = tmp_path / "orim.txt"
    file.write_bytes(f"\ufeff{TEXT}\r\n".encode())
    (document,) = documents(file)
    assert document.data == file.read_bytes()
    assert document.media_type == "text/plain"
    retrieval = document.retrieval
    assert (retrieval.method, retrieval.requested_url, retrieval.final_url) == ("file", str(file), None)
    assert retrieval.retrieved_at is not None
    assert "the address" in retrieval.absent
    assert document.extractor.startswith("mahdar ")


def test_a_page_names_the_extractor_that_took_its_text() -> None:
    (document,) = documents(PAGE.encode())
    assert document.media_type == "text/html"
    assert "trafilatura" in document.extractor


def test_each_line_and_each_item_keeps_its_own_bytes() -> None:
    rows = [json.dumps({"text": TEXT}), json.dumps({"text": OTHER, "url": "https://post.example/kessat"})]
    lines = documents("\n".join(rows).encode())
    items = documents(f"[\n {rows[0]} ,\n{rows[1]}\n]".encode())
    for found in (lines, items):
        assert [document.data.decode() for document in found] == rows
        assert [document.retrieval.final_url for document in found] == [None, "https://post.example/kessat"]


def test_what_is_zipped_is_kept_unzipped() -> None:
    (document,) = documents(gzip.compress(TEXT.encode()))
    assert document.data == TEXT.encode()


@pytest.mark.parametrize(
    "content",
    [TEXT, PAGE, json.dumps({"text": TEXT, "published": "2021-03-04"}), json.dumps({"text": TEXT}, indent=1)],
    ids=["text", "page", "line", "json"],
)
def test_a_document_is_made_anew_from_its_bytes(content: str) -> None:
    (document,) = documents(content.encode())
    again = reopen(document.data, document.retrieval, name="bytes")
    assert isinstance(again, Document)
    assert (again.report.text, again.report.published) == (document.report.text, document.report.published)
    assert again.retrieval == document.retrieval


def test_the_encoding_that_the_server_declared_counts_when_it_is_made_anew() -> None:
    retrieval = Retrieval("https://post.example/1", headers=(("content-type", "text/plain; charset=cp1251"),))
    cyrillic = "Обстрел убил двух человек"
    (document,) = (
        found
        for found in open_documents(
            "https://post.example/1", fetch=lambda _: Fetched(f"{TEXT} {cyrillic}".encode("cp1251"), retrieval)
        )
        if isinstance(found, Document)
    )
    assert cyrillic in document.report.text
    again = reopen(document.data, document.retrieval, name="again")
    assert isinstance(again, Document)
    assert again.report.text == document.report.text


def test_reports_are_the_documents_without_their_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    (tmp_path / "b.txt").write_text("")
    opened = list(open_documents(tmp_path))
    plain = list(open_reports(tmp_path))
    assert [d.name if isinstance(d, Refusal) else d.report.id for d in opened] == [
        r.name if isinstance(r, Refusal) else r.id for r in plain
    ]
