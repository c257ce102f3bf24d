"""Read annotated reports and score the claims: `python -m benchmarks.gold --data DIR [--json] [--docs]`.

Every DIR/gold/*.jsonl (or, where DIR has no such folder, DIR/../gold/*.jsonl) is read by the default reader as `mahdar read`
would read it and scored by the gold set's own scorer (`benchmarks/score.py`, a copy). `--docs` writes docs/ACCURACY.md.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from benchmarks import calibration, score
from mahdar.intake import make_report
from mahdar.model import Report
from mahdar.publish.values import claim_values
from mahdar.reading.reader import Reader

DOCS = Path(__file__).resolve().parent.parent / "docs" / "ACCURACY.md"
ENOUGH = 500  # judgements; fewer say nothing of reliability
LEARNT = {"train": "learnt from: not a measure of quality"}


def report_of(row: dict[str, Any]) -> Report:
    """The gold report as intake would hand it over."""
    made = make_report(
        row["text"],
        name=row["id"],
        id=row["id"],
        title=row.get("title"),
        outlet=row.get("outlet"),
        published=row.get("published"),
        any_language=True,
    )
    if not isinstance(made, Report):
        raise made
    return made


def read(reader: Reader, rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    out = {}
    for row in rows:
        reading = reader.read(report_of(row))
        out[row["id"]] = [claim_values(c, reading.reader) for c in reading.claims]
    return out


def files(data: Path) -> list[Path]:
    folder = data / "gold" if (data / "gold").is_dir() else data.parent / "gold"
    return sorted(folder.glob("*.jsonl"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--only", nargs="*", help="names of files without their endings")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--docs", action="store_true")
    parser.add_argument("--pred", type=Path, help="also write the claims here, one report a line")
    parser.add_argument("--model", type=Path, help="a directory with another model")
    args = parser.parse_args()
    reader = Reader(args.model) if args.model else Reader()
    figures: dict[str, Any] = {}
    told: dict[str, dict[str, calibration.Told]] = {}
    for path in files(args.data):
        if args.only and path.stem not in args.only:
            continue
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        if not rows or "claims" not in rows[0]:
            continue
        begun = time.process_time()
        predicted = read(reader, rows)
        spent = time.process_time() - begun
        figures[path.stem] = score.score(rows, predicted)[0]
        told[path.stem] = calibration.told(rows, predicted)
        figures[path.stem]["calibration_error"] = {
            slot: round(calibration.error(pairs), 4) for slot, pairs in told[path.stem].items()
        }
        figures[path.stem]["words_per_cpu_s"] = round(sum(len(r["text"].split()) for r in rows) / spent)
        if args.pred:
            lines = (json.dumps({"id": k, "claims": v}, ensure_ascii=False) for k, v in predicted.items())
            args.pred.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if args.docs:
        write_docs(figures, told, reader.version)
    print(json.dumps(figures, indent=1) if args.json else "\n".join(table(figures)))


def table(figures: dict[str, Any]) -> list[str]:
    head = "| | " + " | ".join(f"{n} ({f['reports']} reports)" for n, f in figures.items()) + " |"
    lines = [head, "|---" * (len(figures) + 1) + "|"]
    for name in ("record", "detection", "type", "family", *score.SLOTS):
        cells = [f"{f[name]['f1']:.3f} (P {f[name]['p']:.2f} R {f[name]['r']:.2f})" for f in figures.values()]
        lines.append(f"| {name} F1 | " + " | ".join(cells) + " |")
    for name in ("scope", "status", "within_25km", "within_161km"):
        cells = [f"{f[name]['accuracy']:.3f}" if name in f else "-" for f in figures.values()]
        lines.append(f"| {name} accuracy | " + " | ".join(cells) + " |")
    rates = [f["false_claims_per_100"] for f in figures.values()]
    lines.append(
        "| false claims in 100 empty reports | " + " | ".join("-" if r is None else str(r) for r in rates) + " |"
    )
    return lines


def write_docs(figures: dict[str, Any], told: dict[str, dict[str, calibration.Told]], version: str) -> None:
    notes = [line for n in figures if n in LEARNT for line in (f"- `{n}`: {LEARNT[n]}.", "")]
    reliability = [
        "## Can a confidence be believed?",
        "",
        "Share right (and how many) by the confidence that the reader gave, and the expected calibration error over these bins.",
        "A claim is right if one of its type is annotated; a filler is judged in claims that are.",
    ]
    for name, by_slot in told.items():
        if sum(map(len, by_slot.values())) > ENOUGH:
            reliability += ["", f"`{name}`:", "", *calibration.table(by_slot)]
    DOCS.write_text(
        "\n".join(
            [
                "# Accuracy",
                "",
                "Written by `python -m benchmarks.gold --data DIR --docs`; do not edit. Reader: `" + version + "`.",
                "",
                "Claims read in annotated real reports, end to end, against the annotation: an annotated claim that was not",
                "read loses all its slots, a claim read that is not annotated counts all of its as wrong. One annotator",
                "scored against another reaches a record F1 of 0.920 on the same scale.",
                "",
                *table(figures),
                "",
                *notes,
                *reliability,
                "",
            ]
        ),
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
