"""Count words over general and war news: `python -m training.frequencies --shared DIR`.

Reads DIR/bench/corpus/*.jsonl.gz and DIR/gold/train.jsonl and writes `corroboration/frequencies.tsv`: a word a line, in how
many pages it stands, and in how many of those in small letters. Words of fewer than three pages are left out: they are
rare enough without, and what only one page says stays with its publisher.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from mahdar.corroboration.words import FREQUENCIES, words_of

LEAST = 3


def pages(shared: Path) -> Iterator[str]:
    for path in sorted((shared / "bench" / "corpus").glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            yield from (json.loads(line)["text"] for line in lines)
    with (shared / "gold" / "train.jsonl").open(encoding="utf-8") as lines:
        yield from (json.loads(line)["text"] for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True)
    args = parser.parse_args()
    counts: Counter[str] = Counter()
    small: Counter[str] = Counter()
    read = 0
    for text in pages(args.shared):
        words = set(words_of(text))
        counts.update({word.lower() for word in words})
        small.update({word for word in words if word == word.lower()})
        read += 1
    rows = [f"{word}\t{count}\t{small[word]}" for word, count in sorted(counts.items()) if count >= LEAST]
    FREQUENCIES.write_text("\n".join((f"pages\t{read}", *rows)) + "\n", encoding="utf-8")
    print(f"{len(rows)} words of {read} pages")


if __name__ == "__main__":
    main()
