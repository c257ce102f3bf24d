"""The reader: a report in, its reading out. Pure: same report, same reader version, same claims.

    reader = Reader()
    reading = reader.read(report)      # mahdar.model.Reading

Stages, each in a file of its own: gate -> encoder -> mentions -> merging -> slots and resolvers -> claims; relations apart.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from mahdar.intake import report_sentences
from mahdar.model import Reading, Report
from mahdar.reading import rules
from mahdar.reading.assembly import assemble
from mahdar.reading.context import Context
from mahdar.reading.encoder import FILES, MODEL, Encoder
from mahdar.reading.gate import Gate
from mahdar.reading.mentions import Mention, find_mentions
from mahdar.reading.relations import find_relations
from mahdar.reading.scoring import Scores
from mahdar.who import Register

VERSION = "1"


class ReadsReports(Protocol):
    """What anything that reads reports must offer (the learned reader, or one that asks a language model)."""

    version: str

    def read(self, report: Report) -> Reading:
        if self.gate is not None and not self.gate.opens(report.text):
            return Reading(report, (), (), self.version)
        context = Context(report, report_sentences(report), self.register)
        mentions = self.mentions(context)
        claims = tuple(assemble(mentions, context, self.scores, self.encoder))
        relations = tuple(find_relations(context)) if claims else ()
        return Reading(report, claims, relations, self.version)

    def mentions(self, context: Context) -> list[Mention]:
        """Candidate mentions of a report, unscored."""
        wanted = None if self.gate is None else self.gate.passing(context.text, context.sentences)
        if self.encoder is None:
            return rules.find_mentions(context)
        if wanted is not None and not wanted:
            return []
        look = self.encoder.look(context.text, context.report.title, context.sentences, wanted)
        return find_mentions(self.encoder, context.text, look)
