"""JSON lines: one case a line, whole, with W3C Web Annotations that tie every value to its words.

A line holds all that the profile lets out, under the names of `mahdar.model` and `mahdar.publish.case`; `parse` makes the
case again, and rendering that gives the same line to the byte. `annotations` (https://www.w3.org/TR/annotation-model/)
repeat claims and spans as other tools read them: offsets count Unicode characters of the report's clean text, whose
SHA-256 is `text_sha256`. What was withheld or cut has no selector.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from mahdar.model import Claim, MahdarError, Words
from mahdar.publish.case import Case, Document
from mahdar.publish.redaction import Cleared
from mahdar.publish.tabular import Piece
from mahdar.record.rows import dump, load

AROUND = 32  # characters of the text before and after a quote, as the annotation model's examples have


def render(cases: Iterable[Cleared]) -> Iterator[Piece]:
    """One line a case."""
    for cleared in cases:
        notes = [note for claim in cleared.case.claims for note in annotated(claim, cleared.case)]
        body = dump(cleared.case, Case)
        yield "", f'{body[:-1]},"annotations":{dump(notes, Any)}}}\n'


def parse(lines: Iterable[str]) -> Iterator[Case]:
    """The cases of an export's lines. Raises MahdarError, with the line's number, for what is none."""
    for number, line in enumerate(lines, start=1):
        try:
            yield load(Case, line)
        except MahdarError as error:
            raise MahdarError(f"line {number} {error}") from error


def annotated(claim: Claim, case: Case) -> Iterator[dict[str, Any]]:
    """One annotation for each stretch of evidence and each value of a claim."""
    document = case.by_report.get(claim.report)
    told: list[tuple[str, str, Words]] = [("trigger", claim.type, claim.trigger)]
    told += [("evidence", claim.type, words) for words in claim.evidence]
    for slot, actors in (("actor", claim.actors), ("target", claim.targets), ("source", claim.sources)):
        told += [(slot, actor.name or actor.words.text, actor.words) for actor in actors]
    told += [(f"place {p.role}", p.name or p.words.text, p.words) for p in claim.places]
    told += [(f.what, _range(f.low, f.high), f.words) for f in claim.figures]
    if claim.time.words:
        told.append(("time", f"{claim.time.start or '..'}/{claim.time.end or '..'}", claim.time.words))  # EDTF
    if claim.agreement:
        told.append(("agreement", claim.agreement.text, claim.agreement))
    for number, (slot, value, words) in enumerate(told):
        if words.span.end:  # not NOWHERE
            yield {
                "type": "Annotation",
                "id": f"urn:mahdar:claim:{claim.id}:{number}",
                "motivation": "identifying",
                "body": {"type": "TextualBody", "purpose": slot, "value": value},
                "target": {"source": _source(claim, document), "selector": list(_selectors(words, document))},
            }


def _selectors(words: Words, document: Document | None) -> Iterator[dict[str, Any]]:
    start, end = words.span.start, words.span.end
    quote = {"type": "TextQuoteSelector", "exact": words.text}
    if document and document.text:
        quote |= {"prefix": document.text[max(0, start - AROUND) : start], "suffix": document.text[end : end + AROUND]}
    yield quote
    yield {"type": "TextPositionSelector", "start": start, "end": end}


def _source(claim: Claim, document: Document | None) -> str:
    return document.url if document and document.url else f"urn:mahdar:report:{claim.report}"


def _range(low: int | None, high: int | None) -> str:
    return str(low) if low == high else f"{'' if low is None else low}-{'' if high is None else high}"
