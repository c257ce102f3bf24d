"""The words of mahdar as frozen types: Span, Report, Claim and what fills its slots, Incident and what is said of it.

One meaning each, in code, pages and columns. Nothing here reads or resolves anything; a type only keeps its own invariants.
Offsets are Python character offsets into the report's clean text; days are ISO strings (`2020-04-02`, `2018-09`, `2017`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Status = Literal["asserted", "denied", "intended", "uncertain"]
Scope = Literal["event", "total"]
PlaceRole = Literal["at", "from", "to"]
FigureKind = Literal["killed", "injured", "displaced", "detained", "abducted", "returned", "homes", "other"]


class MahdarError(Exception):
    """Bad input, told in one sentence that names the file and the reason. The command line prints it and exits with 2."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch `start <= offset < end` of a report's clean text."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"not a span: {self.start}..{self.end}")

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Words:
    """A span together with its text: `report.text[span.start:span.end] == text`."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Caption:
    """A photo caption: its span (credit left out) and the credit as worded (`Name – Agency`), if any."""

    span: Span
    credit: Words | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """One published item. `furniture` is what stands on the page but is not the report; it never yields a claim.

    `published` is an ISO day or None; `name` is what the user calls the input (file name, URL, line), for messages.
    """

    id: str
    text: str
    title: str | None = None
    outlet: str | None = None
    published: str | None = None
    country: str | None = None
    furniture: tuple[Span, ...] = ()
    captions: tuple[Caption, ...] = ()
    name: str = ""

    def words(self, start: int, end: int) -> Words:
        return Words(Span(start, end), self.text[start:end])


@dataclass(frozen=True, slots=True)
class Actor:
    """An actor, target or source as worded, with the register entry it resolves to, if any.

    `inferred_from` says what the words stand for when they are not in the claim's own evidence (an earlier sentence).
    """

    words: Words
    actor_id: str | None = None
    name: str | None = None
    kind: str | None = None
    confidence: float = 1.0
    inferred_from: str | None = None


@dataclass(frozen=True, slots=True)
class PlaceCandidate:
    """A gazetteer entry a place name may mean, with its score by context (higher is likelier)."""

    name: str
    country: str | None
    lat: float | None
    lon: float | None
    kind: str
    gazetteer_id: str
    score: float


@dataclass(frozen=True, slots=True)
class Place:
    """A place of a claim: words, role and what they resolve to. Unresolved places say why in `reason`.

    `admin1` and `admin2` are the GeoNames codes (`SY.12`) of the first and second-level areas it lies in, where known.
    """

    words: Words
    role: PlaceRole = "at"
    name: str | None = None
    country: str | None = None
    lat: float | None = None
    lon: float | None = None
    kind: str | None = None
    gazetteer_id: str | None = None
    admin1: str | None = None
    admin2: str | None = None
    precision: int | None = None
    reason: str | None = None
    candidates: tuple[PlaceCandidate, ...] = ()
    confidence: float = 1.0
    inferred_from: str | None = None


@dataclass(frozen=True, slots=True)
class Time:
    """When: ISO `start` and `end` (either may be None), `precision` 1 day, 2 week, 3 month, 4 year or longer.

    `anchor` says what the interval was computed from: `text` (absolute), `publication`, `story`, `agreement`.
    """

    start: str | None = None
    end: str | None = None
    precision: int | None = None
    words: Words | None = None
    anchor: str | None = None
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Figure:
    """How many, as a range: `low` or `high` is None where the words leave that side open."""

    what: FigureKind
    low: int | None
    high: int | None
    words: Words
    source: str | None = None
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the explanation of a claim: which stage decided what, on which words."""

    stage: str
    slot: str
    value: str
    words: Words | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """What one report asserts of one event (the codebook's section 1).

    `agreement` are the report's words, `agreement_id` the entry of the register of agreements they mean, if any.
    """

    id: str
    report: str
    type: str
    scope: Scope
    status: Status
    trigger: Words
    evidence: tuple[Words, ...]
    actors: tuple[Actor, ...] = ()
    targets: tuple[Actor, ...] = ()
    places: tuple[Place, ...] = ()
    geo_precision: int | None = None
    time: Time = field(default_factory=Time)
    figures: tuple[Figure, ...] = ()
    sources: tuple[Actor, ...] = ()
    agreement: Words | None = None
    confidence: float = 1.0
    steps: tuple[Step, ...] = ()
    agreement_id: str | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """A standing relation between actors that the report states; not a claim."""

    subject: Words
    relation: Literal["supports", "opposes", "part_of"]
    object: Words
    evidence: Words


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reader version read in one report. `unread` is the rest of a report too long to be read whole."""

    report: Report
    claims: tuple[Claim, ...]
    relations: tuple[Relation, ...] = ()
    reader: str = ""
    unread: Span | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where claims ultimately come from: all reports that carry one story. `chain` runs from the first teller outwards.

    `name` is how a reader is told ("Anadolu Agency ← local sources"); `copies` are near-copies among `reports`;
    `reasons` say why those reports are one origin ("rep-2 repeats rep-1 (0.83 of its words)", "both credit Reuters").
    """

    id: str
    name: str
    chain: tuple[str, ...]
    reports: tuple[str, ...]
    copies: tuple[tuple[str, str], ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one feature of a link added to its score (log odds): the bars of a waterfall, bias first."""

    feature: str
    value: float
    contribution: float
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Why two claims are held to be of one event: `score` is a probability, `contributions` sum to its log odds."""

    left: str
    right: str
    score: float
    contributions: tuple[Contribution, ...] = ()
    decided: bool = False


@dataclass(frozen=True, slots=True)
class Version:
    """One side of a disagreement: a value, the claims that hold it, who says it and when it was published."""

    value: str
    claims: tuple[str, ...]
    said_by: tuple[str, ...]
    published: str | None = None


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A field on which an incident's claims differ. `update`: a later, higher toll; `dispute`: rival versions."""

    field: str
    kind: Literal["dispute", "update", "denial"]
    versions: tuple[Version, ...]


@dataclass(frozen=True, slots=True)
class Grade:
    """How well an incident is carried, by a stated rule (`preset`), with the reasons in words."""

    preset: str
    grade: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InForce:
    """Was an agreement in force for these parties at that place on those days? `reason` says why or why not told.

    `reported_violation`: a source says it was a breach (its words). `within_terms`: we compute that such an act falls
    within what the agreement forbids; None where it cannot be told.
    """

    agreement: str
    name: str
    answer: Literal["yes", "no", "unknown"]
    reason: str
    reported_violation: Words | None = None
    within_terms: bool | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """The event in the world that claims of one or more reports describe. Slots hold the finest value; all versions stay
    in the claims and `disagreements`. `claims` and `reports` are ids, first published first; `recalled` are those
    claims that only recall the event later."""

    id: str
    type: str
    status: Status
    claims: tuple[str, ...]
    reports: tuple[str, ...]
    recalled: tuple[str, ...] = ()
    actors: tuple[Actor, ...] = ()
    targets: tuple[Actor, ...] = ()
    places: tuple[Place, ...] = ()
    geo_precision: int | None = None
    time: Time = field(default_factory=Time)
    figures: tuple[Figure, ...] = ()
    origins: tuple[Origin, ...] = ()
    links: tuple[Link, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    grades: tuple[Grade, ...] = ()
    agreements: tuple[InForce, ...] = ()
