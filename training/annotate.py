"""Turn hand annotation (quotes as plain strings) into gold JSON lines (quotes with offsets), or say what is wrong.

usage: python training/annotate.py SOURCE... [-o GOLD.jsonl]

SOURCE is a Python literal (`.py`, `.txt`: triple-quoted texts) or JSON file (`.json`) with a list of reports as below,
or gold itself (`.jsonl`), whose quotes are found anew, the one nearest to its old offset if there are several.

    [{"id": "s01", "outlet": "Harbour Gazette", "title": "...", "published": "2024-03-05", "country": "SY",
      "text": '''title line ... body''',
      "furniture": ["Read also: ..."],
      "claims": [
        {"type": "air_drone_strike", "trigger": "drone strike",
         "evidence": ["A drone strike killed two people."],
         "actors": ["the army|army forces"], "targets": ["two people"],
         "places": [{"text": "Idlib", "role": "at", "name": "Idlib", "country": "SY", "lat": 35.93, "lon": 36.63}],
         "geo_precision": 1, "start": "2024-03-04", "end": "2024-03-04", "time_precision": 1,
         "figures": [{"what": "killed", "low": 2, "high": 2, "text": "two people"}],
         "sources": ["state media"], "agreement": None}]}]

A quote (evidence, furniture) is a string that occurs exactly once in the text, or `[string, n]` for its nth occurrence
(n from 1). Left out: `scope` is "event", `status` "asserted", a place's `role` "at", lists empty, the rest null. Every
name in a slot must stand in the text as worded; `|` separates equally good wordings, one of which must stand there.
All errors are printed, one a line with report and claim; nothing is written unless there are none.
"""

from __future__ import annotations

import argparse
import ast
import calendar
import json
import re
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

# Written out, so that the script runs by itself beside an editor; a test holds these lists equal to the package's.
TYPES = (
    "armed_clash",
    "government_regains_territory",
    "non_state_actor_overtakes_territory",
    "chemical_weapon",
    "air_drone_strike",
    "suicide_bomb",
    "shelling_artillery_missile",
    "remote_explosive_landmine_ied",
    "grenade",
    "sexual_violence",
    "attack",
    "abduction_forced_disappearance",
    "peaceful_protest",
    "protest_with_intervention",
    "excessive_force_against_protesters",
    "violent_demonstration",
    "mob_violence",
    "agreement",
    "arrests",
    "change_to_group_activity",
    "disrupted_weapons_use",
    "headquarters_or_base_established",
    "looting_property_destruction",
    "non_violent_transfer_of_territory",
    "ceasefire_violation",
    "displacement",
    "return_of_displaced",
    "access_obstruction",
    "casualty_toll",
    "other",
)
SCOPES = ("event", "total")
STATUSES = ("asserted", "denied", "intended", "uncertain")
FIGURES = ("killed", "injured", "displaced", "detained", "abducted", "returned", "homes", "other")
ROLES = ("at", "from", "to")
REPORT_KEYS = {
    *("id", "outlet", "title", "published", "country", "text"),
    *("relevant", "furniture", "claims", "incident", "near_copy_of"),
}
CLAIM_KEYS = {
    *("type", "scope", "status", "trigger", "evidence", "actors", "targets", "places", "geo_precision"),
    *("start", "end", "time_precision", "figures", "sources", "agreement"),
}
PLACE_KEYS = {"text", "role", "name", "country", "lat", "lon"}
FIGURE_KEYS = {"what", "low", "high", "text", "source"}

Json = dict[str, Any]
Complain = Callable[[str], None]


def within(where: str, complain: Complain) -> Complain:
    """A complaint that says where: which report, which claim."""
    return lambda words: complain(f"{where}: {words}")


def find(quote: Any, text: str, complain: Complain) -> Json | None:
    """The span of a quote (`string`, `[string, n]` or gold's own) as gold's own, or None with a complaint."""
    words = quote if isinstance(quote, str) else quote["text"] if isinstance(quote, dict) else quote[0]
    starts = [m.start() for m in re.finditer(re.escape(words), text)]
    if not words or not starts:
        complain(f"not in the text: {words!r}")
    elif isinstance(quote, dict):
        return span(min(starts, key=lambda start: abs(start - quote["start"])), words)
    elif isinstance(quote, str):
        if len(starts) == 1:
            return span(starts[0], words)
        complain(f"occurs {len(starts)} times, say which with [string, n]: {words!r}")
    elif 1 <= quote[1] <= len(starts):
        return span(starts[quote[1] - 1], words)
    else:
        complain(f"has {len(starts)} occurrences, not {quote[1]}: {words!r}")
    return None


def span(start: int, words: str) -> Json:
    return {"start": start, "end": start + len(words), "text": words}


def check_stands(worded: str, text: str, complain: Complain) -> None:
    """Complain unless one of the wordings that `|` separates stands in the text, whatever its case."""
    if not any(wording and wording.casefold() in text.casefold() for wording in worded.split("|")):
        complain(f"no wording of {worded!r} stands in the text")


def days(iso: str) -> tuple[date, date]:
    """First and last day of an ISO year, month or day. Raises ValueError on anything else."""
    if not re.fullmatch(r"\d{4}(-\d\d){0,2}", iso):
        raise ValueError(iso)
    parts = [int(part) for part in iso.split("-")]
    if len(parts) == 3:
        return date(parts[0], parts[1], parts[2]), date(parts[0], parts[1], parts[2])
    if len(parts) == 2:
        return date(parts[0], parts[1], 1), date(parts[0], parts[1], calendar.monthrange(parts[0], parts[1])[1])
    return date(parts[0], 1, 1), date(parts[0], 12, 31)


def check_time(claim: Json, complain: Complain) -> None:
    start, end, precision = claim["start"], claim["end"], claim["time_precision"]
    try:
        if start and end and days(start)[0] > days(end)[1]:
            complain(f"starts after it ends: {start} .. {end}")
        for value in (start, end):
            if value:
                days(value)
    except (ValueError, TypeError):
        complain(f"not ISO days, months or years: {start!r} .. {end!r}")
    if precision not in ((1, 2, 3, 4) if start or end else (None,)):
        complain(f"time_precision {precision!r} with {start!r} .. {end!r}")


def gold_place(place: Json, text: str, complain: Complain) -> Json:
    if extra := place.keys() - PLACE_KEYS:
        complain(f"unknown keys in place: {sorted(extra)}")
    out = {"text": place.get("text", ""), "role": place.get("role", "at"), "name": place.get("name")}
    out |= {key: place.get(key) for key in ("country", "lat", "lon")}
    check_stands(out["text"], text, complain)
    if out["role"] not in ROLES:
        complain(f"unknown place role: {out['role']!r}")
    if not re.fullmatch("[A-Z]{2}", out["country"] or "XX"):
        complain(f"not an ISO country: {out['country']!r}")
    if (out["lat"] is None) != (out["lon"] is None) or abs(out["lat"] or 0) > 90 or abs(out["lon"] or 0) > 180:
        complain(f"not a point: {out['lat']}, {out['lon']}")
    return out


def gold_figure(figure: Json, text: str, complain: Complain) -> Json:
    if extra := figure.keys() - FIGURE_KEYS:
        complain(f"unknown keys in figure: {sorted(extra)}")
    low, high = figure.get("low"), figure.get("high")
    if figure.get("what") not in FIGURES:
        complain(f"unknown kind of figure: {figure.get('what')!r}")
    if (low is None and high is None) or any(n is not None and type(n) is not int for n in (low, high)):
        complain(f"a figure needs whole numbers: {low!r} .. {high!r}")
    elif low is not None and high is not None and not 0 <= low <= high:
        complain(f"not a range: {low} .. {high}")
    check_stands(figure.get("text", ""), text, complain)
    return {"what": figure.get("what"), "low": low, "high": high, "text": figure.get("text")} | (
        {"source": figure["source"]} if figure.get("source") else {}
    )


def gold_claim(claim: Json, text: str, complain: Complain) -> Json:
    """One claim in the gold format of the codebook's section 5, its keys complete and in that order."""
    if extra := claim.keys() - CLAIM_KEYS:
        complain(f"unknown keys: {sorted(extra)}")
    out: Json = {"type": claim.get("type"), "scope": claim.get("scope", "event")}
    out |= {"status": claim.get("status", "asserted"), "trigger": claim.get("trigger", "")}
    out["evidence"] = [found for quote in claim.get("evidence", []) if (found := find(quote, text, complain))]
    for key, known in (("type", TYPES), ("scope", SCOPES), ("status", STATUSES)):
        if out[key] not in known:
            complain(f"unknown {key}: {out[key]!r}")
    if out["type"] == "casualty_toll" and out["scope"] != "total":
        complain("a casualty_toll's scope is always total")
    if not out["evidence"]:
        complain("no evidence")
    check_stands(out["trigger"], "\n".join(quote["text"] for quote in out["evidence"]), complain)
    for slot in ("actors", "targets"):
        out[slot] = list(claim.get(slot, []))
    out["places"] = [gold_place(place, text, complain) for place in claim.get("places", [])]
    out |= {key: claim.get(key) for key in ("geo_precision", "start", "end", "time_precision")}
    if out["geo_precision"] not in ((1, 2, 3) if out["places"] else (None,)):
        complain(f"geo_precision {out['geo_precision']!r} with {len(out['places'])} places")
    check_time(out, complain)
    out["figures"] = [gold_figure(figure, text, complain) for figure in claim.get("figures", [])]
    out["sources"] = list(claim.get("sources", []))
    out["agreement"] = claim.get("agreement")
    for worded in (*out["actors"], *out["targets"], *out["sources"], *filter(None, [out["agreement"]])):
        check_stands(worded, text, complain)
    return out


def gold_report(report: Json, complain: Complain) -> Json:
    """One report in the gold format; its text is the given one without leading and trailing white space."""
    if extra := report.keys() - REPORT_KEYS:
        complain(f"unknown keys: {sorted(extra)}")
    out: Json = {key: report.get(key) for key in ("id", "outlet", "title", "published", "country")}
    out["text"] = text = str(report.get("text", "")).strip()
    if not out["id"] or not text:
        complain("no id or no text")
    try:
        if out["published"]:
            date.fromisoformat(out["published"])
    except ValueError:
        complain(f"published is not an ISO day: {out['published']!r}")
    claims = report.get("claims", [])
    out["relevant"] = bool(claims)
    out["furniture"] = [found for quote in report.get("furniture", []) if (found := find(quote, text, complain))]
    out["claims"] = [
        gold_claim(claim, text, within(f"claim {n} ({claim.get('type')})", complain))
        for n, claim in enumerate(claims, 1)
    ]
    for n, claim in enumerate(out["claims"], 1):
        for quote in claim["evidence"]:
            if any(quote["start"] < other["end"] and other["start"] < quote["end"] for other in out["furniture"]):
                complain(f"claim {n}: evidence in the furniture: {quote['text']!r}")
    return out | {"incident": report.get("incident"), "near_copy_of": list(report.get("near_copy_of", []))}


def load(path: Path) -> list[Json]:
    """The reports of one source file, as written. Raises ValueError or SyntaxError if it is not a literal list."""
    words = path.read_text(encoding="utf-8")
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in words.splitlines()]
    reports = json.loads(words) if path.suffix == ".json" else ast.literal_eval(words)
    if not isinstance(reports, list):
        raise ValueError(f"{path}: not a list of reports")  # noqa: TRY004
    return reports


def annotate(paths: list[Path]) -> tuple[list[Json], list[str]]:
    """Gold reports of all source files and the complaints about them (empty when all is well)."""
    gold: list[Json] = []
    complaints: list[str] = []
    for path in paths:
        for report in load(path):
            name = f"{path.name}: {report.get('id')}"
            if any(report.get("id") == other["id"] for other in gold):
                complaints.append(f"{name}: the id occurs twice")
            gold.append(gold_report(report, within(name, complaints.append)))
    return gold, complaints


def lines(gold: list[Json]) -> Iterator[str]:
    for report in gold:
        yield json.dumps(report, ensure_ascii=False) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", nargs="+", type=Path)
    parser.add_argument("-o", "--output", type=Path, help="gold JSON lines (default: standard output)")
    args = parser.parse_args()
    gold, complaints = annotate(args.source)
    if complaints:
        print(*complaints, f"{len(complaints)} errors, nothing written", sep="\n", file=sys.stderr)
        return 1
    if args.output:
        args.output.write_text("".join(lines(gold)), encoding="utf-8")
    else:
        sys.stdout.writelines(lines(gold))
    return 0


if __name__ == "__main__":
    sys.exit(main())
