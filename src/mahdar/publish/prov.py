"""PROV-JSON (https://www.w3.org/submissions/prov-json/): how each incident came about, one bundle an incident.

archived report (published by an outlet) -> clean text -> claims, by a reading of a reader version -> the incident, by
linking. People's decisions are told of as an activity; who decided is not.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import Any

from mahdar.publish.case import UNDECIDED, Case
from mahdar.publish.redaction import Cleared
from mahdar.publish.tabular import Piece
from mahdar.record.rows import dump

PREFIXES = {"mahdar": "urn:mahdar:", "report": "urn:mahdar:report:", "text": "urn:mahdar:text:"} | {
    kind: f"urn:mahdar:{kind}:" for kind in ("claim", "incident", "reading", "linking", "decision", "agent", "bundle")
}
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")

Relation = tuple[str, dict[str, Any]]


def render(cases: Iterable[Cleared]) -> Iterator[Piece]:
    """One PROV document, a bundle at a time."""
    yield "", f'{{"prefix": {dump(PREFIXES, Any)}, "bundle": {{'
    between = "\n"
    for cleared in cases:
        name, bundle = _bundle(cleared.case)
        yield "", f"{between}{dump(name, Any)}: {dump(bundle, Any)}"
        between = ",\n"
    yield "", "\n}}\n"


def _bundle(case: Case) -> tuple[str, dict[str, Any]]:
    incident = _name("incident", case.incident.id)
    entities: dict[str, dict[str, Any]] = {
        incident: {"prov:type": "mahdar:Incident", "mahdar:type": case.incident.type}
    }
    activities: dict[str, dict[str, Any]] = {}
    agents: dict[str, dict[str, Any]] = {}
    relations: list[Relation] = []
    reader = _name("agent", case.reader or "reader")
    agents[reader] = {
        "prov:type": _qualified("prov:SoftwareAgent"),
        "prov:label": case.reader,
    }
    for document in case.documents:
        report, text = _name("report", document.id), _name("text", document.id)
        facts = {
            "prov:label": document.title,
            "mahdar:url": document.url,
            "mahdar:published": document.published,
            "mahdar:retrieved": document.retrieved,
            "mahdar:sha256": document.sha256,
        }
        entities[report] = {"prov:type": "mahdar:Report"} | {k: v for k, v in facts.items() if v}
        entities[text] = {"prov:type": "mahdar:Text"} | (
            {"mahdar:sha256": document.text_sha256} if document.text_sha256 else {}
        )
        relations.append(("wasDerivedFrom", {"prov:generatedEntity": text, "prov:usedEntity": report}))
        if document.outlet:
            outlet = _name("agent", document.outlet)
            agents[outlet] = {"prov:type": _qualified("prov:Organization"), "prov:label": document.outlet}
            relations.append(("wasAttributedTo", {"prov:entity": report, "prov:agent": outlet}))
    linking = _name("linking", case.incident.id)
    activities[linking] = {"prov:type": "mahdar:Linking"}
    relations.append(("wasGeneratedBy", {"prov:entity": incident, "prov:activity": linking}))
    for claim in case.claims:
        entity, read = _name("claim", claim.id), _name("text", claim.report)
        reading = _name("reading", claim.report)
        spans = [f"{w.span.start}-{w.span.end}" for w in claim.evidence if w.span.end]
        entities[entity] = {"prov:type": "mahdar:Claim", "mahdar:type": claim.type, "mahdar:status": claim.status}
        entities[entity] |= {"mahdar:evidence": spans} if spans else {}
        entities.setdefault(read, {"prov:type": "mahdar:Text"})
        if reading not in activities:
            activities[reading] = {"prov:type": "mahdar:Reading"}
            relations.append(("wasAssociatedWith", {"prov:activity": reading, "prov:agent": reader}))
            relations.append(("used", {"prov:activity": reading, "prov:entity": read}))
        relations.append(("wasGeneratedBy", {"prov:entity": entity, "prov:activity": reading}))
        relations.append(("used", {"prov:activity": linking, "prov:entity": entity}))
        relations.append(("wasDerivedFrom", {"prov:generatedEntity": incident, "prov:usedEntity": entity}))
        state = case.state(claim.id)
        if state != UNDECIDED:
            decision = _name("decision", claim.id)
            activities[decision] = {"prov:type": "mahdar:Decision", "mahdar:outcome": state}
            relations.append(("used", {"prov:activity": decision, "prov:entity": entity}))
    bundle: dict[str, Any] = {"prefix": PREFIXES, "entity": entities, "activity": activities, "agent": agents}
    for number, (kind, ends) in enumerate(relations):
        bundle.setdefault(kind, {})[f"_:r{number}"] = ends
    return _name("bundle", case.incident.id), bundle


def _qualified(name: str) -> dict[str, str]:
    return {"$": name, "type": "prov:QUALIFIED_NAME"}


def _name(kind: str, id: str) -> str:
    """A qualified name; an id that cannot be one's local part stands by its hash."""
    return f"{kind}:{id if _PLAIN.fullmatch(id) else hashlib.sha256(id.encode()).hexdigest()[:16]}"
