"""Furniture: what stands on a page but is not the report (taglines, "read also" links, prompts, credits, copyright
lines).

The phrases and weights are in `furniture.toml`; this file only says where each kind may stand. Precision comes first:
a marked sentence is never read, so a rule marks a line only where the line cannot be part of the report.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mahdar.intake.captions import agencies, is_credit, mark_captions
from mahdar.model import Caption, Span

_LINE = re.compile(r"[^\n]+")
_QUOTES = str.maketrans("‘’“”\u00a0", "''\"\" ")
_FINAL = re.compile(r"[.!?…:;,][\"'”’)\]Â\u00a0]*\Z")  # with the Â of a garbled space
_WORD = re.compile(r"[^\W_][\w'’-]*")
_TAG = re.compile(r"[A-Z][\w&'’ -]{1,30}: \S")
_LONGEST = 1200  # characters of a line of furniture
_WINDOW = 1500  # characters at the end of the text in which closing furniture is looked for
_AT_HEAD = 8  # lines among which the title is looked for
_HEAD_WORDS = 12  # the longest line before a title that can be a tagline


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    words: str  # stripped
    plain: str  # lower case, straight quotes, single spaces
    count: int  # of words
    final: bool  # ends as a sentence or clause does


class _Rules:
    """`furniture.toml`, compiled."""

    def __init__(self, path: Path) -> None:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        self.line = frozenset(data["line"])
        self.begins = tuple(data["begins"])
        self.contains = tuple(data["contains"])
        self.contains_words: int = data["contains_words"]
        self.line_patterns = _any_of(data["line_patterns"])
        self.taglines = _any_of(data["taglines"])
        self.anywhere = [re.compile(pattern, re.IGNORECASE) for pattern in data["anywhere"]]
        self.at_head = [re.compile(rf"\A\s*{pattern}", re.IGNORECASE) for pattern in data["at_head"]]
        self.at_end = [re.compile(rf"{pattern}\s*\Z", re.IGNORECASE | re.DOTALL) for pattern in data["at_end"]]
        self.opens_links = frozenset(data["opens_links"])
        self.ends_report = frozenset(data["ends_report"])
        self.headline: dict[str, float] = {k: v for k, v in data["headline"].items() if k != "not_first"}
        self.not_first = frozenset(data["headline"]["not_first"])


def _any_of(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


@cache
def _rules() -> _Rules:
    return _Rules(Path(__file__).with_name("furniture.toml"))


def mark_furniture(
    text: str, title: str | None = None, links: Collection[str] = (), captions: Iterable[Caption] | None = None
) -> tuple[Span, ...]:
    """The furniture of a clean text in order, without overlaps.

    `title` lets lines above it be told for taglines; `links` are paragraphs that on the page are nothing but a link;
    `captions` (told from the text itself if not given) are never furniture.
    """
    starts = {caption.span.start for caption in (mark_captions(text) if captions is None else captions)}
    lines = list(_lines(text))
    marked = {i for i, line in enumerate(lines) if _is_furniture(line, links)}
    marked |= _before_title(lines, title) | _listed_links(lines) | _after_report(lines)
    marked = {i for i in marked if lines[i].start not in starts}
    marked |= {i for i in _headlines(text, lines, marked) if lines[i].start not in starts}
    return _merged([*(Span(lines[i].start, lines[i].end) for i in marked), *_inside(text)])


def _lines(text: str) -> Iterator[_Line]:
    for match in _LINE.finditer(text):
        raw = match.group()
        words = raw.strip()
        if words:
            start = match.start() + len(raw) - len(raw.lstrip())
            # Of a paragraph longer than any furniture only the head is looked at.
            plain = _plain(words[:_LONGEST])
            yield _Line(start, start + len(words), words, plain, plain.count(" ") + 1, bool(_FINAL.search(words[-12:])))


def _plain(line: str) -> str:
    return " ".join(line.translate(_QUOTES).lower().split())


def _is_furniture(line: _Line, links: Collection[str]) -> bool:
    rules = _rules()
    plain = line.plain
    bare = plain.strip(" :.…»>›|*!?-–—•[]()")
    if bare in rules.line or not any(map(str.isalnum, bare)) or is_credit(line.words):
        return True
    if len(line.words) > _LONGEST:
        return False
    if line.words in links and not line.final:
        return True
    if plain.startswith(rules.begins) and (not plain.startswith("source") or line.count <= _HEAD_WORDS):
        return True
    if line.count <= rules.contains_words and any(phrase in plain for phrase in rules.contains):
        return True
    return bool(rules.line_patterns.fullmatch(plain))


def _before_title(lines: list[_Line], title: str | None) -> set[int]:
    """Short lines above the title line, and above the first paragraph those that say what the site is."""
    wanted = _plain(title) if title else None
    at = next((i for i, line in enumerate(lines[:_AT_HEAD]) if wanted and line.plain == wanted), None)
    if at is not None:
        head = lines[:at]
        return set(range(at)) if all(line.count <= _HEAD_WORDS for line in head) else set()
    return {
        i
        for i, line in enumerate(lines[:3])
        if line.count <= _HEAD_WORDS and i + 1 < len(lines) and not line.final and _is_tagline(line, i)
    }


def _is_tagline(line: _Line, at: int) -> bool:
    return at == 0 and bool(_rules().taglines.fullmatch(line.plain))


def _looks_like_headline(line: _Line) -> bool:
    return line.count <= _rules().headline["max_words"] + 3 and not re.search(r"[.,;:][\"'”’)\]]*\Z", line.words)


def _listed_links(lines: list[_Line]) -> set[int]:
    """The headlines under "Read more:" and its like."""
    found = set()
    opened = False
    for i, line in enumerate(lines):
        if line.plain.strip(" :.…»>›|*!-–—•") in _rules().opens_links:
            opened = True
        elif opened and _looks_like_headline(line):
            found.add(i)
        else:
            opened = False
    return found


def _after_report(lines: list[_Line]) -> set[int]:
    """Everything from the comment form on, if it stands in the second half of the text."""
    ends = _rules().ends_report
    at = next(
        (i for i, line in enumerate(lines) if line.plain.strip(" :.…»>›|*!-–—•") in ends and 2 * i >= len(lines)), None
    )
    return set(range(at, len(lines))) if at is not None else set()


def _headlines(text: str, lines: list[_Line], marked: set[int]) -> Iterator[int]:
    """Headlines of other stories that stand alone between two paragraphs."""
    alone = [i for i in range(2, len(lines) - 1) if i not in marked and _stands_alone(text, lines[i - 1 : i + 2])]
    stems = Counter(_stems(text)) if alone else Counter()
    for i in alone:
        before = i - 1 in marked or _ends_sentence(lines[i - 1])
        after = i + 1 in marked or lines[i + 1].count >= _HEAD_WORDS
        if before and after and _headline_score(text, lines[i], stems) > 0:
            yield i


def _stands_alone(text: str, lines: list[_Line]) -> bool:
    """Whether the second of three lines is a paragraph by itself that could be a headline."""
    before, line, after = lines
    weights = _rules().headline
    # A question without a tag is likelier the report's own crosshead.
    question = line.words.endswith("?") and bool(_TAG.match(line.words))
    return (
        weights["min_words"] <= line.count <= weights["max_words"]
        and (question or not line.final)
        and line.words[0].isalnum()
        and text.count("\n", line.end, after.start) >= 2
        and text.count("\n", before.end, line.start) >= 2
    )


def _ends_sentence(line: _Line) -> bool:
    return line.final and not line.words.endswith((":", ","))


def _stems(words: str) -> list[str]:
    return [word[:6].lower() for word in _WORD.findall(words) if len(word) >= 4]


def _headline_score(text: str, line: _Line, stems: Counter[str]) -> float:
    """`stems` counts those of the whole text, the line's own included."""
    weights = _rules().headline
    words = _WORD.findall(line.words)
    content = [word for word in words if len(word) >= 4]
    if not content or words[0].lower() in _rules().not_first or "(" in line.words or line.words.endswith(agencies()):
        return -1.0
    own = Counter(_stems(line.words))
    strange = sum(stems[stem] == count for stem, count in own.items()) / len(own)
    capital = sum(word[0].isupper() for word in content) / len(content)
    upper = line.words.isupper()
    stray = line.end < len(text) and text[line.end] != "\n"
    score: float = (
        weights["bias"]
        + weights["title_case"] * (capital > 0.7)
        + weights["upper_case"] * upper
        + weights["tag"] * bool(_TAG.match(line.words))
        + weights["strangeness"] * strange
        + weights["length"] * min(len(words), 10)
        + weights["stray_space"] * stray
    )
    return score


def _inside(text: str) -> Iterator[Span]:
    """Furniture inside lines of report."""
    rules = _rules()
    for pattern in rules.anywhere:
        yield from (Span(*match.span()) for match in pattern.finditer(text))
    head, tail = text[:200], max(0, len(text) - _WINDOW)
    for pattern in rules.at_head:
        if match := pattern.search(head):
            yield Span(*match.span())
    for pattern in rules.at_end:
        if match := pattern.search(text[tail:]):
            start = tail + match.start()
            yield Span(start, start + len(match.group().rstrip()))


def _merged(spans: list[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)
