"""A reader of the tests' own: each of its words is a claim. Two versions of it can disagree."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from mahdar.model import Actor, Claim, Figure, Place, Reading, Report, Time

WORDS = {
    "struck": "air_drone_strike",
    "shelled": "shelling_artillery_missile",
    "looted": "looting_property_destruction",
}

ORIM = (
    "Army jets struck the town of Orim on 3 March 2021, killing 4 people, two residents said. "
    "Soldiers then looted shops in the north of the town, a doctor said."
)
KESH = "Rebels shelled the village of Kesh at dawn, killing nobody, the mayor said."
CALM = "The market of Orim opened again on Sunday and prices fell, a trader said."


class WordReader:
    """Finds a claim wherever one of `words` stands; the claim's actor is the word before it."""

    def __init__(self, version: str = "words-1", words: Mapping[str, str] = WORDS, *, confidence: float = 0.8) -> None:
        self.version = version
        self.words = words
        self.confidence = confidence
        self.read_so_far = 0

    def read(self, report: Report) -> Reading:
        self.read_so_far += 1
        pattern = rf"(\w+) ({'|'.join(self.words)})\b"
        claims = tuple(self._claim(report, match) for match in re.finditer(pattern, report.text)) if self.words else ()
        return Reading(report, claims, (), self.version)

    def _claim(self, report: Report, match: re.Match[str]) -> Claim:
        kind = self.words[match[2]]
        sentence = re.compile(r"[^.]*\.").match(report.text, report.text.rfind(".", 0, match.start()) + 1)
        assert sentence is not None
        start = sentence.start() + len(sentence[0]) - len(sentence[0].lstrip())
        killed = re.compile(r"killing (\d+)").search(report.text, start, sentence.end())
        town = re.compile(r"(?:town|village) of (\w+)").search(report.text, start, sentence.end())
        return Claim(
            id=hashlib.sha256(f"{report.id}|{kind}|{match.start(2)}".encode()).hexdigest()[:16],
            report=report.id,
            type=kind,
            scope="event",
            status="asserted",
            trigger=report.words(*match.span(2)),
            evidence=(report.words(start, sentence.end()),),
            actors=(Actor(report.words(*match.span(1)), "a-1", "Somebody", "State forces"),),
            places=(
                Place(
                    report.words(*town.span(1)),
                    name=town[1],
                    country="XA",
                    lat=1.5,
                    lon=2.25,
                    kind="town",
                    gazetteer_id=f"test:{town[1]}",
                    admin1="XA.01",
                    precision=1,
                ),
            )
            if town
            else (),
            geo_precision=1 if town else None,
            time=Time("2021-03-03", "2021-03-03", 1),
            figures=(Figure("killed", int(killed[1]), int(killed[1]), report.words(*killed.span())),) if killed else (),
            confidence=self.confidence,
        )
