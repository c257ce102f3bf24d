"""A dossier: one incident or a query, laid out for people. As PDF/A by Typst, or as HTML in one file that needs no other.

What is claimed, by whom, the exact words with their hashes, origins, disagreements, agreements in force, the grade, a map
and a time line, method and limits. Both are made from the same contents; the same cases and day give the same bytes.
"""

from __future__ import annotations

import json
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import mahdar
from mahdar.model import Claim, MahdarError, Origin
from mahdar.publish import pictures, typeset
from mahdar.publish.case import UNDECIDED, Case
from mahdar.publish.geography import area_name, country_name, scene
from mahdar.publish.redaction import Cleared
from mahdar.publish.tabular import joined
from mahdar.publish.wording import ANCHOR, GEO_PRECISION, TIME_PRECISION, counted, interval, label

HERE = Path(__file__).parent
MOST = 200
"""Incidents in one dossier: nobody reads more, and a page a query of thousands is what tables are for."""
STATES = {UNDECIDED: "read by the program, not yet decided on", "accepted": "accepted by a person"} | {
    "edited": "corrected by a person",
    "rejected": "rejected by a person",
}


def pdf(cases: Iterable[Cleared], *, day: str, title: str | None = None) -> bytes:
    """The dossier as PDF/A-2b. `day` (ISO) is the date it bears. Raises MahdarError for no case, or more than `MOST`."""
    held, told = contents(cases, day, title)
    files = {"data.json": json.dumps(told, ensure_ascii=False)} | dict(_pictures(held))
    return typeset.pdf((HERE / "dossier.typ").read_text(encoding="utf-8"), files, day=day)


def html(cases: Iterable[Cleared], *, day: str, title: str | None = None) -> str:
    """The dossier as one HTML page: pictures inside, no script, no address that a browser would fetch."""
    from jinja2 import Environment, FileSystemLoader, select_autoescape
    from markupsafe import Markup

    held, told = contents(cases, day, title)
    drawn = {name: Markup(svg) for name, svg in _pictures(held)}  # our own drawing, its words escaped there
    pages = Environment(loader=FileSystemLoader(HERE), autoescape=select_autoescape(default=True), trim_blocks=True)
    return pages.get_template("dossier.html.j2").render(**told, pictures=drawn)


def contents(cases: Iterable[Cleared], day: str, title: str | None) -> tuple[list[Cleared], dict[str, Any]]:
    """The cases and all that the page says, as plain values; the template only lays it out."""
    held = list(islice(cases, MOST + 1))
    if not held:
        raise MahdarError("a dossier needs an incident: none was found")
    if len(held) > MOST:
        raise MahdarError(f"a dossier holds at most {MOST} incidents; narrow the query, or export a table")
    profile = held[0].profile
    withheld = sum(c.names_withheld for c in held)
    words = _words()
    return held, {
        "title": title or (_heading(held[0].case) if len(held) == 1 else f"{len(held)} incidents"),
        "many": len(held) > 1,
        "day": day,
        "version": mahdar.__version__,
        "profile": profile.name,
        "about": profile.about,
        "redaction": words["redaction"] if profile.withhold else "",
        "withheld": withheld,
        "method": words["method"],
        "limits": words["limits"],
        "incidents": [_incident(c, number) for number, c in enumerate(held)],
    }


def _pictures(cases: Sequence[Cleared]) -> list[tuple[str, str]]:
    drawn = []
    if len(cases) > 1:
        drawn.append(
            ("map.svg", pictures.draw_map(pictures.places(cases), title="Where it is claimed to have happened"))
        )
        drawn.append(("line.svg", pictures.draw_time_line(pictures.spans_of_many(cases))))
    for number, cleared in enumerate(cases):
        if (found := pictures.places([cleared])).marks:
            drawn.append((f"map-{number}.svg", pictures.draw_map(found, height=300)))
        drawn.append((f"line-{number}.svg", pictures.draw_time_line(pictures.spans_of(cleared.case))))
    return drawn


def _incident(cleared: Cleared, number: int) -> dict[str, Any]:
    case, one = cleared.case, cleared.case.incident
    place = scene(case)
    where = (
        joined([place.name or place.words.text, area_name(place.admin1), country_name(place.country)], ", ")
        if place
        else ""
    )
    facts = [
        ("What", f"{label(one.type)} ({one.status})"),
        ("When", f"{interval(one.time)}{_precision(one.time.precision, TIME_PRECISION)}"),
        ("Where", f"{where or 'not told'}{_precision(one.geo_precision, GEO_PRECISION)}"),
        ("Point", f"{place.lat}, {place.lon}" if place and place.lat is not None else ""),
        ("Said to have done it", joined(a.name or a.words.text for a in one.actors) or "not told"),
        ("To whom or what", joined(a.name or a.words.text for a in one.targets)),
        ("Harm claimed", joined(f"{f.what} {counted(f)}" for c in case.claims for f in c.figures)),
        (
            "Carried by",
            f"{_several(len(case.documents), 'report')}, {_several(len(one.origins), 'independent origin')}",
        ),
        ("Grade", joined(f"{g.grade} ({g.preset}: {', '.join(g.reasons)})" for g in one.grades)),
        ("Incident", one.id),
    ]
    return {
        "heading": _heading(case),
        "number": number,
        "has_map": bool(pictures.places([cleared]).marks),
        "facts": [fact for fact in facts if fact[1]],
        "claims": [_claim(claim, case) for claim in case.claims],
        "origins": [_origin(origin, case) for origin in one.origins],
        "disagreements": [
            {
                "field": d.field,
                "kind": {"dispute": "rival versions", "update": "a later figure", "denial": "a denial"}[d.kind],
                "versions": [
                    {"value": v.value, "by": joined(v.said_by, ", ") or "not told", "published": v.published or ""}
                    for v in d.versions
                ],
            }
            for d in one.disagreements
        ],
        "agreements": [
            {
                "name": a.name,
                "answer": {"yes": "in force", "no": "not in force", "unknown": "cannot be told"}[a.answer],
                "reason": a.reason,
                "violation": a.reported_violation.text if a.reported_violation else "",
                "within": {True: "an act that its terms forbid", False: "no act that its terms forbid", None: ""}[
                    a.within_terms
                ],
            }
            for a in one.agreements
            if a.answer == "yes" or a.reported_violation
        ],
        "untold": _several(
            sum(a.answer == "unknown" and not a.reported_violation for a in one.agreements), "more agreement"
        ),
        "reports": [
            {
                "id": d.id,
                "outlet": d.outlet or "outlet unknown",
                "published": d.published or "day unknown",
                "title": _directed(d.title or ""),
                "url": d.url or "",
                "retrieved": d.retrieved or "",
                "sha256": d.sha256 or "",
                "text_sha256": d.text_sha256 or "",
            }
            for d in case.documents
        ],
    }


def _claim(claim: Claim, case: Case) -> dict[str, Any]:
    document = case.by_report.get(claim.report)
    facts = [
        ("Who", joined(a.words.text for a in claim.actors)),
        ("To whom", joined(a.words.text for a in claim.targets)),
        ("When", f"{interval(claim.time)}{_anchored(claim)}"),
        ("Where", joined(p.words.text for p in claim.places)),
        ("How many", joined(f"{f.what} {counted(f)} (“{f.words.text}”)" for f in claim.figures)),
        ("Who says so", joined((s.words.text for s in claim.sources), " ← ")),
    ]
    return {
        "what": label(claim.type),
        "status": claim.status,
        "outlet": document.outlet or "outlet unknown" if document else "",
        "published": document.published or "" if document else "",
        "words": [
            {
                **_directed(w.text),
                "span": f"characters {w.span.start} to {w.span.end}" if w.span.end else "offsets withheld",
            }
            for w in claim.evidence
        ],
        "facts": [fact for fact in facts if fact[1]],
        "state": STATES[case.state(claim.id)],
        "id": claim.id,
    }


def _origin(origin: Origin, case: Case) -> dict[str, Any]:
    reports = [case.by_report[r] for r in origin.reports if r in case.by_report]
    return {
        "name": origin.name or "not told",
        "chain": " ← ".join(origin.chain),
        "reports": joined((f"{d.outlet or 'outlet unknown'}, {d.published or 'day unknown'}" for d in reports), "; "),
        "reasons": joined(origin.reasons),
    }


def _heading(case: Case) -> str:
    place = scene(case)
    where = place.name or place.words.text if place else ""
    return f"{label(case.incident.type)}{f', {where}' if where else ''}, {interval(case.incident.time)}"


def _directed(text: str) -> dict[str, Any]:
    """A text and whether it runs from right to left: as its first letter that has a direction does."""
    way = next((w for w in map(unicodedata.bidirectional, text) if w in ("L", "R", "AL")), "L")
    return {"text": " ".join(text.split()), "rtl": way != "L"}


def _anchored(claim: Claim) -> str:
    return f" ({ANCHOR[claim.time.anchor]})" if claim.time.anchor in ANCHOR else ""


def _precision(of: int | None, words: dict[int, str]) -> str:
    return f"; {words[of]}" if of in words else ""


def _several(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads((HERE / "dossier.toml").read_text(encoding="utf-8"))
