"""Reading without a pool: what `mahdar.scale.pool` does with many processes, done in this one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

from mahdar.intake import Refusal
from mahdar.model import MahdarError, Reading, Report

if TYPE_CHECKING:
    from mahdar.reading.reader import ReadsReports

T = TypeVar("T")


class Alone:
    """One reader, by default the shipped one, which is opened at the first report."""

    def __init__(self, reader: ReadsReports | None = None) -> None:
        self._reader = reader

    def along(self, pairs: Iterable[tuple[T, Report | None]]) -> Iterator[tuple[T, Reading | Refusal | None]]:
        """Each item with the reading of its report, or the refusal that names it; where there is no report, alone."""
        for item, report in pairs:
            reading: Reading | Refusal | None = None
            if report is not None:
                self._reader = self._reader or shipped_reader()
                try:
                    reading = self._reader.read(report)
                except MahdarError as error:
                    reading = error if isinstance(error, Refusal) else Refusal(report.name, reason(report.name, error))
            yield item, reading


def shipped_reader() -> ReadsReports:
    import mahdar

    return mahdar._reader()


def reason(name: str, error: MahdarError) -> str:
    """What an error says of the report of this name, without the name."""
    return str(error).removeprefix(f"{name}: ")
