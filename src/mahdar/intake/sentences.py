"""Clean text -> sentence spans. The words it goes by are in `sentences.toml`.

A line break always ends a sentence, except inside hard-wrapped text (lines of about one length, many going on in lower
case). Furniture belongs to no sentence. No sentence is longer than `LONGEST` characters: endless ones are cut at a
clause mark or a space.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections import deque
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice, pairwise
from pathlib import Path

from mahdar.model import Span

LONGEST = 1200

_CLOSERS = "\"'”’»)\\]"
_OPENERS = "\"'“‘«(\\["
_LINE = re.compile(r"[^\n\r\v\f\x85\u2028\u2029]+")
# A stop with its closing quotes, then white space, or nothing where paragraphs were glued ("province.The army").
_STOP = re.compile(rf"(?P<stop>\.{{2,}}|[.!?…]+)(?P<close>[{_CLOSERS}]{{0,3}})(?P<gap>\s*)")
# Bullets and wiki headings inside a line, and what a text must hold to have any.
_BREAK_MARKS = "•▪●◦‣■►*="
_BREAK = re.compile(r"\s[•▪●◦‣■►](?=\s)|(?<==)(?<!\s=)(?=[^\s=])|(?<![\s=])(?===)|(?<=[.=\]])(?=\*[^\s*])")
_LEAD = re.compile(r"\s*(?:[•▪●◦‣■►*·–—-]\s+)*")
_TOKEN = re.compile(rf"[^\s{_OPENERS}/—–]+\Z")
_NEXT = re.compile(rf"[{_OPENERS}]*(?P<word>(?:(?:al|an|ar|as|ash|at|az|el)-)?[^\W_][\w'’]*)")
_GLUED = re.compile(rf"[{_OPENERS}]*[A-Z](?:[a-z]+(?=[\s,'’-])|\s[a-z]|[A-Z.]+(?=[\s-]))")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]\Z")
_GLUABLE = re.compile(r"[^.@]*?(?:[^\W\d_]{2}|\d%?)\Z")


@cache
def _words() -> dict[str, frozenset[str]]:
    data = tomllib.loads(Path(__file__).with_name("sentences.toml").read_text(encoding="utf-8"))
    return {key: frozenset(words) for key, words in data.items()}


def split_sentences(text: str, furniture: Sequence[Span] = ()) -> list[Span]:
    """Sentences of `text` in order, never empty or overlapping, without leading bullets or outer white space."""
    spans: list[Span] = []
    caseless = _is_caseless(text)
    may_break = any(mark in text for mark in _BREAK_MARKS)
    for start, end in _outside(_lines(text), furniture):
        cut = start
        for stop in _ends(text, start, end, caseless, may_break):
            spans.extend(_trimmed(text, cut, stop))
            cut = stop
        spans.extend(_trimmed(text, cut, end))
    return spans


def _is_caseless(text: str) -> bool:
    """Whether a text came to us without its capitals."""
    head = text[:20_000]
    few = len(head) // 500
    return len(head) >= 200 and sum(1 for _ in islice(filter(str.isupper, head), few + 1)) * 500 < len(head)


def _lines(text: str) -> Iterator[tuple[int, int]]:
    """Lines as offsets; the lines of a hard-wrapped paragraph are one."""
    lines = [match.span() for match in _LINE.finditer(text)]
    width = wrap_width(text, lines)
    start = None
    for (left, right), (following, _) in pairwise([*lines, (-1, -1)]):
        start = left if start is None else start
        goes_on = following == right + 1 and right - left >= 0.7 * width and _after_lead(text, following) == following
        if not (width and goes_on):
            yield start, right
            start = None


def wrap_width(text: str, lines: list[tuple[int, int]]) -> int:
    """The column at which the text was hard-wrapped, or 0: a third of its lines are as long and go on in lower case."""
    followed = [(a, b, c) for (a, b), (c, _) in pairwise(lines) if c - b == 1]
    if len(followed) < 5:
        return 0
    lengths = sorted(b - a for a, b, _ in followed)
    width = lengths[len(lengths) * 9 // 10]
    going_on = sum(text[c].islower() and b - a >= 0.7 * width for a, b, c in followed)
    return width if 40 <= width <= 110 and going_on >= 0.33 * len(followed) else 0


def _outside(lines: Iterator[tuple[int, int]], furniture: Sequence[Span]) -> Iterator[tuple[int, int]]:
    """What of each line lies outside the furniture."""
    marked = sorted(furniture)
    first = 0
    for left, right in lines:
        while first < len(marked) and marked[first].end <= left:
            first += 1
        at = left
        for span in marked[first:]:
            if span.start >= right:
                break
            if span.start > at:
                yield at, span.start
            at = max(at, span.end)
        if at < right:
            yield at, right


def _ends(text: str, start: int, end: int, caseless: bool, may_break: bool) -> Iterator[int]:
    """Offsets within a line at which a sentence ends."""
    breaks = deque(match.start() for match in _BREAK.finditer(text, start, end)) if may_break else deque()
    for match in _STOP.finditer(text, start, end):
        while breaks and breaks[0] < match.end("close"):
            yield breaks.popleft()
        if match.end() < end and _is_end(text, start, match, end, caseless):
            yield match.end("close")
    yield from breaks


def _is_end(text: str, start: int, match: re.Match[str], end: int, caseless: bool) -> bool:
    token_match = _TOKEN.search(text, max(start, match.start() - 40), match.start())
    token = token_match.group() if token_match else ""
    if not match["gap"]:
        return bool(_GLUABLE.match(token)) and bool(_GLUED.match(text, match.end(), end))
    following = _NEXT.match(text, match.end(), end)
    if following is None:
        return text[match.end()] not in ",;:"
    word = following["word"]
    if word[0].islower() and not caseless and not _prefixed(word):
        return False
    return match["stop"] != "." or bool(match["close"]) or _stop_ends(token, word)


def _prefixed(word: str) -> bool:
    """An Arabic article before a name begins a sentence as a capital does: `al-Shabab said`."""
    _, hyphen, name = word.partition("-")
    return bool(hyphen) and name[:1].isupper()


def _stop_ends(token: str, following: str) -> bool:
    """Whether the full stop after `token` ends the sentence, `following` being the next word."""
    words = _words()
    plain = token.lower()
    if plain in words["never_end"]:
        return False
    if plain in words["before_figure"]:
        return not following[0].isdigit()
    if plain in words["may_end"] or _INITIALS.match(token):
        return following.lower() in words["starters"]
    return True


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    """The span without bullets and white space, in pieces no longer than `LONGEST`; nothing if no word is left."""
    start = _after_lead(text, start, end)
    while end > start and text[end - 1].isspace():
        end -= 1
    while end - start > LONGEST:
        cut = _cut(text, start, start + LONGEST)
        yield Span(start, cut)
        start = cut
        while start < end and text[start].isspace():
            start += 1
    if any(map(str.isalnum, text[start:end])):
        yield Span(start, end)


def _after_lead(text: str, start: int, end: int = sys.maxsize) -> int:
    """Where the white space and bullets at `start` are over."""
    lead = _LEAD.match(text, start, end)
    return lead.end() if lead else start


def _cut(text: str, start: int, limit: int) -> int:
    """Where to cut an endless sentence: the last clause mark, clause word or space in the second half of the window."""
    half = start + LONGEST // 2
    for mark in ("; ", ": ", ", "):
        at = text.rfind(mark, half, limit)
        if at >= 0:
            return at + 1
    at = max(text.rfind(f" {word} ", half, limit) for word in _words()["clause_words"])
    at = at if at >= 0 else text.rfind(" ", half, limit)
    return at if at > start else limit
