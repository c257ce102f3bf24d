"""An export's files: the one asked for and those that stand beside it, all put in their places together or not at all."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from mahdar.model import MahdarError
from mahdar.publish.case import Case
from mahdar.publish.formats import Format
from mahdar.publish.redaction import Redactor
from mahdar.publish.tabular import Piece, Table, data_package


@dataclass(frozen=True, slots=True)
class Written:
    """A file that an export wrote: its name, SHA-256 and size in bytes."""

    name: str
    sha256: str
    size: int


def part_name(target: str, part: str) -> str:
    """What a part is called beside the file asked for: `events.csv` and `rules` make `events.rules.csv`."""
    stem, dot, suffix = target.rpartition(".")
    if not part:
        return target
    return f"{stem}.{part}.{suffix}" if dot and stem else f"{target}.{part}.csv"


def export(cases: Iterable[Case], format: Format, target: Path, redactor: Redactor) -> list[Written]:
    """Writes the cases, redacted, to `target` and what belongs beside it, and says what was written.

    Nothing is in its place until everything is. Raises MahdarError where a file cannot be written, or its name holds a
    name that is withheld.
    """
    rendered = format.render(redactor.clear_all(cases))
    return write(rendered, format.tables, target, format.about, redactor)


def pack(cases: Iterable[Case], format: Format, target: Path, redactor: Redactor) -> list[Written]:
    """As `export`, as one file for a download: where there is more than one, a ZIP beside them, `target` with `.zip`,
    which is then named first.

    The ZIP bears no time, so the same cases give the same bytes.
    """
    made = export(cases, format, target, redactor)
    if len(made) == 1:
        return made
    packed = target.with_name(f"{target.name}.zip")
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as together:
        for file in made:
            entry = zipfile.ZipInfo(file.name)  # 1 January 1980
            entry.compress_type = zipfile.ZIP_DEFLATED
            with together.open(entry, "w", force_zip64=True) as into, (target.parent / file.name).open("rb") as source:
                shutil.copyfileobj(source, into)
    with packed.open("rb") as whole:
        sha256 = hashlib.file_digest(whole, "sha256").hexdigest()
    return [Written(packed.name, sha256, packed.stat().st_size), *made]


def write(
    pieces: Iterable[Piece], tables: tuple[Table, ...], target: Path, title: str, redactor: Redactor
) -> list[Written]:
    """Writes pieces to the files of their parts; with tables, the data package that describes them."""
    with _Together(target) as together:
        for part, content in pieces:
            together.write(part_name(target.name, part), content)
        if tables:
            named = [(part_name(target.name, t.part), t) for t in tables]
            package = data_package(_slug(target.name), title, named, redactor.profile)
            together.write(f"{target.name.rpartition('.')[0] or target.name}.datapackage.json", package)
        if redactor.reveals(target.name):
            raise MahdarError(f"{target.name}: the file's name holds a name that is withheld; call it otherwise")
        return together.done()


class _Together:
    """Files written beside their places (`NAME.part`) and moved there at the end."""

    def __init__(self, target: Path) -> None:
        self._folder = target.parent
        self._target = target
        self._open: dict[str, BinaryIO] = {}
        self._hashes: dict[str, hashlib._Hash] = {}
        self._sizes: dict[str, int] = {}
        self._stack = ExitStack()

    def __enter__(self) -> _Together:
        if self._target.is_dir():
            raise MahdarError(f"{self._target}: is a folder; name a file to write to")
        self._file(self._target.name)  # even without a case there is a file
        return self

    def write(self, name: str, content: str | bytes) -> None:
        data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        try:
            self._file(name).write(data)
        except OSError as error:
            raise MahdarError(f"{self._folder / name}: cannot be written ({error.strerror})") from error
        self._hashes[name].update(data)
        self._sizes[name] += len(data)

    def _file(self, name: str) -> BinaryIO:
        if name not in self._open:
            try:
                file = (self._folder / f"{name}.part").open("wb")
            except OSError as error:
                raise MahdarError(f"{self._folder / name}: cannot be written ({error.strerror})") from error
            self._open[name] = self._stack.enter_context(file)
            self._hashes[name], self._sizes[name] = hashlib.sha256(), 0
        return self._open[name]

    def done(self) -> list[Written]:
        try:
            self._stack.close()
            for name in self._open:
                (self._folder / f"{name}.part").replace(self._folder / name)
        except OSError as error:
            raise MahdarError(f"{self._target}: cannot be written ({error.strerror})") from error
        return [Written(name, self._hashes[name].hexdigest(), self._sizes[name]) for name in self._open]

    def __exit__(self, *_: object) -> None:
        self._stack.close()
        for name in self._open:
            (self._folder / f"{name}.part").unlink(missing_ok=True)


def _slug(name: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in name.lower()).strip("-") or "export"
