"""Count the trigger words of annotated reports and rewrite the counted lines of `codebook/lexicon.csv`.

usage: python -m training.lexicon GOLD.jsonl [GOLD.jsonl ...] [--out FILE]

A wording of one to three words that stands in an annotated trigger is looked up in all sentences. Its weight for a type is the
share of these sentences in which it is the trigger of a claim of the type (or in which the claim's trigger is not found), drawn
towards zero by one more sentence without. Kept are wordings seen often enough, and longer ones only where they say something
else than the shorter ones in them. Names are left out. Lines set by hand (`seen` 0) stay.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from mahdar.codebook import lexicon
from mahdar.codebook.lexicon import Entry, fold, word_spans
from training import gold

LONGEST = 3
RARE = 2  # sentences a wording must stand in
LEAST = 0.1  # the weight from which a line is worth keeping
OTHER = 0.15  # how far a longer wording's weight must be from what its parts say
_SMALL = frozenset(
    """in of the a an on to by and at for with from was were have had has be been is are it that this their its as or who
    which after also he she they them his her""".split()
)


def count(reports: Sequence[gold.GoldReport]) -> list[Entry]:
    """The counted lines for these reports."""
    seen: Counter[str] = Counter()
    told: dict[str, Counter[str]] = defaultdict(Counter)
    annotated: dict[str, Counter[str]] = defaultdict(Counter)
    surface: dict[str, Counter[str]] = defaultdict(Counter)
    for report in reports:
        spans = gold.sentences(report)
        types, triggers = gold.mentions(report, spans)
        for k, s in enumerate(spans):
            found = word_spans(report["text"], s.start, s.end)
            here = [t for t in triggers if t[3] == k]
            unplaced = types[k] - {t[0] for t in here}
            once: set[tuple[str, str]] = set()
            for gram, first, size in _places([fold(w) for w, _, _ in found]):
                low, high = found[first][1], found[first + size - 1][2]
                marked = {t[0] for t in here if gold.shared((low, high), (t[1], t[2])) == high - low}
                annotated[gram].update(marked)
                once |= {(gram, code) for code in marked | unplaced} | {(gram, "")}
                surface[gram][report["text"][low:high]] += 1
            for gram, code in once:
                if code:
                    told[gram][code] += 1
                else:
                    seen[gram] += 1
    weights = {(g, t): told[g][t] / (seen[g] + 1) for g, counts in annotated.items() for t in counts}
    out = []
    for (gram, code), weight in weights.items():
        words = gram.split()
        parts = [weights.get((p, code), 0.0) for p in _grams(words) if p != gram]
        enough = seen[gram] >= RARE and told[gram][code] >= RARE and weight >= LEAST
        wording = min(surface[gram], key=lambda w: (-surface[gram][w], w))
        name = any(w[:1].isupper() for w, _, _ in word_spans(wording))
        plain = not re.search(r"[^\w\s'’-]|\d", wording)
        trimmed = words[0] not in _SMALL and words[-1] not in _SMALL
        if enough and trimmed and plain and not name and (not parts or abs(weight - max(parts)) >= OTHER):
            out.append(Entry(" ".join(wording.split()), code, min(weight, 0.97), seen[gram]))
    return out


def merge(counted: Sequence[Entry], by_hand: Sequence[Entry]) -> list[Entry]:
    """A coder's line outweighs a counted one of the same wording, type and needs."""
    out = {(e.key, e.type, e.needs): e for e in counted}
    return list((out | {(e.key, e.type, e.needs): e for e in by_hand}).values())


def _places(keys: Sequence[str]) -> list[tuple[str, int, int]]:
    return [(" ".join(keys[i : i + n]), i, n) for n in range(1, LONGEST + 1) for i in range(len(keys) - n + 1)]


def _grams(keys: Sequence[str]) -> set[str]:
    return {g for g, _, _ in _places(keys)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, default=lexicon.PATH)
    args = parser.parse_args()
    reports = [r for path in args.gold for r in gold.load(path)]
    by_hand = [e for e in lexicon.read(args.out) if not e.seen] if args.out.exists() else []
    lexicon.write(merge(count(reports), by_hand), args.out)


if __name__ == "__main__":
    main()
