"""What a benchmark's command does with its figures: score every file of its shape, print one object or a line a file."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
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
