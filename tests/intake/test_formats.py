"""What each format becomes, and what is refused instead of read."""

import gzip
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from mahdar.intake import Refusal, Retrieval, make_report, open_reports, report_sentences
from mahdar.intake.fetch import Fetched, fetch
from mahdar.model import MahdarError, Report

PARAGRAPH = "Army shelling killed two people in the town of Orim on Monday, residents and a doctor told reporters."
SECOND = (
    "The army denied that its guns had fired on the town and blamed the rebels, who have held the hills since March."
)
PAGE = f"""<!doctype html><html><head><meta charset="utf-8">
<title>Two killed in Orim | Valley Post</title>
<meta property="og:site_name" content="Valley Post">
<script type="application/ld+json">{{"@type": "NewsArticle",
"datePublished": "2021-03-04T23:10:00+02:00"}}</script></head>
<body><nav><a href="/">Home</a></nav><article><h1>Two killed in Orim</h1>
<time datetime="2021-03-04">4 March 2021</time>
<figure><img src="a.jpg"><figcaption>A burned house in Orim, 3 March 2021. [Ann Tol – Orim Press]</figcaption></figure>
<p>{PARAGRAPH}</p>
<p><a href="/x">Festival returns to the capital after a pause of four long years</a></p><p>{SECOND}</p>
<p>Read also: <a href="/y">Minister opens a bridge</a></p></article></body></html>"""


def one(source: bytes | str | Path) -> Report | Refusal:
    (result,) = open_reports(source)
    return result


def report(source: bytes | str | Path) -> Report:
    result = one(source)
    assert isinstance(result, Report), result
    return result


def refusal(source: bytes | str | Path) -> str:
    result = one(source)
    assert isinstance(result, Refusal)
    return str(result)


def test_a_text_gives_title_day_outlet_and_caption() -> None:
    caption = "A burned house in Orim. [Ann Tol – Orim Press]"
    text = f"Two killed in Orim town\n\nMarch 4, 2021 at 5:00 am\n\n{caption}\n\nORIM (AFP) - {PARAGRAPH}\n\n{SECOND}\n"
    found = report(text.encode())
    assert (found.title, found.published, found.outlet) == ("Two killed in Orim town", "2021-03-04", "AFP")
    (photo,) = found.captions
    assert photo.credit is not None
    assert photo.credit.text == "Ann Tol – Orim Press"
    assert found.text[photo.span.start : photo.span.end] == "A burned house in Orim."
    assert not any("Ann Tol" in found.text[span.start : span.end] for span in report_sentences(found))


def test_the_id_comes_from_the_content() -> None:
    assert report(PARAGRAPH.encode()).id == report(f"\ufeff{PARAGRAPH}\r\n".encode()).id
    assert report(PARAGRAPH.encode()).id != report(SECOND.encode()).id


def test_wrapped_and_unwrapped_text_are_the_same() -> None:
    words = f"{PARAGRAPH} {SECOND} {PARAGRAPH} {SECOND}".split()
    lines = [" ".join(words[i : i + 10]) for i in range(0, len(words), 10)]
    assert report("\n".join(lines).encode()).text == " ".join(words)


def test_a_page_gives_title_date_captions_and_body_in_that_order() -> None:
    found = report(PAGE.encode())
    assert (found.title, found.outlet, found.published) == ("Two killed in Orim", "Valley Post", "2021-03-04")
    order = [found.text.index(part) for part in ("Two killed", "4 March 2021", "A burned house", PARAGRAPH, SECOND)]
    assert order == sorted(order)
    assert [caption.credit.text for caption in found.captions if caption.credit] == ["Ann Tol – Orim Press"]
    read = " ".join(found.text[span.start : span.end] for span in report_sentences(found))
    assert PARAGRAPH in read
    assert SECOND in read
    assert "Festival" not in read
    assert "bridge" not in read


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(encoding: str) -> None:
    text = f"“We fled,” said José. {PARAGRAPH}"
    assert report(text.encode(encoding)).text == text


def test_garbled_text_is_not_repaired() -> None:
    text = f"Source:Â Agencies said so. {PARAGRAPH}"
    assert report(text.encode()).text == text


def test_json_lines_keep_their_text_to_the_letter() -> None:
    text = f"  {PARAGRAPH} \r\n\n\n{SECOND}  "
    row = {"id": 7, "title": "T", "published": "2021-03-04T10:00:00Z", "outlet": "O", "country": "XX", "text": text}
    found = report(json.dumps(row).encode())
    assert (found.id, found.text, found.published, found.country) == ("7", text, "2021-03-04", "XX")


def test_a_bad_line_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    good = json.dumps({"id": "a", "text": PARAGRAPH})
    lines = [good, "{broken", '{"title": "no text"}', "[1]", '{"text": 5}', '{"text": ' + "[" * 99_999, "", good]
    file = tmp_path / "reports.jsonl"
    file.write_text("\n".join(lines))
    found = list(open_reports(file))
    assert [isinstance(result, Report) for result in found] == [True, False, False, False, False, False, True]
    assert str(found[1]).startswith(f"{file}, line 2: is not JSON")
    assert isinstance(found[1], MahdarError)


def test_lone_surrogates_become_replacement_characters() -> None:
    text = report(b'{"text": "Shells \\ud800 hit the town."}').text
    assert text == "Shells \ufffd hit the town."
    text.encode()


def test_a_folder_is_read_in_order_without_the_pictures_beside_a_page(tmp_path: Path) -> None:
    (tmp_path / "b.html").write_text(PAGE)
    (tmp_path / "b_files").mkdir()
    (tmp_path / "b_files" / "ad.html").write_text(PAGE)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.txt").write_text(PARAGRAPH)
    (tmp_path / "c.jsonl.gz").write_bytes(gzip.compress(json.dumps({"text": SECOND}).encode()))
    (tmp_path / "photo.png").write_bytes(b"\x89PNG\r\n")
    (tmp_path / ".hidden").write_text(PARAGRAPH)
    names = [Path(result.name.split(",")[0]).name for result in open_reports(tmp_path)]
    assert names == ["x.txt", "b.html", "c.jsonl.gz"]


def test_formats_are_told_by_content(tmp_path: Path) -> None:
    wrong = tmp_path / "page.txt"
    wrong.write_text(PAGE)
    assert report(wrong).outlet == "Valley Post"
    assert report(json.dumps([{"id": "x", "text": PARAGRAPH}], indent=1).encode()).id == "x"
    assert report(f"[UPDATE] {PARAGRAPH}".encode()).text.startswith("[UPDATE]")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (b" \n\t", "is empty"),
        (b"\x89PNG\r\n\x00\x00", "is a picture"),
        (b"%PDF-1.7 ...", "is a PDF that cannot be read"),
        (bytes(range(256)) * 40, "is binary data"),
        (b"... --- ...", "holds no words"),
        (b"<html><body></body></html>", "without an article"),
        (gzip.compress(PARAGRAPH.encode() * 50)[:60], "cannot be read to its end"),
    ],
)
def test_what_is_no_report_is_refused_with_a_reason(data: bytes, reason: str) -> None:
    assert reason in refusal(data)


def test_a_missing_file_is_refused_by_name() -> None:
    assert refusal("/no/such/file") == "/no/such/file: cannot be read (No such file or directory)"


def test_an_address_is_fetched_only_through_the_fetcher() -> None:
    asked = []

    def answer(url: str) -> Fetched:
        asked.append(url)
        return Fetched(PAGE.encode(), Retrieval(url, url, 200, method="address"))

    (found,) = open_reports("https://post.example/orim", fetch=answer)
    assert isinstance(found, Report)
    assert asked == ["https://post.example/orim"]


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/x", "http://[::1]/x", "http://10.0.0.5/x", "http://169.254.169.254/x"]
)
def test_addresses_inside_the_users_network_are_not_fetched(url: str) -> None:
    with pytest.raises(MahdarError, match="private address"):
        fetch(url)


def test_a_stream_is_read_like_a_file() -> None:
    (found,) = open_reports(io.BytesIO(PARAGRAPH.encode()), name="standard input")
    assert isinstance(found, Report)
    assert found.name == "standard input"


def test_importing_intake_is_cheap() -> None:
    code = "import sys, mahdar.intake; sys.exit(bool({'trafilatura', 'lxml', 'urllib.request'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("given", "day"), [("14 Aug 2024", "2024-08-14"), ("2024-08-14T09:30:00Z", "2024-08-14"), ("4 days ago", None)]
)
def test_a_given_publication_date_becomes_a_day_or_counts_as_not_given(given: str, day: str | None) -> None:
    made = make_report("Shells fell on the market of Orvan.", name="test", published=given)
    assert isinstance(made, Report)
    assert made.published == day
