"""A PDF with a text layer -> Report: lines joined to paragraphs, words cut at a line's end made whole, running heads and
page numbers left out.

Nothing is recognised in pictures. pypdf is imported when the first PDF is read.
"""

from __future__ import annotations

import io
import logging
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from mahdar.intake.assembly import make_report
from mahdar.intake.document import Document, Retrieval, tool
from mahdar.intake.refusal import Refusal

MEDIA_TYPE = "application/pdf"
MOST_PAGES = 1000
_FEWEST_LETTERS = 20  # on a page with a text layer; scanners leave a stamp or a file name
_EDGE = 2  # lines at the top and the bottom of a page that may repeat from page to page
_NEIGHBOURS = 6  # lines on either side that tell how wide the column is
_LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st", "\x00": ""}
    | {chr(code): "\ufffd" for code in range(0xD800, 0xE000)}
)
_NUMBER = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(r"(?:page\s)?[\d\s|/–-]*\d(?:\s?(?:of|/)\s?\d+)?|[ivxl]+", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_CUT = re.compile(r"([^\W\d_]+)[-\u00ad\u2010]\Z")
_ENDS = re.compile(r"[.!?…:][\"'”’)\]]*\Z")
_SPACES = re.compile(r"[^\S\n]+")


def read_pdf(data: bytes, name: str, retrieval: Retrieval) -> Document | Refusal:
    """One report from a PDF's bytes. A PDF that is locked, damaged, too long or without a text layer is refused.

    Pages without text among others that have it are named in the document's `retrieval.absent`.
    """
    pages = _pages(data)
    if isinstance(pages, str):
        return Refusal(name, pages)
    empty = [number for number, page in enumerate(pages, start=1) if _letters(page) < _FEWEST_LETTERS]
    if len(empty) == len(pages):
        return Refusal(name, "is a PDF without a text layer (pictures of pages); recognise its text (OCR) first")
    text = "\n\n".join(_paragraphs(list(_body(pages))))
    report = make_report(text, name=name)
    if isinstance(report, Refusal):
        return report
    if empty:
        absent = f"the text of page {', '.join(map(str, empty))}, which holds none"
        retrieval = replace(retrieval, absent=(*(each for each in retrieval.absent if each != absent), absent))
    return Document(report, data, retrieval, extractor=tool("pypdf"), media_type=MEDIA_TYPE)


def _pages(data: bytes) -> list[list[str]] | str:
    """The lines of each page, or why there are none, in words that end a sentence."""
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, FileNotDecryptedError, PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it tells of every mended flaw
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            return "is a PDF locked with a password"
        if len(reader.pages) > MOST_PAGES:
            return f"is a PDF of more than {MOST_PAGES:,} pages; cut it into reports"
        return [_lines(page.extract_text()) for page in reader.pages]
    except (FileNotDecryptedError, DependencyError):
        return "is a PDF locked in a way that cannot be opened here; save it without protection"
    # Damaged objects surface as whatever the code that meets them raises.
    except (PyPdfError, ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError) as error:
        return f"is a PDF that cannot be read ({str(error) or type(error).__name__})"
    except (RecursionError, MemoryError, NotImplementedError) as error:
        return f"is a PDF that cannot be read ({type(error).__name__})"


def _lines(text: str) -> list[str]:
    squeezed = (_SPACES.sub(" ", line).strip() for line in text.translate(_LIGATURES).splitlines())
    return [line for line in squeezed if line]


def _letters(page: Iterable[str]) -> int:
    return sum(char.isalpha() for line in page for char in line)


def _body(pages: list[list[str]]) -> Iterable[str]:
    """All lines in order, without page numbers, running feet and all but the first of each running head."""
    heads = _repeated(page[:_EDGE] for page in pages)
    feet = _repeated(page[-_EDGE:] for page in pages)
    met: set[str] = set()
    for page in pages:
        last = len(page) - 1
        for number, line in enumerate(page):
            shape = _NUMBER.sub("#", line)
            at_head, at_foot = number < _EDGE, number > last - _EDGE
            if (at_head or at_foot) and _PAGE_NUMBER.fullmatch(line):
                continue
            if at_foot and shape in feet and not (at_head and shape in heads):
                continue
            if at_head and shape in heads:
                if shape in met:
                    continue
                met.add(shape)
            yield line


def _repeated(edges: Iterable[list[str]]) -> set[str]:
    """Lines, whatever their numbers, that stand at the edge of more than half of the pages, and of two at least."""
    pages = [{_NUMBER.sub("#", line) for line in edge} for edge in edges]
    counts = Counter(shape for page in pages for shape in page)
    return {shape for shape, count in counts.items() if count >= 2 and count > len(pages) / 2}


def _paragraphs(lines: list[str]) -> list[str]:
    words = Counter(word.lower() for line in lines for word in _WORD.findall(line))
    paragraphs: list[str] = []
    for number, line in enumerate(lines):
        if number and not _ends_paragraph(lines, number - 1):
            paragraphs[-1] = _joined(paragraphs[-1], line, words)
        else:
            paragraphs.append(line)
    return paragraphs


def _ends_paragraph(lines: list[str], number: int) -> bool:
    """Whether a line is the last of its paragraph: shorter than its column is wide, more so where no sentence ends."""
    around = lines[max(0, number - _NEIGHBOURS) : number + _NEIGHBOURS + 1]
    width = sorted(map(len, around))[len(around) * 3 // 4]
    line = lines[number]
    if _CUT.search(line):
        return False
    return len(line) < (0.9 if _ENDS.search(line) else 0.7) * width


def _joined(text: str, line: str, words: Counter[str]) -> str:
    """Two lines of a paragraph; a hyphen between them stays where the document's other words speak for it."""
    cut = _CUT.search(text)
    after = _WORD.match(line)
    if not cut or not after:
        return f"{text} {line}" if not cut else f"{text}{line}"
    left, right = cut[1].lower(), after[0].partition("-")[0].lower()
    if after[0][0].isupper():
        whole = False
    elif words[left + right] or words[f"{left}-{right}"]:
        whole = words[left + right] >= words[f"{left}-{right}"]
    else:
        # The cut pieces themselves were counted once each, at the line's end and at the next one's head.
        whole = not (words[left] > 1 and words[right] > 1)
    return (text[: cut.end(1)] if whole or text.endswith("\u00ad") else text) + line
