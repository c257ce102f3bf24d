"""Which of a sentence's places the event of a verb happened at, if any.

    found = place_names(text, sentence)             # or the report's own toponyms
    at = choose(text, sentence, trigger, found)     # index into `found`; None: at none of them

"At" leaves out where somebody came from or went, whose nationality or government a name stands for, and the places of other
verbs. Two small models, both in `data/event_place.json` and fitted by `training/event_place.py`: a linear one over words
(preposition, noun, verb, what stands between), and over its scores and the layout of the sentence (distance, commas, other
verbs, other places) a boosted ensemble of shallow trees. Pure: a text and its spans give the same answer everywhere.
"""

from __future__ import annotations

import json
import math
import re
import tomllib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mahdar.where.gazetteer import Gazetteer, Match
from mahdar.where.lexicon import DATA, kind_words, nationalities, priors, weights, words
from mahdar.where.names import normalise
from mahdar.where.places import shipped
from mahdar.where.scan import Scan

Span = tuple[int, int]

_TOKEN = re.compile(r"[^\W_]+(?:['’‘`ʼ-](?!s\b)[^\W_]+)*|['’]s\b|[^\w\s]")
_VERB_END = re.compile(r"[a-z]{2,}(?:ed|ing)$")
_TOGETHER = 0.7  # of 0.5 to 1, what loses least of the one choice and the several in cross-validation
_FAR = 40  # tokens; beyond it distance says nothing more
_LIKELY = 0.2  # the recogniser's bar for a candidate: a wrong one costs less here than a lost one


def place_names(text: str, sentence: Span, gazetteer: Gazetteer | None = None) -> list[Span]:
    """The spans of a sentence that may be place names, in text order: what the gazetteer's recogniser finds, and
    capitalised names that their surroundings make places ("the village of X", "in X", "X district") though it lacks them."""
    start, end = sentence
    scan = Scan(text[start:end], gazetteer or shipped(), weights("recognise"), _LIKELY)
    found: list[Span] = []
    for spot in scan.spots:
        if spot.adjective:
            continue
        first, last = start + spot.start, start + spot.end
        if found and text[found[-1][1] : first] == " ":
            first = found.pop()[0]  # two halves of one name
        found.append((first, last))
    tokens = _tokens(text, start, end)
    low = [t.low for t in tokens]
    for first, last in _runs(tokens):
        span = tokens[first].start, tokens[last].end
        overlapping = [f for f in found if f[0] < span[1] and span[0] < f[1]]
        if not overlapping and _may_be_place(low, first, last):
            found.append(span)
    return sorted(found)


def rank_places(text: str, sentence: Span, trigger: Span, candidates: Sequence[Span]) -> list[float]:
    """For each candidate span the probability (0 to 1) that the event of the verb or noun `trigger` happened there.

    All spans are offsets into `text`; trigger and candidates should lie within `sentence`. The probabilities do not sum to
    one: two places of one event may both be likely, and of a sentence without its place none is.
    """
    model = _model()
    found = sentence_features(text, sentence, trigger, candidates)
    if not found:
        return [0.0] * len(candidates)
    linear = [model.linear(f.strings) for f in found]
    rows = [layout(f, linear, i) for i, f in enumerate(found)]
    return [_sigmoid(total) for total in model.boosted(rows)]


def choose(text: str, sentence: Span, trigger: Span, candidates: Sequence[Span]) -> int | None:
    """The index of the candidate the event happened at; None where their evidence stays below the fitted bar."""
    ranked = rank_places(text, sentence, trigger, candidates)
    best = max(range(len(ranked)), key=ranked.__getitem__, default=None)
    return best if evidence(ranked) >= _model().bar else None


def evidence(probabilities: Sequence[float]) -> float:
    """How much the candidates together speak for the sentence saying where: two fair ones say more than one good one."""
    return math.fsum(p**_TOGETHER for p in probabilities)


# -- names --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    text: str
    low: str
    capital: bool


def _tokens(text: str, start: int, end: int) -> list[_Token]:
    out = []
    for m in _TOKEN.finditer(text, start, end):
        word = m.group()
        low = "'s" if word in ("s", "’s") else word.lower()  # a lone "s" has lost its apostrophe on the way
        out.append(_Token(m.start(), m.end(), word, low, word.lstrip("‘’'`ʼ")[:1].isupper()))
    return out


def _runs(tokens: list[_Token]) -> Iterator[Span]:
    """First and last token of each run of capitalised words, with "al-", "of", "bin" inside a name."""
    inside = words("joints", "inside")
    skip = listed("function") | words("time", "months") | nationalities().keys()
    i, n = 0, len(tokens)
    while i < n:
        token = tokens[i]
        named = token.capital or re.match(r"(?:[a-z]{2,3}|[‘’ʼ])[-'’‘](?=[A-Z])", token.text)
        if not named or token.low in skip:
            i += 1
            continue
        j = i
        while j + 1 < n:
            following = tokens[j + 1]
            if following.capital and following.low not in words("time", "months"):
                j += 1
            elif (
                following.low in inside
                and following.low not in ("and", "on", "at", "as")
                and j + 2 < n
                and tokens[j + 2].capital
            ):
                j += 2
            else:
                break
        yield i, j
        i = j + 1


def _may_be_place(low: list[str], first: int, last: int) -> bool:
    kinds = _kinds()
    title = first and low[first - 1] in words("people", "titles")
    if title or low[first] in words("people", "titles") or low[last] in words("bodies", "tails"):
        return False
    following = low[last + 1] if last + 1 < len(low) else ""
    if low[last] in kinds or low[first] in kinds or following in kinds:
        return True
    preposition, _, noun = _head(low, first)
    return noun in kinds or (not noun and preposition in listed("locating"))


# -- features -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Features:
    """One candidate: words for the linear model, numbers for the trees."""

    strings: tuple[str, ...]
    numbers: dict[str, float]


def sentence_features(text: str, sentence: Span, trigger: Span, candidates: Sequence[Span]) -> list[Features]:
    """The features of every candidate, in their order; none at all of a sentence without a word."""
    tokens = _tokens(text, *sentence)
    low = [t.low for t in tokens]
    starts, ends = [t.start for t in tokens], [t.end for t in tokens]

    def reach(span: Span) -> Span:
        """The tokens a span touches."""
        first = min(max(bisect_right(ends, span[0]), 0), max(len(tokens) - 1, 0))
        return first, max(first, bisect_left(starts, span[1]) - 1)

    if not tokens:
        return []
    verb = reach(trigger)
    reached = [reach(c) for c in candidates]
    return [_features(text, tokens, low, verb, reached, i) for i in range(len(reached))]


def _head(low: list[str], first: int) -> tuple[str, int, str]:
    """The preposition that governs the name at token `first`, where it stands (-1: none), and the noun before "of"
    ("in the northern town of X": in, town)."""
    prepositions, event = listed("prepositions"), listed("stops")
    noun = ""
    for back in range(1, 9):
        at = first - back
        if at < 0:
            return "^", -1, noun
        word = low[at]
        if word == "of" and back < 5 and not noun:
            noun = low[at - 1] if at else ""
        elif word in prepositions:
            return word, at, noun
        elif word in event or not (word[0].isalnum() or word in "-'’"):
            return ("," if not word[0].isalnum() else word), -1, noun
        elif (_is_verb(word) and back > 1) or word in listed("verbs"):
            return "=", at, noun
    return "?", -1, noun


@lru_cache(maxsize=1 << 14)
def _is_verb(word: str) -> bool:
    return word in listed("verbs") or bool(_VERB_END.match(word))


def _stem(word: str) -> str:
    word = re.sub(r"(?:ing|ed|es|s|e)$", "", word)
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word


@cache
def _known(surface: str) -> tuple[Match, ...]:
    return shipped().lookup(normalise(surface)) if normalise(surface) else ()


def _features(text: str, tokens: list[_Token], low: list[str], verb: Span, reached: list[Span], which: int) -> Features:
    first, last = reached[which]
    n = len(tokens)
    after = first > verb[0]
    between = range(verb[1] + 1, first) if after else range(last + 1, verb[0])
    inner = [low[k] for k in between]
    side = "a" if after else "b"
    preposition, at, noun = _head(low, first)
    kinds = kind_words()
    stem = _stem(low[verb[0]])
    before = low[first - 1] if first else "^"
    before2 = low[first - 2] if first > 1 else "^"
    following = low[last + 1] if last + 1 < n else "$"
    following2 = low[last + 2] if last + 2 < n else "$"
    surface = text[tokens[first].start : tokens[last].end]
    matches = _known(surface)
    best = max(matches, key=lambda m: (not m.alternate, m.entry.population), default=None)
    kind = best.entry.kind if best else "none"
    others = [r for r in reached if r != (first, last)]
    prior_end = max((r[1] for r in reached if r[1] < first), default=-1)
    next_start = min((r[0] for r in reached if r[0] > last), default=-1)
    gap_before = " ".join(low[prior_end + 1 : first]) if 0 <= prior_end and first - prior_end <= 5 else ""
    gap_after = " ".join(low[last + 1 : next_start]) if 0 <= next_start and next_start - last <= 5 else ""
    verbs = [k for k in between if _is_verb(low[k])]
    clauses = [w for w in inner if w in listed("clauses")]
    distance = len(inner)
    hook = low[at - 1] if at > 0 else "^"
    passive = verb[0] > 0 and any(w in listed("be") for w in low[max(0, verb[0] - 3) : verb[0]])
    nearest_verb = next((low[k] for k in range(first - 1, max(-1, first - 12), -1) if _is_verb(low[k])), "")
    own = nearest_verb == low[verb[1]] or nearest_verb == low[verb[0]]
    opens = at == 0 or (at >= 0 and not tokens[at - 1].text[0].isalnum())
    title_before = bool(first and low[first - 1] in words("people", "titles"))
    place_noun = noun if noun in kinds else ("X" if noun else "")
    far = "near" if distance < 4 else "mid" if distance < 10 else "far"

    nearer = sum(_gap(r, verb) < distance for r in others)
    nearer_side = sum(_gap(r, verb) < distance and (r[0] > verb[0]) == after for r in others)
    verb_last = low[verb[1] + 1] if verb[1] + 1 < n else "$"
    first_verb = low[verbs[-1] if after else verbs[0]] if verbs else "-"
    verb_subject = " ".join(low[max(0, verb[0] - 2) : verb[0]])

    strings = [
        f"prep={preposition}", f"prep={preposition} {side}", f"prep={preposition} {stem}", f"prep={preposition} {far} {side}",
        f"noun={noun}", f"noun={noun} {preposition}", f"hook={hook} {preposition}", f"hook={_stem(hook)}",
        f"before={before}", f"before2={before2} {before}", f"after={following}", f"after2={following} {following2}",
        f"stem={stem}", f"stem={stem} {side}", f"stem={stem} {passive}", f"gap<{gap_before}", f"gap>{gap_after}",
        f"kind={kind}", f"kind={kind} {preposition}", f"name={surface.lower()}", f"last={low[last]}", f"first={low[first]}",
        f"nearest={_stem(nearest_verb)} {own}", f"own={own} {preposition}", f"adjacent={distance == 0} {side} {preposition}",
        f"place={place_noun} {preposition} {side}", f"verb-1={low[verb[0] - 1] if verb[0] else '^'}",
        f"verb+1={low[verb[1] + 1] if verb[1] + 1 < n else '$'}", f"opens={opens} {preposition} {side}",
        f"layout={side} {min(len(verbs), 2)} {min(len(clauses), 2)} {min(inner.count(','), 2)} {far}",
        f"rank={nearer} {nearer_side} {side}", f"link<{_link(gap_before)} {preposition}", f"link>{_link(gap_after)} {kind}",
        f"noun={noun} {stem}", f"after={following} {preposition}", f"hook={_stem(hook)} {preposition} {stem}",
        f"last={verb_last} {preposition} {side}", f"to={_stem(first_verb)} {side}", f"subject={verb_subject} {preposition}",
        f"verbs={min(len(verbs), 3)} {side}", f"clauses={min(len(clauses), 3)} {side} {preposition}",
    ]  # fmt: skip
    strings += [f"in {side} {w}" for w in sorted(set(inner[-12:] if after else inner[:12]))]
    strings += [f"np {w}" for w in low[max(at, 0, first - 5) : first]] if at >= 0 else []
    if distance <= 5:
        strings.append(f"path {side} " + " ".join(inner))
    strings += [f"all {w}" for w in sorted(set(low)) if w.isalpha()]

    numbers = {
        "distance": float(min(distance, _FAR)) * (1 if after else -1),
        "spread": float(min(distance, _FAR)),
        "after": float(after),
        "commas": float(sum(w == "," for w in inner)),
        "quotes": float(sum(w in "\"“”" for w in inner)),
        "stops": float(sum(w in ".;:" for w in inner)),
        "verbs": float(len(verbs)),
        "clauses": float(len(clauses)),
        "ands": float(inner.count("and")),
        "prepositions": float(sum(w in listed("prepositions") for w in inner)),
        "preposition": float(_code(preposition)),
        "np": float(first - at if at >= 0 else 0),
        "own": float(own),
        "opens": float(opens),
        "noun": float(bool(noun)) + float(noun in kinds),
        "kind_after": float(following in kinds),
        "possessive": float(following == "'s"),
        "capital_before": float(first > 0 and tokens[first - 1].capital),
        "capital_after": float(last + 1 < n and tokens[last + 1].capital),
        "nationality_before": float(before in nationalities()),
        "comma_before": float(before == ","),
        "comma_after": float(following == ","),
        "title": float(title_before),
        "link_before": float(_link(gap_before)),
        "link_after": float(_link(gap_after)),
        "in_body": float(first > 1 and before == "of" and tokens[first - 2].capital and not place_noun),
        "all_verbs": float(sum(_is_verb(w) for w in low)),
        "verbs_before": float(sum(_is_verb(w) for w in low[: verb[0]])),
        "name_capitals": float(surface.isupper() and len(surface) > 3),
        "gap_before": float(len(gap_before.split())),
        "gap_after": float(len(gap_after.split())),
        "start": float(first),
        "end": float(n - last),
        "verb_start": float(verb[0]),
        "tokens": float(n),
        "length": float(last - first + 1),
        "candidates": float(len(reached)),
        "order": float(sum(r < (first, last) for r in others)),
        "nearer": float(nearer),
        "nearer_side": float(nearer_side),
        "passive": float(passive),
        "known": float(bool(matches)),
        "country": float(kind == "country"),
        "area": float(kind in ("admin1", "admin2", "region")),
        "people": math.log10(1 + best.entry.population) if best else 0.0,
        "prior": priors().get(normalise(surface), 0.0),
    }  # fmt: skip
    return Features(tuple(strings), numbers)


def _link(gap: str) -> int:
    """How two neighbouring names are joined: 1 "X, Y", 2 "X in Y", 3 "Y's X", 4 "X and Y", 5 "X of Y", 0 otherwise."""
    found = gap.split()
    if gap == "," or not found:
        return int(gap == ",")
    if found[0] == "'s":
        return 3
    if "and" in found:
        return 4
    return 2 if "in" in found else 5 if "of" in found else 0


def _gap(reached: Span, verb: Span) -> int:
    return reached[0] - verb[1] - 1 if reached[0] > verb[0] else verb[0] - reached[1] - 1


@cache
def listed(name: str) -> frozenset[str]:
    """One list of `data/event_place.toml`."""
    found: dict[str, list[str]] = tomllib.loads((DATA / "event_place.toml").read_text(encoding="utf8"))
    return frozenset(found[name])


@cache
def _kinds() -> frozenset[str]:
    return listed("kinds") | kind_words().keys()


@cache
def _prepositions() -> dict[str, int]:
    return {w: i for i, w in enumerate(sorted(listed("prepositions")))}


def _code(preposition: str) -> int:
    return _prepositions().get(preposition, {"=": -1, "^": -2, ",": -3, "?": -4}.get(preposition, -5))


def layout(features: Features, linear: Sequence[float], which: int) -> list[float]:
    """The row of numbers the trees read: a candidate's layout, its linear score, and how that stands among the others'."""
    own = linear[which]
    rest = [v for i, v in enumerate(linear) if i != which]
    best = max(rest, default=-9.0)
    expected = sum(_sigmoid(v) for v in rest)
    before = linear[which - 1] if which else -9.0
    after = linear[which + 1] if which + 1 < len(linear) else -9.0
    return [
        *features.numbers.values(),
        own,
        best,
        own - best,
        float(sum(v > own for v in rest)),
        expected,
        before,
        after,
    ]


# -- models -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _Model:
    bias: float
    weights: dict[str, float]
    base: float
    feature: NDArray[np.int64]  # of every node of all trees, one behind the other: what it asks for; of a leaf 0
    threshold: NDArray[np.float64]  # and where it parts ways; of a leaf its value
    left: NDArray[np.int64]  # where it leads from up to the threshold, and beyond it; a leaf leads to itself
    right: NDArray[np.int64]
    roots: NDArray[np.int64]
    depth: int
    bar: float

    def linear(self, strings: Sequence[str]) -> float:
        return self.bias + sum(self.weights.get(s, 0.0) for s in strings)

    def boosted(self, rows: Sequence[Sequence[float]]) -> list[float]:
        """For each row the sum of the leaves that it comes to, in all trees at once."""
        given = np.array(rows)
        which = np.repeat(np.arange(len(rows)) * given.shape[1], len(self.roots))
        given, at = given.ravel(), np.tile(self.roots, len(rows))
        for _ in range(self.depth):
            goes_left = given.take(which + self.feature.take(at)) <= self.threshold.take(at)
            at = np.where(goes_left, self.left.take(at), self.right.take(at))
        leaves = self.threshold.take(at).reshape(len(rows), -1)
        return [math.fsum((self.base, *row)) for row in leaves.tolist()]


@cache
def _model() -> _Model:
    data: dict[str, Any] = json.loads((DATA / "event_place.json").read_text(encoding="utf8"))
    trees: list[list[list[float]]] = data["trees"]
    roots = [0, *accumulate(map(len, trees))][:-1]
    nodes = [
        (feature, threshold, root + left, root + right) if feature >= 0 else (0, threshold, root + own, root + own)
        for root, tree in zip(roots, trees, strict=True)
        for own, (feature, threshold, left, right) in enumerate(tree)
    ]
    feature, threshold, left, right = np.array(nodes).T
    return _Model(
        bias=data["bias"],
        weights=data["weights"],
        base=data["base"],
        feature=feature.astype(np.int64),
        threshold=threshold,
        left=left.astype(np.int64),
        right=right.astype(np.int64),
        roots=np.array(roots),
        depth=max(_depth(tree) for tree in trees),
        bar=data["bar"],
    )


def _depth(tree: list[list[float]], node: int = 0) -> int:
    """Steps from a node to the farthest leaf under it; a node is [feature, threshold, left, right], a leaf [-1, value, 0, 0]."""
    feature, _, left, right = tree[node]
    return 1 + max(_depth(tree, int(left)), _depth(tree, int(right))) if feature >= 0 else 0


def _sigmoid(score: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, score))))
