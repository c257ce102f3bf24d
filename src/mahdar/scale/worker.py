"""A worker of the pool: a process that opens one reader and answers report after report, until its input ends.

Pickles go in on standard input (first the reader, or None for the shipped one; then reports) and come out on what was
standard output: first the reader's version, then a `Reading` or the reason why there is none, one for each report.
"""

from __future__ import annotations

import os
import pickle
import sys
from typing import IO, TYPE_CHECKING, Any

from mahdar.model import MahdarError, Reading, Report

if TYPE_CHECKING:
    from mahdar.reading.reader import ReadsReports

OUT_OF_MEMORY = 77
"""The exit code of a worker that ran out of memory: what is left of it is not to be trusted with another report."""

Answer = tuple[Reading | None, str]
"""A reading, or None and the reason why there is none."""


def main() -> None:
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints must not get between the answers
    tasks = sys.stdin.buffer
    try:
        serve(tasks, answers)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except BrokenPipeError:  # whoever asked is gone
        os._exit(0)


def serve(tasks: IO[bytes], answers: IO[bytes]) -> None:
    """Answer every report of `tasks`; a reader that cannot be opened is one answer, and the end."""
    try:
        reader: ReadsReports = pickle.load(tasks) or _shipped()
    except MahdarError as error:
        _send(answers, (None, str(error)))
        return
    _send(answers, (None, ""))
    while (report := _next(tasks)) is not None:
        _send(answers, _answer(reader, report))


def _answer(reader: ReadsReports, report: Report) -> Answer:
    try:
        return reader.read(report), ""
    except MemoryError:
        raise
    except MahdarError as error:
        return None, str(error).removeprefix(f"{report.name}: ")
    except Exception as error:  # noqa: BLE001  # one report must not stop the others; the reason names the bug
        return None, f"could not be read ({type(error).__name__}: {error})"


def _shipped() -> ReadsReports:
    from mahdar.reading.reader import Reader

    return Reader()


def _next(tasks: IO[bytes]) -> Report | None:
    try:
        report: Report = pickle.load(tasks)
    except EOFError:
        return None
    return report


def _send(answers: IO[bytes], answer: Any) -> None:
    pickle.dump(answer, answers, pickle.HIGHEST_PROTOCOL)
    answers.flush()
