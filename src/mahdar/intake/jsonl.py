"""JSON lines -> Reports: an object a line with `text` and, where known, `id, title, published, outlet, country`.

The given text is the clean text to the letter, so offsets point into it unchanged; only lone surrogates, which no file
can hold, become U+FFFD (one character for one). Lines are read one at a time: memory does not grow with the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from mahdar.intake.assembly import make_report
from mahdar.intake.encoding import decode
from mahdar.intake.refusal import Refusal
from mahdar.model import Report

LONGEST_LINE = 64 * 1024 * 1024
_LONE = re.compile("[\ud800-\udfff]")


def read_jsonl(stream: BinaryIO, name: str) -> Iterator[Report | Refusal]:
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
            yield _read_line(line, where)


def _read_line(line: bytes, where: str) -> Report | Refusal:
    try:
        row = json.loads(decode(line))
    except json.JSONDecodeError as error:
        return Refusal(where, f"is not JSON ({error.msg}, column {error.colno})")
    except (RecursionError, ValueError):
        return Refusal(where, "is not JSON that can be read (nested too deep, or a number too long)")
    return read_object(row, where)


def read_object(row: Any, where: str) -> Report | Refusal:
    """One report from a decoded JSON value."""
    if not isinstance(row, dict):
        return Refusal(where, "is not a JSON object")
    text = row.get("text")
    if not isinstance(text, str):
        return Refusal(where, 'has no "text"' if text is None else '"text" is not a string')
    given = row.get("id")
    return make_report(
        _LONE.sub("\ufffd", text),
        name=where,
        id=_LONE.sub("\ufffd", str(given)) if isinstance(given, str | int) and str(given).strip() else None,
        title=_string(row.get("title")),
        outlet=_string(row.get("outlet")),
        published=_string(row.get("published")),
        country=_string(row.get("country")),
    )


def _string(value: Any) -> str | None:
    return _LONE.sub("\ufffd", value).strip() or None if isinstance(value, str) else None
