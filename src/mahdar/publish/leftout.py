"""What a format has no row for is listed with the reason, never dropped in silence."""

from __future__ import annotations

from typing import Any

from mahdar.publish.case import Case
from mahdar.publish.tabular import joined, table

LEFT_OUT = table("left-out", "Incidents that are no row, and why", "left_out")


class LeftOut(Exception):  # noqa: N818  # no error: the reason why a case is no row
    """Why a case is no row, in a few words."""


def row(case: Case, reason: LeftOut) -> tuple[str, list[Any]]:
    """The case's row in the table of those left out."""
    one = case.incident
    where = joined(p.name or p.words.text for p in one.places)
    return LEFT_OUT.part, [one.id, one.type, one.time.start, one.time.end, where, str(reason)]


def must_have_happened(case: Case) -> None:
    """Raises LeftOut for what is denied, only intended, or rejected by people in every claim."""
    if case.incident.status not in ("asserted", "uncertain"):
        raise LeftOut(f"not asserted to have happened: {case.incident.status}")
    if case.claims and all(case.state(c.id) == "rejected" for c in case.claims):
        raise LeftOut("people rejected every claim of it")
