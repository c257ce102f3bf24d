"""What a benchmark's command does with its figures: score every file of its shape, print one object or a line a file;
put them into a page of docs/."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


def run(doc: str | None, files: str, score: Callable[[Path], Mapping[str, float]]) -> None:
    """Parse `--data DIR [--only NAME] [--json]`, score the files of DIR that match `files`, print {FILE: {metric: value}}."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--only", default="", help="files whose name holds this")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    paths = [path for path in sorted(args.data.glob(files)) if args.only in path.name]
    figures = {path.name.split(".")[0]: dict(score(path)) for path in paths}
    if args.json:
        print(json.dumps(figures))
        return
    for name, values in figures.items():
        print(name, " ".join(f"{key} {value}" for key, value in values.items()))


def put(page: str, name: str, lines: Sequence[str]) -> None:
    """Write lines into docs/PAGE.md, in place of what stands between `<!-- NAME -->` and `<!-- end of NAME -->`."""
    path = Path(__file__).parents[1] / "docs" / f"{page}.md"
    before, begin, rest = path.read_text(encoding="utf-8").partition(f"<!-- {name} -->\n")
    _, end, after = rest.partition(f"<!-- end of {name} -->\n")
    if not end:
        raise ValueError(f"{path} has no place for {name}")
    path.write_text("".join((before, begin, *(f"{line}\n" for line in lines), end, after)), encoding="utf-8")
