"""The reader: a report in, its reading out. Pure: same report, same reader version, same claims.

    reader = Reader()
    reading = reader.read(report)      # mahdar.model.Reading

Stages, each in a file of its own: skim -> encoder -> mentions -> merging -> fillers, counts, dating -> claims; relations apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Protocol, TypeVar

from mahdar.codebook.lexicon import Lexicon
from mahdar.intake import Refusal, report_sentences
from mahdar.model import Reading, Report, Span
from mahdar.reading import rules
from mahdar.reading.assembly import assemble, choose
from mahdar.reading.context import Context
from mahdar.reading.encoder import FILES, MODEL, Encoder, Look
from mahdar.reading.mentions import Mention, fill, find_mentions
from mahdar.reading.relations import find_relations
from mahdar.reading.scoring import Scores
from mahdar.reading.speech import find_speeches
from mahdar.who import Register

T = TypeVar("T")

VERSION = "1"
LONGEST = 24_000  # characters read of one report, some four thousand words: longer pages are lists and archives


class ReadsReports(Protocol):
    """What anything that reads reports must offer (the learned reader, or one that asks a language model)."""

    version: str

    def read(self, report: Report) -> Reading: ...


class ReadsAlong(Protocol):
    """What reads many reports, each with something that goes along, and gives both back in order (`mahdar.scale.pool`)."""

    def along(self, pairs: Iterable[tuple[T, Report | None]]) -> Iterator[tuple[T, Reading | Refusal | None]]: ...


class Reader:
    """Reads by the learned core of `model`, or by lexicon and frames alone where that directory holds no model. `gated`: only
    what skimming takes for worth it."""

    def __init__(self, model: Path = MODEL, *, gated: bool = True, lexicon: Lexicon | None = None) -> None:
        self.encoder = Encoder(model) if any((model / f).exists() for f in FILES) else None
        self.scores = Scores.load((model if self.encoder else rules.HERE) / "scores.json")
        self.gated = gated
        self.lexicon = lexicon or Lexicon.load()
        self.register = Register.load()
        self.version = f"mahdar-{VERSION}-{'model' if self.encoder else 'rules'}"

    def read(self, report: Report) -> Reading:
        with self.encoder.alone() if self.encoder else nullcontext():
            return self._read(report)

    def _read(self, report: Report) -> Reading:
        unread = Span(LONGEST, len(report.text)) if len(report.text) > LONGEST else None
        part = replace(report, text=report.text[:LONGEST]) if unread else report
        context = Context(part, [s for s in report_sentences(part) if s.end <= LONGEST], self.register)
        mentions = self.mentions(context)
        claims = tuple(assemble(mentions, context, self.scores, self.encoder))
        relations = tuple(find_relations(context)) if claims else ()
        return Reading(report, claims, relations, self.version, unread)

    def mentions(self, context: Context) -> list[Mention]:
        """The likely mentions of a report, their slots' candidates filled."""
        if self.encoder is None:
            likely = choose(rules.find_mentions(context, self.lexicon), self.scores)
            rules.fill(likely, context)
            return likely
        look, candidates = self.candidates(context)
        likely = choose(candidates, self.scores)
        self.fill(context, look, likely)
        return likely

    def candidates(self, context: Context) -> tuple[Look, list[Mention]]:
        """The report before the network, and what it takes for mentions; none of them filled."""
        assert self.encoder is not None
        look = self.encoder.look(context.text, context.report.title, context.sentences, skimmed=self.gated)
        found = find_mentions(context.text, look, len(context.sentences))
        mentions = [m for m in found if not context.is_stamp(m.sentence)]
        topics = rules.topics_of(context.text) if mentions else {}
        for m in mentions:
            m.features |= topics
        return look, mentions

    def fill(self, context: Context, look: Look, mentions: list[Mention]) -> None:
        fill(context.text, look, mentions)
        if mentions:
            context.speeches = find_speeches(context.text, look, {m.sentence for m in mentions})
