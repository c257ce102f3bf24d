"""How long linking takes as claims grow: `python -m benchmarks.linking_scale [--claims N ...] [--json] [--docs]`.

Made-up reports of made-up events, one to six reports an event: sizes of 1,000 to 1,000,000 unless told otherwise. Of
each size: CPU seconds and wall seconds of linking alone (making the reports is not counted), peak memory of the process,
and the B-cubed F1 of the claims, which tells that the work was done. The world grows no larger with the claims: ten times
the claims fill the same towns and years ten times as densely. `--docs` writes the figures into docs/corroboration.md.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
import resource
import time
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import linear_regression
from typing import Any

import benchmarks.threads  # noqa: F401  # before numpy
from mahdar.corroboration.linking import join
from mahdar.corroboration.table import TableBuilder
from mahdar.model import Actor, Claim, Figure, Place, Report, Span, Time, Words
from training.linking import b_cubed

DOCS = Path(__file__).resolve().parent.parent / "docs" / "corroboration.md"
_FIGURES = re.compile(r"(?<=<!-- scale -->\n).*?(?=<!-- end of scale -->)", re.DOTALL)
SIZES = (1_000, 10_000, 100_000, 1_000_000)
WARM = 500
FIRST = date(2010, 1, 1)
DAYS = 5475
TOWNS, SIDES, WORDS = 8000, 400, 30_000
_SYLLABLES = [c + v + e for c in "b d f g h k l m n r s t z".split() for v in "aeiou" for e in ("", "n", "r", "sh")]
_ACTS = (
    ("air_drone_strike", "bombed from the air"),
    ("shelling_artillery_missile", "shelled"),
    ("armed_clash", "fought rivals in"),
    ("attack", "fired on farmers in"),
    ("arrests", "detained young men in"),
    ("looting_property_destruction", "looted shops in"),
)


class World:
    """The towns, sides and words that all reports are made of."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.towns = [(self._name(), *self._spot(), f"X{chr(65 + number % 20)}") for number in range(TOWNS)]
        self.sides = [self._name() for _ in range(SIDES)]
        self.words = [self._name().lower() for _ in range(WORDS)]

    def _name(self) -> str:
        return "".join(self.chance.choice(_SYLLABLES) for _ in range(self.chance.choice((2, 3, 3, 4)))).capitalize()

    def _spot(self) -> tuple[float, float]:
        return self.chance.uniform(-30, 50), self.chance.uniform(-80, 120)

    def some(self, words: int) -> list[str]:
        """Words as texts have them: the first far more often than the last."""
        return [self.words[int(WORDS * self.chance.random() ** 3)] for _ in range(words)]


def readings(claims: int, seed: int = 1) -> Iterator[tuple[Report, Claim, int]]:
    """Reports of one claim each, with the number of the event it is of; an event's reports come one after another."""
    world = World(seed)
    chance = world.chance
    made = event = 0
    while made < claims:
        event += 1
        town = world.towns[int(TOWNS * chance.random() ** 2)]
        side, (kind, verb) = chance.choice(world.sides), chance.choice(_ACTS)
        day = FIRST + timedelta(days=chance.randrange(DAYS))
        killed = 1 + int(60 * chance.random() ** 3)
        detail = [*(world._name() for _ in range(3)), *world.some(12)]
        for _ in range(min(chance.choice((1, 1, 2, 3, 6)), claims - made)):
            made += 1
            yield *_report(world, made, town, side, kind, verb, day, killed, detail), event


def _report(
    world: World,
    number: int,
    town: tuple[str, float, float, str],
    side: str,
    kind: str,
    verb: str,
    day: date,
    killed: int,
    detail: list[str],
) -> tuple[Report, Claim]:
    chance = world.chance
    published = day + timedelta(days=chance.choice((0, 0, 1, 1, 2)))
    name, lat, lon, country = town
    told = killed if chance.random() < 0.7 else killed + chance.randrange(1, 5)
    some = chance.sample(detail, 8)
    sentence = f"{side} forces {verb} {name} on {day:%d %B}, killing {told}, {' '.join(some)}."
    text = f"{sentence} {' '.join(world.some(40))}. {' '.join(some[:4])} {' '.join(world.some(20))}."
    report = Report(id=f"r{number}", text=text, published=published.isoformat())
    span = Span(0, len(sentence))
    words = Words(span, sentence)
    precise = chance.random() < 0.8
    claim = Claim(
        id=f"c{number}",
        report=report.id,
        type=kind,
        scope="event",
        status="asserted",
        trigger=words,
        evidence=(words,),
        actors=(Actor(Words(Span(0, len(side)), side), f"bench-{side}", side, "Rebel group"),),
        places=(Place(words, name=name, country=country, lat=lat, lon=lon, gazetteer_id=f"bench:{name}", precision=1),),
        geo_precision=1,
        time=Time(day.isoformat(), day.isoformat(), 1) if precise else Time(None, published.isoformat(), 2),
        figures=(Figure("killed", told, told, words),),
    )
    return report, claim


def measured(claims: int) -> dict[str, Any]:
    builder = TableBuilder()
    events = []
    cpu = wall = 0.0
    for report, claim, event in readings(claims):
        begun = time.process_time(), time.perf_counter()
        builder.add(report, (claim,))
        cpu, wall = cpu + time.process_time() - begun[0], wall + time.perf_counter() - begun[1]
        events.append(event)
    begun = time.process_time(), time.perf_counter()
    joined = join(builder.build())
    cpu, wall = cpu + time.process_time() - begun[0], wall + time.perf_counter() - begun[1]
    return {
        "claims": claims,
        "cpu_s": round(cpu, 2),
        "wall_s": round(wall, 1),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "bcubed_f1": round(b_cubed(joined.labels.tolist(), events)[2], 4),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claims", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--docs", action="store_true")
    args = parser.parse_args()
    measured(WARM)  # what is loaded once is no cost of a size
    figures = []
    for claims in sorted(args.claims):
        figures.append(measured(claims))
        if not args.json:
            print(figures[-1], flush=True)
    for small, large in pairwise(figures):
        large["cpu_times"] = round(large["cpu_s"] / small["cpu_s"], 1)
    if args.docs:
        text = DOCS.read_text(encoding="utf-8")
        DOCS.write_text(_FIGURES.sub("\n".join((*table(figures), "")), text), encoding="utf-8")
    print(json.dumps(figures, indent=1) if args.json else "\n".join(table(figures)))


def exponent(figures: list[dict[str, Any]]) -> float:
    """The slope of log CPU over log claims, by least squares."""
    claims, cpu = ([math.log(of[name]) for of in figures] for name in ("claims", "cpu_s"))
    return linear_regression(claims, cpu).slope


def table(figures: list[dict[str, Any]]) -> list[str]:
    lines = ["| claims | CPU seconds | times the size before | peak MB | B-cubed F1 |", "|---|---|---|---|---|"]
    for of in figures:
        times = of.get("cpu_times", "")
        lines.append(f"| {of['claims']:,} | {of['cpu_s']} | {times} | {of['peak_mb']} | {of['bcubed_f1']} |")
    if len(figures) > 1:
        lines += ["", f"CPU seconds grow with the claims to the power of {exponent(figures):.3f}."]
    return lines


if __name__ == "__main__":
    main()
