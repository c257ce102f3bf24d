"""No withheld name in any export: made-up cases with a name in every place a string may stand, in every format.

    python -m benchmarks.redaction [--cases 10000]

Each case has marked names, spelt in all sorts of ways (capitals, hyphens, line ends, percent signs, without accents) and
put into wordings, evidence, titles, addresses, ids, reasons, sources of figures, names of places and of origins. Every
profile that withholds them renders every format, the dossier and the pictures, and neither content nor file names may hold
them. The tests run the same with fewer cases.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, is_dataclass, replace
from functools import cache, partial
from typing import Any
from urllib.parse import quote

import pyarrow.parquet as pq
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mahdar.model import (
    Actor,
    Claim,
    Contribution,
    Disagreement,
    Figure,
    Grade,
    Incident,
    InForce,
    Link,
    Origin,
    Place,
    PlaceCandidate,
    Span,
    Step,
    Time,
    Version,
    Words,
)
from mahdar.publish import dossier, pictures
from mahdar.publish.case import Case, Document, Withheld
from mahdar.publish.formats import FORMATS
from mahdar.publish.redaction import Cleared, Redactor, profiles
from mahdar.publish.tabular import Piece

MARK = "zq"
"""Stands inside every word of a name in Latin letters, so that both ends may bear accents. Names are sought in an export's
bare letters, where "region,country" holds "ncoun": an unmarked "Ñçöüñ" would be found in the heads of columns."""
LETTERS = [("bdfgklmnprstvzaeiou", MARK), ("бдгклмнрставео", ""), ("بدفقلمنرستاوي", ""), ("äöüßçñéàø", MARK)]
# Fields with a closed vocabulary, a code or a date: nobody's name.
CODED = frozenset(
    "type status scope role kind what field preset answer country admin1 admin2 gazetteer_id start end anchor stage slot "
    "published retrieved sha256 text_sha256 changed feature actor_id".split()
)
MAKES: list[Callable[[str], str]] = [
    str,
    str.upper,
    lambda name: name.replace(" ", "-"),
    lambda name: name.replace(" ", "\n "),
    lambda name: f"@{name.replace(' ', '_')}",
    lambda name: unicodedata.normalize("NFD", name),
    lambda name: name.split()[-1],
    lambda name: f"“{name}”, a baker of the old town",
]


@st.composite
def names(draw: st.DrawFn) -> str:
    """A name of two capitalised words in one of several scripts, neither of which an export holds of itself."""
    letters, mark = draw(st.sampled_from(LETTERS))
    word = st.text(letters, min_size=5, max_size=9).map(lambda w: f"{w[:2]}{mark}{w[2:]}".capitalize())
    return f"{draw(word)} {draw(word)}"


@st.composite
def marked_cases(draw: st.DrawFn) -> tuple[Case, tuple[Withheld, ...]]:
    """A case full of withheld names, and the marks that the record keeps of some of them besides the case's own."""
    marks = [
        Withheld(name, draw(st.sampled_from(["victim", "witness", "source", "person"])), ())
        for name in draw(st.lists(names(), min_size=1, max_size=3, unique=True))
    ]
    if draw(st.booleans()):
        marks.append(Withheld(draw(names()), "place"))
    spellings = [make(mark.name) for mark in marks if mark.role != "place" for make in MAKES]
    spellings += [mark.name for mark in marks]
    chosen = iter(draw(st.lists(st.sampled_from(["", *spellings]), min_size=40, max_size=40)))
    turn = draw(st.integers(0, 7))

    def sprinkle(text: str, *, whole: bool = False) -> str:
        name = next(chosen, spellings[(len(text) + turn) % len(spellings)])
        if whole:  # a place that bears one word of a name is a place
            name = marks[turn % len(marks)].name
        if "://" in text:
            return text + (quote(name) if len(text) % 2 else name.replace(" ", "-").replace("\n", "").lower())
        return f"{text} {name}" if name else text

    case = _sprinkled(_plain_case(draw(st.integers(0, 3))), sprinkle)
    cut = draw(st.integers(0, len(marks)))
    return replace(case, withheld=tuple(marks[:cut])), tuple(marks[cut:])


@cache
def own_letters() -> str:
    """The letters of all exports of a case in which nobody is named."""
    cleared = (Redactor(profile).clear(_plain_case(0)) for profile in profiles().values())
    return "".join(letters_of(content) for case in cleared for _, content in _exports(case))


def leaks(case: Case, elsewhere: tuple[Withheld, ...]) -> list[str]:
    """Where an export of the case holds a withheld name, or a word of a person's: profile, format, name."""
    marks = (*case.withheld, *elsewhere)
    sought = {mark.name: letters_of(mark.name) for mark in marks}
    sought |= {word: letters_of(word) for mark in marks if mark.role != "place" for word in mark.name.split()}
    found = []
    for profile in profiles().values():
        if profile.withhold:
            redactor = Redactor(profile, elsewhere)
            cleared = redactor.clear(case)
            for export, content in _exports(cleared):
                held = letters_of(content)
                found += [f"{profile.name} {export}: {name}" for name, letters in sought.items() if letters in held]
            named = (mark.name for mark in marks if not redactor.reveals(f"{mark.name.replace(' ', '_').lower()}.csv"))
            found += [f"{profile.name} file name: {name}" for name in named]
    return found


def _exports(cleared: Cleared) -> Iterator[tuple[str, str]]:
    """What each export says of a case: all formats, and the words of a dossier and of pictures before they are laid out."""
    for format in FORMATS.values():
        yield format.name, _content(format.name, format.render([cleared]))
    _, told = dossier.contents([cleared], "2020-05-01", None)
    yield "dossier", json.dumps(told, ensure_ascii=False)
    case = [cleared]
    counts = [pictures.counted(case, by) for by in ("type", "actor")]
    yield (
        "pictures",
        str((pictures.places(case), pictures.spans_of(cleared.case), pictures.spans_of_many(case), counts)),
    )


def _content(name: str, pieces: Iterable[Piece]) -> str:
    """All parts of an export as text."""
    contents = [content for _, content in pieces]
    if name != "parquet":
        return "".join(str(content) for content in contents)
    table = pq.read_table(io.BytesIO(b"".join(c for c in contents if isinstance(c, bytes))), use_threads=False)
    return json.dumps(table.to_pylist(), ensure_ascii=False) + str(table.schema.metadata)


def letters_of(text: str) -> str:
    """Letters alone, without case and accents: what is left of a name however it is spelt."""
    return re.sub(r"[\W\d_]+", "", unicodedata.normalize("NFKD", text).casefold())


def _sprinkled(value: Any, sprinkle: Callable[..., str]) -> Any:
    """`value` with a name put into every string that may hold one; ids agree wherever they are named."""
    if isinstance(value, str):
        return sprinkle(value)
    if isinstance(value, tuple):
        return tuple(_sprinkled(v, sprinkle) for v in value)
    if not is_dataclass(value) or isinstance(value, type | Span):
        return value
    sprinkle = partial(sprinkle, whole=True) if isinstance(value, Place) else sprinkle
    changed = {
        f.name: _sprinkled(getattr(value, f.name), sprinkle)
        for f in fields(value)
        if f.name not in CODED | {"id", "report", "reports", "claims", "copies", "left", "right", "states"}
    }
    if isinstance(value, Case):  # an id that a user gave to a report, which holds a name
        ids = {d.id: sprinkle(d.id) for d in value.documents}
        changed["documents"] = tuple(replace(d, id=ids[d.id]) for d in changed["documents"])
        changed["claims"] = tuple(replace(_sprinkled(c, sprinkle), report=ids[c.report]) for c in value.claims)
        changed["incident"] = replace(changed["incident"], reports=tuple(ids.values()))
    return replace(value, **changed)


def _plain_case(number: int) -> Case:
    """A case with every field filled, nobody named."""

    def words(text: str) -> Words:
        return Words(Span(1, 1 + len(text)), text)

    actor = Actor(words("armed men"), None, None, None, 0.5, "the sentence before")
    army = Actor(words("the army"), "military-sy-2000", "Military Forces of Syria (2000-2024)", "State forces")
    people = Actor(words("residents"), "civilians-sy", "Civilians (Syria)", "Civilians")
    candidate = PlaceCandidate("Kafr Dun", "SY", 35.21, 36.71, "town", "gn:1", 0.4)
    place = Place(
        words("Kafr Dun"),
        name="Kafr Dun",
        country="SY",
        lat=35.21234,
        lon=36.71234,
        kind="town",
        gazetteer_id="gn:1",
        admin1="SY.12",
        precision=1,
        reason="as the list has it",
        candidates=(candidate,),
        inferred_from="the title",
    )
    figure = Figure("killed", 3, 5, words("three to five"), "a doctor")
    time_ = Time("2020-04-02", "2020-04-02", 1, words("on Thursday"), "text")
    claims = tuple(
        Claim(
            id=f"c{n}",
            report=f"rep{n % 2}",
            type="shelling_artillery_missile",
            scope="event",
            status="asserted",
            trigger=words("shelled"),
            evidence=(words("The army shelled homes, witnesses said."), words("Homes burnt.")),
            actors=(army, actor),
            targets=(people, actor),
            places=(place,),
            geo_precision=1,
            time=time_,
            figures=(figure,),
            sources=(actor, people),
            agreement=words("the truce"),
            steps=(Step("trigger", "type", "shelling", words("shelled"), "a cue"),),
        )
        for n in range(1 + number)
    )
    documents = tuple(
        Document(
            f"rep{n}",
            "Shells hit homes",
            "The Daily",
            "2020-04-03",
            f"https://daily.example/{n}/",
            None,
            "ab",
            "cd",
            "Text",
        )
        for n in range(2)
    )
    incident = Incident(
        id="inc-1",
        type="shelling_artillery_missile",
        status="asserted",
        claims=tuple(c.id for c in claims),
        reports=("rep0", "rep1"),
        actors=(army, actor),
        targets=(people, actor),
        places=(place,),
        geo_precision=1,
        time=time_,
        figures=(figure,),
        origins=(Origin("o1", "an agency", ("an agency", "a doctor"), ("rep0",), (), ("both credit an agency",)),),
        links=(Link("c0", "c0", 0.9, (Contribution("words", 0.5, 1.0, "shared words"),)),),
        disagreements=(Disagreement("killed", "dispute", (Version("3", ("c0",), ("a doctor",)),)),),
        grades=(Grade("airwars", "fair", ("two origins",)),),
        agreements=(InForce("a1", "a truce", "yes", "both are parties", words("a breach"), True),),
    )
    return Case(incident, claims, documents, (("c0", "accepted"),), "2020-04-05T10:00:00+00:00", "reader-1")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cases", type=int, default=10_000)
    wanted = parser.parse_args().cases
    begun, tried = time.perf_counter(), 0

    quiet = list(HealthCheck)

    @settings(max_examples=wanted, deadline=None, database=None, suppress_health_check=quiet, phases=[Phase.generate])
    @given(marked_cases())
    def run(marked: tuple[Case, tuple[Withheld, ...]]) -> None:
        nonlocal tried
        tried += 1
        found = leaks(*marked)
        assert not found, found[:5]

    run()
    formats = (len(FORMATS) + 2) * sum(bool(p.withhold) for p in profiles().values())
    print(f"{tried:,} cases, {formats} exports each: no leak ({time.perf_counter() - begun:.0f} s)")


if __name__ == "__main__":
    main()
