"""Draw docs/pictures/read.svg, the README's picture: what `mahdar read` prints for one sample report.

usage: python docs/pictures/draw.py      (or `make pictures`)
"""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme

from mahdar import read
from mahdar.publish.table import draw

ROOT = Path(__file__).parents[2]
SAMPLE = Path("samples/reports/siege-of-djibo-bombing.txt")
OUT = Path(__file__).with_name("read.svg")
INKS = [
    (40, 42, 46),
    (178, 38, 38),
    (38, 120, 60),
    (160, 110, 0),
    (36, 84, 160),
    (140, 60, 140),
    (0, 118, 126),
    (240, 240, 240),
]
PAPER = TerminalTheme((252, 252, 250), (40, 42, 46), INKS, [*INKS[:3], (255, 226, 120), *INKS[4:]])
# rich's own template fetches a font from a public server; this one fetches nothing.
TEMPLATE = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: {char_height}px;
  line-height: {line_height}px; font-variant-east-asian: full-width; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" /></clipPath>{lines}</defs>
<rect width="100%" height="100%" rx="8" fill="#fcfcfa" />
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}<g class="{unique_id}-matrix">{matrix}</g></g>
</svg>
"""


def main() -> None:
    (reading,) = read(ROOT / SAMPLE)
    named = replace(reading, report=replace(reading.report, name=str(SAMPLE)))
    console = Console(
        record=True, width=100, file=io.StringIO(), force_terminal=True, color_system="standard", highlight=False
    )
    console.print(f"$ mahdar read {SAMPLE}")
    console.print(draw(named))
    OUT.write_text(console.export_svg(theme=PAPER, code_format=TEMPLATE, unique_id="mahdar"), encoding="utf-8")


if __name__ == "__main__":
    main()
