"""JSON lines -> Reports: an object a line with `text` and, where known, `id, title, published, outlet, country`.

The given text is the clean text to the letter, so offsets point into it unchanged; only NUL characters and lone
surrogates, which databases and files cannot hold, become U+FFFD (one character for one). Lines are read one at a time:
memory does not grow with the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, BinaryIO

from mahdar.intake.assembly import make_report
from mahdar.intake.document import Document, Retrieval
from mahdar.intake.encoding import decode
from mahdar.intake.refusal import Refusal

LONGEST_LINE = 64 * 1024 * 1024
MEDIA_TYPE = "application/json"
_ITEM = re.compile(r"[\s,]*+(?!\])")  # what stands before an item
_UNHELD = re.compile("[\x00\ud800-\udfff]")


def read_jsonl(stream: BinaryIO, name: str, retrieval: Retrieval) -> Iterator[Document | Refusal]:
    """The reports of a stream of JSON lines in order. A bad line yields a Refusal that names it; the others go on."""
    number = 0
    while line := stream.readline(LONGEST_LINE):
        number += 1
        where = f"{name}, line {number}"
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            while line and not line.endswith(b"\n"):
                line = stream.readline(LONGEST_LINE)
            yield Refusal(where, f"is longer than {LONGEST_LINE // 2**20} MB")
        elif line.strip(b"\xef\xbb\xbf \t\r\n"):
            yield _read_line(line.rstrip(b"\r\n"), where, retrieval)


def _read_line(line: bytes, where: str, retrieval: Retrieval) -> Document | Refusal:
    try:
        row = json.loads(decode(line))
    except json.JSONDecodeError as error:
        return Refusal(where, f"is not JSON ({error.msg}, column {error.colno})")
    except (RecursionError, ValueError):
        return Refusal(where, "is not JSON that can be read (nested too deep, or a number too long)")
    return read_object(row, line, where, retrieval)


def read_list(text: str, name: str, retrieval: Retrieval) -> Iterator[Document | Refusal]:
    """The reports of a JSON list, each with the bytes of its own item; `text` is known to be a list."""
    decoder = json.JSONDecoder()
    at = text.index("[") + 1
    number = 0
    while match := _ITEM.match(text, at):
        value, end = decoder.raw_decode(text, match.end())
        number += 1
        raw = text[match.end() : end].encode("utf-8", "surrogatepass")
        yield read_object(value, raw, f"{name}, item {number}", retrieval)
        at = end


def read_object(row: Any, raw: bytes, where: str, retrieval: Retrieval) -> Document | Refusal:
    """One report from a decoded JSON value, which `raw` spells. An address that it names (`url`) is its final one."""
    if not isinstance(row, dict):
        return Refusal(where, "is not a JSON object")
    text = row.get("text")
    if not isinstance(text, str):
        return Refusal(where, 'has no "text"' if text is None else '"text" is not a string')
    given = row.get("id")
    report = make_report(
        _UNHELD.sub("\ufffd", text),
        name=where,
        id=_UNHELD.sub("\ufffd", str(given)) if isinstance(given, str | int) and str(given).strip() else None,
        title=_string(row.get("title")),
        outlet=_string(row.get("outlet")),
        published=_string(row.get("published")),
        country=_string(row.get("country")),
    )
    if isinstance(report, Refusal):
        return report
    url = _string(row.get("url"))
    return Document(report, raw, replace(retrieval, final_url=url) if url else retrieval, media_type=MEDIA_TYPE)


def _string(value: Any) -> str | None:
    return _UNHELD.sub("\ufffd", value).strip() or None if isinstance(value, str) else None
