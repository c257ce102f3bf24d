"""JSON: one document, `{"reports": [...]}`, each report with its text, furniture, claims and relations."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from mahdar.model import Reading
from mahdar.publish.values import reading_values


def render(readings: Iterable[Reading], *, explain: bool = False) -> Iterator[str]:
    """The document in pieces, a reading at a time, so that memory does not grow with the batch."""
    yield '{"reports": ['
    between = "\n"
    for reading in readings:
        yield between + json.dumps(reading_values(reading, explain=explain), ensure_ascii=False, indent=1)
        between = ",\n"
    yield "\n]}\n"
