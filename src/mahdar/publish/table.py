"""The table a person reads: a heading a report, a block a claim, the words underneath with the trigger marked.

Plain text where colour is not wanted (a pipe, a file): nothing is told by colour alone.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from mahdar.model import Actor, Claim, Reading, Span, Words
from mahdar.publish.explain import steps
from mahdar.publish.wording import (
    ANCHOR,
    GEO_PRECISION,
    TIME_PRECISION,
    counted,
    interval,
    label,
    located,
    safe,
)

WIDTH = 100  # columns where there is no terminal to ask
STYLES = {
    "trigger": "bold black on bright_yellow",
    "who": "cyan",
    "to whom": "magenta",
    "where": "green",
    "when": "blue",
    "how many": "red",
    "who says so": "yellow",
}


def render(
    readings: Iterable[Reading], *, explain: bool = False, width: int = WIDTH, colour: bool = False
) -> Iterator[str]:
    """One piece of text a reading, `width` columns wide; with `colour`, in ANSI colours."""
    for reading in readings:
        page = io.StringIO()
        console = Console(
            file=page,
            width=width,
            force_terminal=colour,
            color_system="standard" if colour else None,
            no_color=not colour,
            highlight=False,
            emoji=False,
            legacy_windows=False,
        )
        console.print(draw(reading, explain=explain))
        # A table pads its rows to full width; spaces at a line's end only disturb whoever copies or compares.
        yield "".join(f"{line.rstrip()}\n" for line in page.getvalue().splitlines())


def draw(reading: Reading, *, explain: bool = False) -> RenderableType:
    """One reading as something a rich console prints."""
    parts: list[RenderableType] = [heading(reading)]
    for number, claim in enumerate(reading.claims, start=1):
        parts += ["", claim_block(number, claim, explain=explain)]
    if reading.relations:
        parts += ["", relations(reading)]
    return Group(*parts, "")


def heading(reading: Reading) -> RenderableType:
    report = reading.report
    left_out = sum(s.end - s.start for s in report.furniture)
    facts = [
        report.outlet,
        report.published or "no publication date",
        "1 claim" if len(reading.claims) == 1 else f"{len(reading.claims) or 'no'} claims",
        f"{left_out:,} characters of furniture skipped" if left_out else None,
    ]
    title = Text(safe(report.title or report.name or report.id), style="bold")
    below = Text(safe(" · ".join(f for f in facts if f)), style="dim")
    lines: list[RenderableType] = [Rule(style="dim"), title, below]
    if report.name and report.name != report.title:
        lines.append(Text(safe(report.name), style="dim"))
    if reading.unread:
        lines.append(Text(f"too long: read up to character {reading.unread.start:,}", style="dim"))
    return Group(*lines)


def claim_block(number: int, claim: Claim, *, explain: bool) -> RenderableType:
    """A claim: its heading line, its slots, the words underneath."""
    head = Text()
    head.append(f"{number}  {label(claim.type)}", style="bold")
    head.append(f"  “{safe(claim.trigger.text)}”", style="italic")
    head.append(f"  {claim.status}, {claim.scope}, confidence {claim.confidence:.2f}", style="dim")
    slots = Table.grid(padding=(0, 2), expand=True)
    slots.add_column(no_wrap=True, width=11, style="dim")
    slots.add_column(ratio=1)
    for name, lines in rows(claim):
        slots.add_row(name, Text("\n").join(lines))
    parts: list[RenderableType] = [head, Padding(slots, (0, 0, 0, 3))]
    if explain:
        parts.append(Padding(steps(claim), (0, 0, 0, 3)))
    return Group(*parts)


def rows(claim: Claim) -> Iterator[tuple[str, list[Text]]]:
    """The filled slots in the codebook's order, each a name and its lines, the words last. Empty slots are left out."""
    if claim.actors:
        yield "who", [_actor(a, "who") for a in claim.actors]
    if claim.targets:
        yield "to whom", [_actor(a, "to whom") for a in claim.targets]
    if claim.places:
        yield "where", [*(_place_lines(claim))]
    yield "when", [_when(claim)]
    if claim.figures:
        yield "how many", [_figure_line(claim, i) for i in range(len(claim.figures))]
    if claim.sources:
        yield "who says so", [_chain(claim.sources)]
    if claim.agreement:
        yield "agreement", [Text(safe(claim.agreement.text))]
    yield "words", [_quote(words, claim) for words in claim.evidence]


def relations(reading: Reading) -> RenderableType:
    """Standing relations between actors, which are not claims."""
    lines = [Text("Relations the report states", style="bold")]
    for r in reading.relations:
        line = Text("   ")
        line.append(safe(r.subject.text), style=STYLES["who"])
        line.append(f" {r.relation.replace('_', ' ')} ")
        line.append(safe(r.object.text), style=STYLES["to whom"])
        lines.append(line)
    return Group(*lines)


def _actor(actor: Actor, slot: str) -> Text:
    line = Text(safe(actor.words.text), style=STYLES[slot])
    if actor.name:
        kind = f" [{actor.kind}]" if actor.kind else ""
        line.append(f"  = {safe(actor.name)}{kind}", style="default dim")
    if actor.inferred_from:
        line.append(f"  (from {safe(actor.inferred_from)})", style="default dim")
    return line


def _place_lines(claim: Claim) -> Iterator[Text]:
    for place in claim.places:
        line = Text("" if place.role == "at" else f"{place.role} ")
        line.append(safe(place.words.text), style=STYLES["where"])
        line.append(f"  = {safe(located(place))}" if place.name else f"  {safe(located(place))}", style="dim")
        if place.precision in GEO_PRECISION:
            line.append(f"; {GEO_PRECISION[place.precision]}", style="dim")
        if place.inferred_from:
            line.append(f"  (from {safe(place.inferred_from)})", style="dim")
        yield line


def _when(claim: Claim) -> Text:
    time = claim.time
    line = Text(interval(time), style=STYLES["when"] if time.start or time.end else "dim")
    notes = [TIME_PRECISION.get(time.precision or 0, "")]
    if time.words:
        notes += [f"“{safe(time.words.text)}”", ANCHOR.get(time.anchor or "", time.anchor or "")]
    elif time.anchor == "publication":
        notes.append("no time given: news of the publication date")
    said = ", ".join(n for n in notes if n)
    if said:
        line.append(f"  {said}", style="default dim")
    return line


def _figure_line(claim: Claim, index: int) -> Text:
    figure = claim.figures[index]
    line = Text(f"{figure.what} {counted(figure)}", style=STYLES["how many"])
    line.append(f"  “{safe(figure.words.text)}”", style="default dim")
    if figure.source:
        line.append(f", {safe(figure.source)}", style="default dim")
    return line


def _chain(sources: Sequence[Actor]) -> Text:
    """Who says so, the outermost first."""
    return Text(" › ").join(Text(safe(s.words.text), style=STYLES["who says so"]) for s in sources)


def _quote(words: Words, claim: Claim) -> Text:
    """A stretch of evidence with the trigger and the slots' words marked."""
    line = Text(safe(words.text).replace("\n", " "))
    for slot, span in _marks(claim):
        start, end = span.start - words.span.start, span.end - words.span.start
        if 0 <= start < end <= len(words.text):
            line.stylize(STYLES[slot], start, end)
    return Text("“") + line + Text("”")


def _marks(claim: Claim) -> Iterator[tuple[str, Span]]:
    yield from (("who says so", a.words.span) for a in claim.sources)
    yield from (("who", a.words.span) for a in claim.actors)
    yield from (("to whom", a.words.span) for a in claim.targets)
    yield from (("where", p.words.span) for p in claim.places)
    yield from (("how many", f.words.span) for f in claim.figures)
    if claim.time.words:
        yield "when", claim.time.words.span
    yield "trigger", claim.trigger.span
