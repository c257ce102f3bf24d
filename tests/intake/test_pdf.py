"""What a PDF with a text layer becomes, and which PDFs are refused. The PDFs are made by typst and pypdf here."""

import io

import pypdf
import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from mahdar.intake import Document, Refusal, Retrieval, open_documents, reopen

FIRST = (
    "Army shelling killed two people in the town of Orim on Monday, residents and a doctor told the monitoring group. "
    "A third person, a cross-border trader from Al-Bara, died of his wounds on the way to the hospital in Kessat. "
) * 4
SECOND = (
    "The army denied that its guns had fired on the town and blamed the rebels, who have held the hills since March, "
    "for what its spokesman called a cease-fire violation near the cross-border point. "
) * 4


def made(markup: str) -> bytes:
    return typst.compile(markup.encode())


def read(data: bytes) -> Document | Refusal:
    (found,) = open_documents(data, name="report.pdf")
    return found


def document(data: bytes) -> Document:
    found = read(data)
    assert isinstance(found, Document), found
    return found


def reason(data: bytes) -> str:
    found = read(data)
    assert isinstance(found, Refusal)
    return found.reason


@pytest.fixture(scope="module")
def report() -> bytes:
    return made(f"""#set page(paper: "a5", header: [Valley Monitor #h(1fr) 4 March 2021],
  footer: context align(center)[Page #counter(page).display() of 9])
#set par(justify: true)
#set text(hyphenate: true, lang: "en")
= Two killed in Orim

{FIRST}

{SECOND}

{FIRST}

{SECOND}""")


def test_paragraphs_come_whole_with_title_and_day(report: bytes) -> None:
    found = document(report)
    paragraphs = found.report.text.split("\n\n")
    assert (found.report.title, found.report.published) == ("Two killed in Orim", "2021-03-04")
    assert paragraphs[1:] == ["Two killed in Orim", *(part.strip() for part in (FIRST, SECOND, FIRST, SECOND))]


def test_a_running_head_stands_once_and_page_numbers_not_at_all(report: bytes) -> None:
    text = document(report).report.text
    assert len(pypdf.PdfReader(io.BytesIO(report)).pages) > 1
    assert text.count("Valley Monitor") == 1
    assert "Page" not in text


def test_the_bytes_and_the_extractor_are_kept(report: bytes) -> None:
    found = document(report)
    assert found.data == report
    assert found.media_type == "application/pdf"
    assert "pypdf" in found.extractor
    again = reopen(found.data, found.retrieval, name="again")
    assert isinstance(again, Document)
    assert again.report.text == found.report.text


def test_columns_are_read_one_after_the_other() -> None:
    text = document(made(f"#set page(columns: 2)\n#set text(hyphenate: true)\n{FIRST}\n\n{SECOND}")).report.text
    assert text.split("\n\n") == [FIRST.strip(), SECOND.strip()]


def test_a_scan_is_refused_with_advice() -> None:
    scan = made("#rect(width: 100%, height: 100%, fill: gray)\n#pagebreak()\n#circle(fill: red)")
    assert reason(scan) == "is a PDF without a text layer (pictures of pages); recognise its text (OCR) first"


def test_pages_without_text_are_named_as_absent() -> None:
    found = document(made(f"{FIRST}\n#pagebreak()\n#rect(fill: gray)"))
    assert "the text of page 2, which holds none" in found.retrieval.absent
    again = reopen(found.data, found.retrieval, name="again")
    assert isinstance(again, Document)
    assert again.retrieval == found.retrieval


def test_a_locked_pdf_is_refused(report: bytes) -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(report))
    writer.encrypt("secret", algorithm="RC4-128")
    locked = io.BytesIO()
    writer.write(locked)
    assert reason(locked.getvalue()) == "is a PDF locked with a password"


def test_a_pdf_protected_without_a_password_is_read(report: bytes) -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(report))
    writer.encrypt("", owner_password="secret", algorithm="RC4-128")
    protected = io.BytesIO()
    writer.write(protected)
    assert document(protected.getvalue()).report.text == document(report).report.text


@settings(max_examples=12)
@given(data=st.data())
def test_a_damaged_pdf_is_read_or_refused_and_never_breaks_the_batch(report: bytes, data: st.DataObject) -> None:
    damaged = bytearray(report)
    for at in data.draw(st.lists(st.integers(8, len(report) - 1), min_size=1, max_size=40)):
        damaged[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(6, len(report)))
    retrieval = Retrieval("report.pdf")
    for each in (bytes(damaged), report[:cut]):
        assert isinstance(reopen(each, retrieval, name="report.pdf"), Document | Refusal)
