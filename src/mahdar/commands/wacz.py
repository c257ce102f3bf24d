"""`mahdar wacz`: the archived pages of a record as one web archive, for ReplayWeb.page and the like."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mahdar.commands.record import Archive, Where

if TYPE_CHECKING:
    from mahdar.intake import Document
    from mahdar.record import Record
    from mahdar.record.stored import StoredReport


def wacz(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write: NAME.wacz.")],
    record: Where,
    reports: Annotated[list[str] | None, typer.Argument(metavar="REPORT…", help="Report ids; by default all.")] = None,
    archive: Archive = None,
    title: Annotated[str, typer.Option(help="What the archive is called.")] = "Reports archived by mahdar",
    withhold: Annotated[
        Path | None, typer.Option(metavar="FILE", help="More names to withhold: CSV with name, role, aliases.")
    ] = None,
) -> None:
    """Export archived pages as a WACZ file. They leave as they are; those that hold a withheld name stay."""
    from mahdar.publish import held
    from mahdar.publish.redaction import read_withheld
    from mahdar.publish.wacz import reveals, withheld_names, write_wacz
    from mahdar.record import Record

    more = read_withheld(withhold) if withhold else []
    with Record.open(record, archive=archive) as opened:
        names = withheld_names([*held.marked(opened), *more])
        chosen = [opened.report(id) for id in reports] if reports else list(opened.reports())
        kept_back = 0

        def leaving() -> Iterator[Document]:
            nonlocal kept_back
            for document in _documents(opened, chosen):
                if reveals(document, names):
                    kept_back += 1
                else:
                    yield document

        created = max((report.added_at for report in chosen), default="")
        pages = write_wacz(leaving(), file, title=title, created=created)
        if opened.writable:
            opened.note("export", "wacz", {"pages": pages, "left_out": kept_back, "sha256": _sha256(file)})
    left = f"; {kept_back:,} left out" if kept_back else ""
    typer.echo(f"{pages:,} page{'s' * (pages != 1)} written to {file}{left}")
    if not names:
        typer.echo("mahdar: the pages name whom they name; think of the people in them before you pass it on", err=True)


def _documents(record: Record, reports: list[StoredReport]) -> Iterator[Document]:
    from mahdar.intake import Document

    for stored in reports:
        data = record.original(stored.report.id)
        yield Document(stored.report, data, stored.retrieval, stored.part, stored.extractor, stored.media_type)


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
