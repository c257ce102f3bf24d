"""Plain text -> Report: line ends and hard wraps undone, paragraphs set apart by a blank line, nothing else changed."""

from __future__ import annotations

import re

from mahdar.intake.assembly import make_report
from mahdar.intake.refusal import Refusal
from mahdar.intake.sentences import wrap_width
from mahdar.model import Report

_BREAKS = re.compile(r"\r\n?|\x85|\u2028|\u2029|\x0b|\x0c")
_BLANK = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")
_LINE = re.compile(r"[^\n]+")


def read_text(raw: str, name: str) -> Report | Refusal:
    """One report from a text file's content."""
    return make_report(clean(raw), name=name)


def clean(raw: str) -> str:
    """The clean text: no control characters, one paragraph a line, a blank line between paragraphs."""
    text = _BREAKS.sub("\n", raw.replace("\x00", "").replace("\ufeff", "")).strip()
    blocks = [block.strip("\n") for block in _BLANK.split(text)]
    lines = [match.span() for match in _LINE.finditer(text)]
    width = wrap_width(text, lines)
    paragraphs: list[str] = []
    for block in blocks:
        joined = ""
        last = 0
        for line in (line.rstrip() for line in block.split("\n")):
            if joined and width and last >= 0.7 * width and not line[:1].isspace():
                joined += f" {line.strip()}"
            else:
                paragraphs.append(joined)
                joined = line.strip()
            last = len(line)
        paragraphs.append(joined)
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
