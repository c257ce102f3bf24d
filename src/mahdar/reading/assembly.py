"""Mentions -> claims: score, merge, fill the slots, resolve who and where, decide what is sure enough to be shown."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Literal

from mahdar.agreements import NamedAgreement
from mahdar.codebook import EVENT_TYPES
from mahdar.model import Actor, Claim, Place, PlaceRole, Scope, Span, Status, Step, Time, Words
from mahdar.reading.context import Context
from mahdar.reading.counts import figures as figures_of
from mahdar.reading.dating import when
from mahdar.reading.encoder import Encoder
from mahdar.reading.fillers import Filler, keep
from mahdar.reading.labels import PLACE_ROLES, STATUSES
from mahdar.reading.mentions import Mention, logit
from mahdar.reading.merging import Links, group
from mahdar.reading.scoring import Scores
from mahdar.reading.wording import alike, covers, words
from mahdar.where import Toponym

ActorRole = Literal["actor", "target", "source"]
_ACTOR_ROLES: tuple[ActorRole, ...] = ("actor", "target", "source")
GENERAL = (
    0.35  # what the chance of a general type counts beside a specific one's: .25 to .5 do best on snippets of one type
)
# "Telm in Orvan province", "Telm, Orvan": the second name holds the first.
_WITHIN = re.compile(r"(?:\s+\w+){0,2},?\s+(?:in|of)\s+(?:[\w’'-]+\s+){0,5}", re.I)
_TAKING = ("government_regains_territory", "non_state_actor_overtakes_territory")
_NO_TOTAL = frozenset({"agreement", "ceasefire_violation"})


def assemble(mentions: Sequence[Mention], context: Context, scores: Scores, encoder: Encoder | None) -> list[Claim]:
    """The claims of one report, in order of their first evidence."""
    likely = choose(mentions, scores)
    context.mentions = likely
    link = Links(context, encoder, scores["pair"])
    drafts = group(likely, link, scores.bars["pair"])
    sure = {id(d): scores["claim"](claim_features(d, drafts, link)) for d in drafts}
    shown = [d for d in drafts if sure[id(d)] >= scores.bars["claim"]]
    whole = _with_details(shown, [d for d in drafts if sure[id(d)] < scores.bars["claim"]], link, scores.bars["detail"])
    out = [_claim(w, sure[id(d)], context, scores) for d, w in zip(shown, whole, strict=True)]
    return sorted(out, key=lambda c: (c.evidence[0].span, c.trigger.span, c.type))


def _with_details(
    shown: Sequence[list[Mention]],
    doubtful: Sequence[list[Mention]],
    link: Links,
    bar: float,
) -> list[list[Mention]]:
    """What is no claim of its own may be a detail of one ("they were reported to have taken the goods to …")."""
    out = [list(d) for d in shown]
    for detail in doubtful:
        chances = [_link(detail, d, link) if d[0].type == detail[0].type else 0.0 for d in shown]
        best = max(range(len(shown)), key=chances.__getitem__, default=None)
        if best is not None and chances[best] >= bar:
            out[best] += detail
    return [sorted(w, key=lambda m: m.trigger) for w in out]


def _link(a: Sequence[Mention], b: Sequence[Mention], link: Links) -> float:
    """Chance that two groups tell of one event: that of their likeliest pair."""
    return max(link(x, y) for x in a for y in b)


def choose(mentions: Sequence[Mention], scores: Scores) -> list[Mention]:
    """The mentions that are likely enough, their scores set. Needs no slots, so that only these need be filled."""
    for m in mentions:
        m.score = scores["mention"]({**m.features, f"type:{m.type}": 1.0})
    likely = [m for m in mentions if m.score >= scores.bars["mention"]]
    return _one_type_a_trigger(likely, scores.bars["both"])


def meant(code: str, chance: float) -> float:
    """The chance of a type beside others of the same words: the most specific means is meant (codebook, section 4)."""
    return GENERAL * chance if EVENT_TYPES[code].general else chance


def _one_type_a_trigger(mentions: list[Mention], both: float) -> list[Mention]:
    """Two types on one trigger are one event read twice, unless both are sure."""
    kept: list[Mention] = []
    for m in sorted(mentions, key=lambda m: -meant(m.type, m.score)):
        rival = any(k.sentence == m.sentence and k.trigger.overlaps(m.trigger) for k in kept)
        if not rival or m.score >= both:
            kept.append(m)
    return sorted(kept, key=lambda m: (m.trigger, m.type))


def claim_features(draft: Sequence[Mention], drafts: Sequence[Sequence[Mention]], link: Links) -> dict[str, float]:
    """What speaks for and against showing a group of mentions as a claim of its own: how sure the mentions are, what else
    their sentences may tell, and whether it is but a part of another group (by `link`)."""
    best = _best(draft)
    rest = 1.0
    for m in draft:
        rest *= 1 - m.score
    here = {m.sentence for m in draft}
    beside = [
        _best([x for x in d if x.sentence in here])
        for d in drafts
        if d is not draft and any(x.sentence in here for x in d)
    ]
    rival = max(beside, key=lambda m: m.score, default=None)
    twins = [link(best, _best(d)) for d in drafts if _is_twin(d, draft)]
    out = {
        "best": logit(best.score),
        "any": logit(1 - rest),
        "restated": float(len(draft) > 1),
        "often": float(len(draft) > 3),
        "rival": logit(rival.score if rival else 0.05),
        "twin": float(bool(twins)),
        "twin_link": max(twins, default=0.0),
        "report_top": best.features.get("report_top", 0.0),
        "report_share": best.features.get("report_share", 0.0),
        "early": best.features.get("early", 0.0),
        "factual": best.features.get("factual", 0.0),
        "total": max(m.total for m in draft),
        "asserted": sum(m.statuses.get("asserted", 0.0) for m in draft) / len(draft),
        f"type:{best.type}": 1.0,
    }
    if rival is not None:
        out["under"] = float(rival.score > best.score)
        out[f"under:{best.type}"] = out["under"]
        out[f"beside:{rival.type}"] = 1.0
    for role in ("actor", "target", "killed", "injured", "time", "source"):
        out[f"has_{role}"] = max((r.probability for m in draft for r in m.options(role)), default=0.0)
    out["has_place"] = max((r.probability for m in draft for p in PLACE_ROLES for r in m.options(p)), default=0.0)
    return out


def _best(mentions: Sequence[Mention]) -> Mention:
    return max(mentions, key=lambda m: m.score)


def _is_twin(other: Sequence[Mention], draft: Sequence[Mention]) -> bool:
    """A surer group of the same type."""
    return other is not draft and other[0].type == draft[0].type and _best(other).score > _best(draft).score


def _claim(draft: Sequence[Mention], confidence: float, context: Context, scores: Scores) -> Claim:
    report, text = context.report, context.text
    best = max(draft, key=lambda m: m.score)
    code = best.type
    steps: list[Step] = []
    for m in draft:
        said = report.words(m.trigger.start, m.trigger.end)
        steps.append(Step("trigger", "type", m.type, said, f"{m.score:.2f} that it is a claim of this type"))
    evidence = tuple(
        report.words(context.sentences[i].start, context.sentences[i].end) for i in sorted({m.sentence for m in draft})
    )
    total = code == "casualty_toll" or (
        code not in _NO_TOTAL and sum(m.total for m in draft) / len(draft) > scores.bars["total"]
    )
    scope: Scope = "total" if total else "event"
    status = _status(draft)
    kept = {role: keep(draft, role, context, scores) for role in ("actor", "target", "source", *PLACE_ROLES)}
    _take_sides(kept, context.text)
    time = when(draft, context, scores)
    focus = context.places.focus
    day = time.end or context.published
    places = _places(kept, context)
    country = next((p.country for p in places if p.country), focus)
    fields: dict[str, tuple[Actor, ...]] = {
        role: tuple(_actor(f, role, context, country, day) for f in kept[role]) for role in _ACTOR_ROLES
    }
    code = _taker(code, fields["actor"], country, day, context)
    figures = tuple(figures_of(draft, context, scores))
    agreed = keep(draft, "agreement", context, scores)
    agreement = report.words(*_ends(agreed[0].shown(text))) if agreed else None
    meant = _meant(agreement, code, evidence, context)
    precisions = [p.precision for p in places if p.precision]
    for role in ("actor", "target", "source", "place"):
        filled: tuple[Actor | Place, ...] = places if role == "place" else fields[role]
        for x in filled:
            steps.append(Step("roles", role, x.words.text, x.words, f"{x.confidence:.2f}"))
    if meant:
        said = report.words(meant.start, meant.end)
        steps.append(
            Step("agreements", "agreement", meant.agreement.id, said, f"{meant.agreement.name}: by {meant.how}")
        )
    steps.append(_time_step(time))
    steps += [Step("figures", f.what, f"{f.low}..{f.high}", f.words, f"{f.confidence:.2f}") for f in figures]
    if len(draft) > 1:
        steps.append(Step("assembly", "evidence", f"{len(draft)} mentions of one event", None))
    key = f"{report.id}|{code}|{status}|{evidence[0].span.start}|{best.trigger.start}"
    return Claim(
        id=hashlib.sha256(key.encode()).hexdigest()[:16],
        report=report.id,
        type=code,
        scope=scope,
        status=status,
        trigger=report.words(best.trigger.start, best.trigger.end),
        evidence=evidence,
        actors=fields["actor"],
        targets=fields["target"],
        places=places,
        geo_precision=max(precisions) if precisions else None,
        time=time,
        figures=figures,
        sources=fields["source"],
        agreement=agreement,
        confidence=confidence,
        steps=tuple(steps),
        agreement_id=meant.agreement.id if meant else None,
    )


def _meant(agreement: Words | None, code: str, evidence: Sequence[Words], context: Context) -> NamedAgreement | None:
    """The register's agreement that a claim speaks of: by its words for it, or that its evidence says was made."""
    if agreement is not None:
        return context.agreement_over(agreement.span)
    if code != "agreement":
        return None
    return next((n for w in evidence if (n := context.agreement_over(w.span))), None)


def _ends(span: Span) -> tuple[int, int]:
    return span.start, span.end


def _taker(code: str, actors: Sequence[Actor], country: str | None, day: str | None, context: Context) -> str:
    """Who takes a place decides between the two territory types (codebook, section 4): the state and its allies, or others."""
    if code not in _TAKING or country is None:
        return code
    for actor in sorted(actors, key=lambda a: -a.confidence):
        side = context.register.side(actor.actor_id, country, day) if actor.actor_id else None
        if side:
            return _TAKING[0] if side in ("state", "state_ally") else _TAKING[1]
    return code


def _take_sides(kept: dict[str, list[Filler]], text: str) -> None:
    """Nobody does a thing to himself: who is both actor and target (1 in 300 annotated) is what he is more surely."""
    said = {id(f): text[f.shown(text).start : f.shown(text).end] for f in kept["actor"] + kept["target"]}
    for actor in list(kept["actor"]):
        for target in list(kept["target"]):
            if _is_same_party(said[id(actor)], said[id(target)]):
                role, less = ("actor", actor) if actor.confidence < target.confidence else ("target", target)
                kept[role] = [f for f in kept[role] if f is not less]


def _is_same_party(a: str, b: str) -> bool:
    """Whether wordings mean one party: "Israeli soldiers" and "Israeli civilians" do not, though half of their words agree."""
    return alike(a, b) and (words(a)[-1] == words(b)[-1] or covers(a, b) or covers(b, a))


def _status(draft: Sequence[Mention]) -> Status:
    mean = {s: sum(m.statuses.get(s, 0.0) * m.score for m in draft) for s in STATUSES}
    return max(STATUSES, key=lambda s: mean[s])


def _time_step(time: Time) -> Step:
    if time.words:
        return Step("when", "time", f"{time.start}..{time.end}", time.words, f"anchored to {time.anchor}")
    if time.anchor == "publication":
        return Step("when", "time", f"..{time.end}", None, "no time given and news of the day: the publication date")
    return Step("when", "time", "unknown", None, "no time given and background, or no publication date")


def _actor(filler: Filler, role: ActorRole, context: Context, country: str | None, day: str | None) -> Actor:
    span = filler.shown(context.text)
    said = context.report.words(span.start, span.end)
    match = context.register.resolve(
        said.text, country=country, day=day or context.published, focus=sorted(context.places.countries), role=role
    )
    if match is None:
        return Actor(said, confidence=filler.confidence)
    return Actor(said, match.actor.id, match.actor.name, match.actor.kind, filler.confidence)


def _places(kept: dict[str, list[Filler]], context: Context) -> tuple[Place, ...]:
    """One place stands once in an event: where people came from or went to rather than where it was; else where it is surest."""
    out: list[Place] = []
    taken: list[tuple[Filler, Toponym]] = []
    order = [(role, f) for role in PLACE_ROLES for f in kept[role]]
    order.sort(key=lambda x: (x[0] == "at", -x[1].confidence))
    found: dict[PlaceRole, list[tuple[Filler, Toponym]]] = {role: [] for role in PLACE_ROLES}
    for role, f in order:
        t = context.place_over(f.shown(context.text))
        if not any(_is_one(t, other) for _, other in taken):
            taken.append((f, t))
            found[role].append((f, t))
    for role in PLACE_ROLES:
        there = sorted(found[role], key=lambda x: x[1].start)
        finest = [x for x in there if not _holds_another(x[1], [t for _, t in there], context.text)]
        out += [_place(f, t, role, context) for f, t in finest]
    return tuple(out)


def _is_one(a: Toponym, b: Toponym) -> bool:
    """The same words, or words for the same place."""
    return (a.start < b.end and b.start < a.end) or (
        a.place is not None and b.place is not None and a.place.ref == b.place.ref and a.part == b.part
    )


def _holds_another(t: Toponym, others: Sequence[Toponym], text: str) -> bool:
    """Only the finest place is listed: a country or province that holds another place of the claim goes."""
    for o in others:
        if o is t:
            continue
        if t.place is not None and o.place is not None and o.place.ref != t.place.ref and t.place.holds(o.place):
            return True
        if t.kind == "country" and o.kind != "country":
            return True
        if o.end <= t.start and _WITHIN.fullmatch(text, o.end, t.start):
            return True
        wider = t.place is not None and t.place.is_area and not (o.place is not None and o.place.is_area)
        if wider and o.end <= t.start and text[o.end : t.start].strip() == ",":
            return True
    return False


def _place(filler: Filler, t: Toponym, role: PlaceRole, context: Context) -> Place:
    span = filler.shown(context.text)
    words = Words(span, context.text[span.start : span.end])
    if t.place is None:
        return Place(words, role, reason=t.reason, candidates=t.candidates, confidence=filler.confidence)
    return Place(
        words,
        role,
        name=t.place.name,
        country=t.place.country or None,
        lat=t.lat,
        lon=t.lon,
        kind=t.place.kind,
        gazetteer_id=t.place.ref,
        admin1=t.place.admin1 or None,
        admin2=t.place.admin2 or None,
        precision=t.precision,
        candidates=t.candidates,
        confidence=filler.confidence,
    )
