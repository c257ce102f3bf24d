"""Setting pages and pictures with Typst: PDF/A and PNG, from the fonts that travel with mahdar and no others.

Neither the machine's fonts nor its clock have a part in it, so the same input gives the same bytes anywhere.
"""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, cast

from mahdar.model import MahdarError

FONTS = Path(__file__).with_name("fonts")
PDF_A: Literal["a-2b"] = "a-2b"


def pdf(source: str, files: dict[str, str], *, day: str) -> bytes:
    """A Typst document as PDF/A-2b. `files` are what it reads, by name; `day` (ISO) is the date the file bears."""
    moment = int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())
    return _compiled(source, files, "pdf", moment)


def png(svg: str, *, ppi: float = 144.0) -> bytes:
    """An SVG picture as PNG; 144 pixels per inch are two for each of the picture's own."""
    page = '#set page(width: auto, height: auto, margin: 0pt)\n#image("picture.svg")'
    return _compiled(page, {"picture.svg": svg}, "png", 0, ppi)


def _compiled(source: str, files: dict[str, str], format: str, moment: int, ppi: float | None = None) -> bytes:
    import typst  # some tens of milliseconds that other formats need not pay

    with tempfile.TemporaryDirectory(prefix="mahdar-") as folder:
        for name, content in {"main.typ": source, **files}.items():
            (Path(folder) / name).write_text(content, encoding="utf-8")
        compiler = typst.Compiler(
            str(Path(folder) / "main.typ"), root=folder, font_paths=[str(FONTS)], ignore_system_fonts=True
        )
        try:
            made = compiler.compile(
                format=format,  # type: ignore[arg-type]
                ppi=ppi,
                timestamp=moment,
                pdf_standards=[PDF_A] if format == "pdf" else [],
            )
        except typst.TypstError as error:
            raise MahdarError(f"the page cannot be set ({error.message})") from error
    return cast(bytes, made[0] if isinstance(made, list) else made)
