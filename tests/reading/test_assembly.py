"""Mentions become claims: restatements merge, the fullest wording wins, what is not said stays empty."""

from __future__ import annotations

from itertools import pairwise

import pytest

from mahdar.intake import report_sentences
from mahdar.model import Report, Span
from mahdar.reading import counts, dating, fillers
from mahdar.reading.assembly import assemble
from mahdar.reading.context import Context
from mahdar.reading.labels import ROLES
from mahdar.reading.mentions import Mention, RoleSpan
from mahdar.reading.merging import cues_of
from mahdar.reading.scoring import Score, Scores
from mahdar.who import Register

TEXT = (
    "Rockets hit Orvan market\n\n"
    "At least 12 people were killed on Monday when rockets fired by the Northern Front hit a market in Orvan, medics said. "
    "The rockets struck at noon, wounding dozens. "
    "On Tuesday, they shelled the village of Telm.\n\n"
    "Since early 2019 nearly two million people have been displaced."
)
SURE = Scores(
    {
        **{name: Score(0.0, {"probability": 1.0, "score": 1.0}) for name in ("mention", "claim", "time", "news")},
        **{f"filler_{role}": Score(0.0, {"probability": 1.0}) for role in ROLES},
        "pair": Score(-1.0, {"same_trigger": 3.0, "other_at": -6.0}),
    },
    {
        **dict.fromkeys(("mention", "claim", "time", "news", "total", "pair"), 0.5),
        "both": 0.9,
        "detail": 0.9,
        **{f"filler_{role}": 0.5 for role in ROLES},
    },
)


def context(published: str | None = "2019-11-13", text: str = TEXT) -> Context:
    report = Report("r1", text, "Rockets hit Orvan market", "Harbour Gazette", published)
    return Context(report, report_sentences(report), Register.load())


def span_of(words: str, c: Context, after: int = 0) -> Span:
    start = c.text.index(words, after)
    return Span(start, start + len(words))


def mention(c: Context, code: str, trigger: str, after: int = 0, total: float = 0.0, **roles: str) -> Mention:
    where = span_of(trigger, c, after)
    sentence = c.sentence_at(where.start)
    low = c.sentences[sentence].start
    spans = []
    for role, words in roles.items():
        at = span_of(words, c, low if words in c.text[low:] else 0)
        spans.append(RoleSpan(role, at, 0.9, c.sentence_at(at.start)))
    return Mention(
        code, sentence, where, spans, total, {"asserted": 0.97, "intended": 0.01, "denied": 0.01, "uncertain": 0.01},
        {"score": 2.0},
    )  # fmt: skip


def shelling(c: Context) -> list[Mention]:
    code = "shelling_artillery_missile"
    return [
        mention(c, code, "Rockets", at="Orvan"),
        mention(
            c, code, "rockets", actor="the Northern Front", at="Orvan", time="Monday", killed="12", source="medics"
        ),
        mention(c, code, "rockets", c.text.index("The rockets"), injured="dozens"),
        mention(c, code, "shelled", actor="they", at="Telm", time="Tuesday"),
    ]


def test_title_lead_and_detail_are_one_claim() -> None:
    c = context()
    first, second = assemble(shelling(c), c, SURE, None)
    assert [c.sentence_at(e.span.start) for e in first.evidence] == [0, 1, 2]
    assert [a.words.text for a in first.actors] == ["the Northern Front"]
    assert [(f.what, f.low, f.high) for f in first.figures] == [("killed", 12, None), ("injured", 24, 99)]
    assert (first.time.start, first.time.end, first.time.precision) == ("2019-11-11", "2019-11-11", 1)
    assert [p.words.text for p in second.places] == ["Telm"]
    assert (second.time.start, second.time.anchor) == ("2019-11-12", "publication")


def test_without_a_time_news_is_dated_by_publication_and_undated_reports_not_at_all() -> None:
    c = context()
    (claim,) = assemble(shelling(c)[:1], c, SURE, None)
    assert (claim.time.start, claim.time.end, claim.time.precision) == (None, "2019-11-13", 2)
    c = context(published=None)
    (claim,) = assemble(shelling(c)[:1], c, SURE, None)
    assert (claim.time.start, claim.time.end, claim.time.precision) == (None, None, None)


def test_a_total_runs_from_its_beginning_to_publication() -> None:
    c = context()
    m = mention(c, "displacement", "displaced", total=0.95, displaced="two million", time="early 2019")
    (claim,) = assemble([m], c, SURE, None)
    assert claim.scope == "total"
    assert (claim.time.start, claim.time.end) == ("2019", "2019-11-13")
    assert [(f.what, f.low, f.high) for f in claim.figures] == [("displaced", None, 2_000_000)]


def test_two_types_on_one_trigger_are_read_once() -> None:
    c = context()
    a = mention(c, "shelling_artillery_missile", "rockets", at="Orvan")
    b = mention(c, "attack", "rockets", at="Orvan")
    b.features = {"score": 1.0}
    assert [x.type for x in assemble([a, b], c, SURE, None)] == ["shelling_artillery_missile"]


def test_the_most_specific_means_is_meant_though_a_general_type_is_surer() -> None:
    c = context()
    strike, attack = mention(c, "shelling_artillery_missile", "rockets"), mention(c, "attack", "rockets")
    strike.features, attack.features = {"score": 1.0}, {"score": 2.0}
    assert [x.type for x in assemble([strike, attack], c, SURE, None)] == ["shelling_artillery_missile"]
    surer = Scores(SURE.scores, {**SURE.bars, "mention": 0.05})
    strike.features = {"score": -2.0}
    assert [x.type for x in assemble([strike, attack], c, surer, None)] == ["attack"]


def test_every_value_stands_in_the_text_and_ids_are_stable() -> None:
    c = context()
    claims = assemble(shelling(c), c, SURE, None)
    for claim in claims:
        said = [claim.trigger, *claim.evidence, *(f.words for f in claim.figures), *(p.words for p in claim.places)]
        said += [a.words for a in (*claim.actors, *claim.targets, *claim.sources)]
        for words in said:
            assert c.text[words.span.start : words.span.end] == words.text
    again = context()
    assert [x.id for x in assemble(shelling(again), again, SURE, None)] == [x.id for x in claims]
    assert len({x.id for x in claims}) == len(claims)


def test_the_order_of_mentions_does_not_matter() -> None:
    c = context()
    forward, backward = assemble(shelling(c), c, SURE, None), assemble(shelling(c)[::-1], c, SURE, None)
    assert [(x.type, x.evidence, x.time) for x in forward] == [(x.type, x.evidence, x.time) for x in backward]
    assert all(a.evidence[0].span <= b.evidence[0].span for a, b in pairwise(forward))


@pytest.mark.parametrize(
    ("words", "expected"),
    [("At least 12 people", (12, None)), ("dozens", (24, 99)), ("nearly two million", (None, 2_000_000))],
)
def test_counts_are_ranges(words: str, expected: tuple[int | None, int | None]) -> None:
    c = context()
    count = counts.count_of(span_of(words, c), c)
    assert count is not None
    assert count[1:] == expected


def test_a_single_person_counts_one_and_a_plural_without_number_nothing() -> None:
    c = context(text="Harbour notes\n\nA guard was killed. Villagers were killed too. A number of others fled.")
    guard = counts.count_of(span_of("A guard", c), c)
    assert guard is not None
    assert guard[1:] == (1, 1)
    assert counts.count_of(span_of("Villagers", c), c) is None
    assert counts.count_of(span_of("A number", c), c) is None


def test_a_doubtful_mention_is_a_detail_of_the_claim_it_is_linked_to() -> None:
    c = context()
    mentions = shelling(c)
    lead, doubtful = mentions[1], mentions[2]
    lead.roles = [r for r in lead.roles if r.role != "at"]
    doubtful.features = {"score": -0.5}
    scores = {**SURE.scores, "claim": Score(0.0, {"best": 1.0})}
    bars = {**SURE.bars, "mention": 0.3, "pair": 0.95}
    apart = assemble([lead, doubtful], c, Scores(scores, bars), None)
    whole = assemble([lead, doubtful], c, Scores(scores, {**bars, "detail": 0.6}), None)
    assert [len(claim.evidence) for claim in apart] == [1]
    assert [len(claim.evidence) for claim in whole] == [2]


def test_what_leads_up_to_a_word_tells_a_restatement_from_another_event() -> None:
    text = "The attack killed two. Another attack, in Telm, killed five."
    told = [cues_of(text, Span(a, b), Span(text.index("attack", a), b)) for a, b in ((0, 22), (23, len(text)))]
    assert told == [("again",), ("anew",)]


def test_a_line_that_only_dates_the_report_dates_no_event() -> None:
    c = context(text="Updated 6 June 2024, 10:15 GMT\n\nRockets hit Orvan market on 4 June 2024, killing two people.")
    assert [c.is_stamp(k) for k in range(len(c.sentences))] == [True, False]


def test_a_faint_option_is_weighed_but_is_no_finding() -> None:
    c = context()
    m = mention(c, "attack", "Rockets", target="market")
    m.roles = [r._replace(faint=True, probability=0.3) for r in m.roles]
    assert m.of("target") == []
    assert [r.probability for r in m.options("target")] == [0.3]


def places_of(text: str, trigger: str, *said: tuple[str, str]) -> list[tuple[str | None, str]]:
    """Names and roles of the claim's places, where the mention has these (role, wording)."""
    c = context(text=text)
    m = mention(c, "attack", trigger)
    m.roles = [RoleSpan(role, span_of(wording, c), 0.9, 0) for role, wording in said]
    (claim,) = assemble([m], c, SURE, None)
    return [(place.name, place.role) for place in claim.places]


def test_a_place_named_twice_in_other_words_stands_once() -> None:
    text = "A bomb killed ten people in Baghdad, in the deadliest attack in the Iraqi capital this year."
    assert places_of(text, "bomb", ("at", "Baghdad"), ("at", "the Iraqi capital")) == [("Baghdad", "at")]


def test_the_district_of_a_city_stands_for_the_city() -> None:
    text = "A bomb went off in Sadr City, a district of Baghdad."
    assert places_of(text, "bomb", ("at", "Sadr City"), ("at", "Baghdad")) == [("Sadr City", "at")]


def test_a_place_that_people_fled_from_is_not_where_they_went() -> None:
    said = ("from", "Mosul"), ("to", "Mosul")
    assert places_of("Families fled Mosul for the border.", "fled", *said) == [("Mosul", "from")]


def test_a_point_of_the_compass_is_no_place() -> None:
    assert places_of("Shells hit the southern front.", "Shells", ("at", "southern")) == []


def test_words_that_fill_a_slot_of_another_mention_are_known_to_be_taken() -> None:
    c = context()
    one, other = (mention(c, "attack", trigger, killed="12") for trigger in ("Rockets", "shelled"))
    c.mentions = [one, other]
    assert c.elsewhere("killed", one.roles[0].span, [one]) == 0.9
    assert c.elsewhere("killed", one.roles[0].span, [one, other]) == 0.0


def test_what_is_listed_beside_a_sure_place_is_told_so() -> None:
    c = context(text="They took the goods to Orvan and Telm. Smoke rose over Sarn.")
    m = mention(c, "looting_property_destruction", "took")
    m.roles = [
        RoleSpan("to", span_of("Orvan", c), 0.9, 0),
        RoleSpan("to", span_of("Telm", c), 0.3, 0, faint=True),
        RoleSpan("to", span_of("Sarn", c), 0.3, 1, faint=True),
    ]
    found = {c.text[f.spans[0].span.start : f.spans[0].span.end]: f.features for f in fillers.fillers([m], "to", c)}
    assert found["Telm"]["joined"] > found["Orvan"]["joined"] > 0
    assert "joined" not in found["Sarn"]


def test_a_time_beside_that_dates_an_event_of_another_type_is_not_carried() -> None:
    text = "Gunmen looted homes in Orvan. They agreed on a truce on 12 January 2019."
    c = context(text=text)
    looting = mention(c, "looting_property_destruction", "looted")
    truce = mention(c, "agreement", "agreed", time="12 January 2019")
    c.mentions = [looting]
    assert [t.text for t, _ in dating.time_options([looting], c)] == ["12 January 2019"]
    c.mentions = [looting, truce]
    assert dating.time_options([looting], c) == []


def test_the_same_number_is_one_figure_and_another_number_another() -> None:
    text = "At least 12 people died, medics said. At least 15 people died, the mayor said. Some 12 villagers died."
    c = context(text=text)
    group = [
        mention(c, "attack", "died", killed="At least 12"),
        mention(c, "attack", "died", after=30, killed="At least 15"),
    ]
    c.mentions = group
    assert [f.shown(text) for f in fillers.fillers(group, "killed", c)] == [
        span_of("At least 12", c),
        span_of("At least 15", c),
    ]


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("Shelling killed and wounded 35 people.", "35", ["other"]),
        ("Shelling caused 35 casualties.", "35", ["other"]),
        ("Shelling left 35 people dead or injured.", "35", ["other"]),
        ("Shelling left one dead and wounded 35 people.", "35", ["killed"]),
        ("Shelling killed 35 people.", "35", ["killed"]),
        ("Shelling killed 35 guards and two traders.", "35 guards and", ["killed"]),
        ("Shelling killed a number of people.", "a number", []),
    ],
)
def test_dead_and_injured_in_one_number_are_neither(text: str, words: str, expected: list[str]) -> None:
    c = context(text=text)
    c.mentions = [mention(c, "attack", "Shelling", killed=words)]
    found = counts.figures(c.mentions, c, SURE)
    assert [f.what for f in found] == expected
    assert not any(f.words.text.endswith(" and") for f in found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It was the deadliest attack on Orvan since 2011.", []),
        ("The front has attacked Orvan since 2011.", ["2011"]),
        ("They attack to end ten years of Front rule.", []),
        ("Gunmen began to attack at 4:00 a.m. on Monday.", ["4:00 a.m. on Monday"]),
        ("On Monday gunmen began to attack. At 4:00 a.m. the attack went on.", ["Monday"]),
        ("Gunmen began to attack at 4:00 a.m.", ["4:00 a.m."]),
        ("ORVAN, Oct 30 (Harbour Wire) - Gunmen began an attack on Telm on Sunday.", ["Sunday"]),
    ],
)
def test_what_compares_or_tells_the_hour_dates_no_event(text: str, expected: list[str]) -> None:
    c = context(text=text)
    c.mentions = [mention(c, "attack", "attack")]
    assert [text[t.start : t.end] for t, _ in dating.time_options(c.mentions, c)] == expected


def test_nobody_is_actor_and_target_of_one_claim() -> None:
    text = "Northern Front fighters attacked Orvan. The Northern Front shot guards."
    c = context(text=text)
    told = mention(c, "armed_clash", "attacked", actor="Northern Front fighters", target="The Northern Front")
    told.roles[1] = told.roles[1]._replace(probability=0.6)
    [claim] = assemble([told], c, SURE, None)
    assert [a.words.text for a in claim.actors] == ["Northern Front fighters"]
    assert claim.targets == ()


def test_a_name_is_shown_before_a_longer_description() -> None:
    text = "Orvan Observatory said ten died. A monitoring group based abroad and known well said so. Ten died in the attack."
    c = context(text=text)
    both = fillers.Filler(
        "source",
        [
            RoleSpan("source", span_of("Orvan Observatory", c), 0.6, 0),
            RoleSpan("source", span_of("A monitoring group based abroad", c), 0.9, 1),
        ],
    )
    assert both.shown(text) == span_of("Orvan Observatory", c)
