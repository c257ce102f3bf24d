"""JSON lines: one claim a line, as the codebook's section 5 has it. A report without claims leaves no line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from mahdar.model import Reading
from mahdar.publish.values import claim_values


def render(readings: Iterable[Reading], *, explain: bool = False) -> Iterator[str]:
    """One piece of text a reading: all its lines, each with its line end."""
    for reading in readings:
        yield "".join(
            json.dumps(claim_values(claim, reading.reader, explain=explain), ensure_ascii=False) + "\n"
            for claim in reading.claims
        )


def whole_lines(text: str) -> dict[str, str]:
    """The reports whose claims an earlier output holds in full: report id -> its lines.

    A run that was cut short may have lost lines of the report it was writing, so the last report of a text that does
    not end in a line end is left out. Raises ValueError for a whole line that is no claim: the text is something else.
    """
    *lines, cut = text.split("\n")  # not splitlines: a quoted text may hold U+2028
    held: dict[str, str] = {}
    last = None
    for number, line in enumerate(lines, start=1):
        claim = json.loads(line)
        if not isinstance(claim, dict) or not {"report", "type", "evidence"} <= claim.keys():
            raise ValueError(f"line {number} is no claim")
        last = str(claim["report"])
        held[last] = held.get(last, "") + line + "\n"
    if cut and last is not None:
        del held[last]
    return held
