"""Write src/mahdar/where/data/priors.tsv: how place-like each single-word gazetteer name is in running news.

`python -m training.where_priors FILE.jsonl.gz ...` counts, over any news texts (their "text"), how often a word that is also a
place name follows a preposition of place with a capital, against all its other uses, small letters included. Only words
and one number each are written, no text.
"""

from __future__ import annotations

import gzip
import json
import math
import re
import sys
from collections import Counter
from pathlib import Path

from mahdar.where.gazetteer import Gazetteer
from mahdar.where.names import normalise

OUT = Path(__file__).parents[1] / "src" / "mahdar" / "where" / "data" / "priors.tsv"
WORD = re.compile(r"[^\W\d_]+")
PLACED = frozenset(
    "in at near from around outside toward towards across into inside throughout leaving entering".split()
)


def main(sources: list[str]) -> None:
    placed: Counter[str] = Counter()
    other: Counter[str] = Counter()
    for source in sources:
        with (
            gzip.open(source, "rt", encoding="utf8") if source.endswith("gz") else Path(source).open(encoding="utf8")
        ) as lines:
            for line in lines:
                text = json.loads(line)["text"]
                found = list(WORD.finditer(text))
                for k, m in enumerate(found):
                    word = m.group()
                    low = word.casefold()
                    before = found[k - 1].group() if k else ""
                    after = found[k + 1] if k + 1 < len(found) else None
                    joined = after and after.group()[0].isupper() and text[m.end() : after.start()] == " "
                    if (
                        word[0].isupper()
                        and before.casefold() in PLACED
                        and not joined
                        and text[found[k - 1].end() : m.start()] == " "
                    ):
                        placed[low] += 1
                    else:
                        other[low] += 1 if word[0].isupper() else 2
    with Gazetteer.open() as gazetteer, OUT.open("w", encoding="utf8") as out:
        for word in sorted({w for w, n in (placed + other).items() if n >= 6}):
            if len(word) > 2 and gazetteer.lookup(normalise(word)):
                out.write(f"{word}\t{math.log((placed[word] + 0.3) / (other[word] + 1)):.2f}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
