"""Where rendered text goes: standard output, or a file that is never half-written and can be taken up again."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from mahdar.model import MahdarError
from mahdar.publish.jsonl import whole_lines


class Output:
    """A sink of text. A file is written beside itself (`NAME.part`) and renamed at the end, so it is always whole.

    Use as a context manager and call `done()` when everything is written: without it the file stays as it was. With
    `resume` (JSON lines only) what the file and an interrupted run's `.part` hold is kept: `held` are its report ids.
    A run of JSON lines that breaks off leaves its `.part` for the next (`keep`). Raises MahdarError where the file
    cannot be written.
    """

    def __init__(self, path: str | None = None, *, resume: bool = False, keep: bool = False) -> None:
        self._keep = keep
        self._done = False
        self.held: frozenset[str] = frozenset()
        self._target: Path | None = None
        self._part: Path | None = None
        if path is None or path == "-":
            self._stream: TextIO = _standard_output()
            return
        target = Path(path).resolve()
        if target.exists() and not target.is_file():
            if target.is_dir():
                raise MahdarError(f"{path}: is a folder; name a file to write to")
            self._stream = _open(target, path)  # a device or pipe: nothing to rename
            return
        self._target, self._part = target, target.with_name(f"{target.name}.part")
        kept = self._whole() if resume else {}
        self._stream = _open(self._part, path)
        self.held = frozenset(kept)
        self.write("".join(kept.values()))

    def write(self, text: str) -> None:
        """Write a piece and pass it on at once, so that what a reader downstream sees is whole pieces."""
        try:
            self._stream.write(text)
            self._stream.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise MahdarError(f"{self._target or 'standard output'}: cannot be written ({error.strerror})") from error

    def done(self) -> None:
        """Everything is written: close, and put the file in its place."""
        self._done = True
        if self._target and self._part:
            self._stream.close()
            self._part.replace(self._target)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._part and not self._done:
            self._stream.close()
            if not (self._keep and kind):
                self._part.unlink(missing_ok=True)

    def _whole(self) -> dict[str, str]:
        """What the finished file and then an interrupted run hold in full; of a report in both, the finished file's."""
        held: dict[str, str] = {}
        for file in (self._target, self._part):
            if file and file.is_file():
                try:
                    held = whole_lines(file.read_text(encoding="utf-8")) | held
                except (OSError, ValueError) as error:  # ValueError: not UTF-8, not JSON, not claims
                    raise MahdarError(f"{file}: is no output of claims that could be taken up ({error})") from error
        return held


def same_file(path: str, sources: Iterable[str]) -> bool:
    """Whether writing to `path` would overwrite one of the sources."""
    return Path(path).is_file() and any(Path(s).is_file() and Path(path).samefile(s) for s in sources)


def _open(file: Path, path: str) -> TextIO:
    try:
        return file.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise MahdarError(f"{path}: cannot be written ({error.strerror})") from error


def _standard_output() -> TextIO:
    """Standard output in UTF-8, whatever the locale says: the same bytes everywhere."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace", newline="" if not sys.stdout.isatty() else None)
    return sys.stdout
