"""Article text from saved pages, against gold bodies: F1 over word 4-grams.

`python -m benchmarks.article --data DIR [--json]` reads `DIR/article/*.jsonl.gz` (`html, article_body`). Of each
report the body is scored: title, date line, captions and furniture are left out. Precision and recall are means over
pages and F1 is theirs, as in ScrapingHub's article-extraction-benchmark, whose figures are comparable.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections import Counter
from pathlib import Path

from mahdar.intake import Refusal
from mahdar.intake.html import read_html
from mahdar.model import Report, Span

_GRAM = 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--show", action="store_true", help="print each page's figures")
    options = parser.parse_args()
    figures = {
        path.name.removesuffix(".jsonl.gz"): score(path, show=options.show)
        for path in sorted((options.data / "article").glob("*.jsonl.gz"))
    }
    if options.json:
        print(json.dumps(figures))
    else:
        for name, values in figures.items():
            print(name, " ".join(f"{key} {value:.3f}" for key, value in values.items()))


def score(path: Path, *, show: bool = False) -> dict[str, float]:
    """F1, precision and recall over the pages of one file."""
    precisions, recalls = [], []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            row = json.loads(line)
            report = read_html(row["html"].encode(), f"{path.name}, page {number}", any_language=True)
            found = "" if isinstance(report, Refusal) else body(report)
            precision, recall = _overlap(_shingles(row["article_body"]), _shingles(found))
            precisions.append(precision)
            recalls.append(recall)
            if show:
                print(f"{number:3} precision {precision:.2f} recall {recall:.2f} {row.get('url', '')[:90]}")
    precision, recall = (sum(values) / max(len(values), 1) for values in (precisions, recalls))
    return {"f1": 2 * precision * recall / (precision + recall or 1.0), "precision": precision, "recall": recall}


def body(report: Report) -> str:
    """The report's text without title, date line, captions and furniture."""
    left_out = sorted([*report.furniture, *(caption.span for caption in report.captions)])
    kept, at = [], 0
    for span in [*left_out, Span(len(report.text), len(report.text))]:
        kept.append(report.text[at : max(at, span.start)])
        at = max(at, span.end)
    paragraphs = "".join(kept).split("\n\n")
    if report.title and paragraphs[0] == report.title:
        del paragraphs[0]
    if paragraphs and report.published and len(paragraphs[0]) <= 90 and _is_date_line(paragraphs[0]):
        del paragraphs[0]
    return "\n".join(paragraphs)


def _is_date_line(paragraph: str) -> bool:
    return (
        bool(re.search(r"\b(?:19|20)\d\d\b", paragraph)) and paragraph.count(" ") <= 12 and not paragraph.endswith(".")
    )


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text)
    return Counter(tuple(words[i : i + _GRAM]) for i in range(max(1, len(words) - _GRAM + 1))) if words else Counter()


def _overlap(gold: Counter[tuple[str, ...]], found: Counter[tuple[str, ...]]) -> tuple[float, float]:
    right = (gold & found).total()
    return right / max(found.total(), 1), right / max(gold.total(), 1)


if __name__ == "__main__":
    main()
