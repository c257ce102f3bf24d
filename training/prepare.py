"""Make the pruned tokenizer of a training run.

usage: python -m training.prepare --shared DIR --base DIR --run DIR
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Iterator
from pathlib import Path

from training import vocabulary

TIMES_TRAIN = 4  # a word of the annotated reports counts as often as four of general news


def texts(shared: Path) -> Iterator[str]:
    with gzip.open(shared / "bench/corpus/mixed.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)["text"]
    for _ in range(TIMES_TRAIN):
        with (shared / "gold/train.jsonl").open(encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)["text"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("shared", "base", "run"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    args = parser.parse_args()
    args.run.mkdir(parents=True, exist_ok=True)
    pieces = vocabulary.prune(args.base, texts(args.shared), args.run / "tokenizer.json")
    (args.run / "pieces.json").write_text(json.dumps(pieces))
    print(f"{len(pieces)} word pieces")


if __name__ == "__main__":
    main()
