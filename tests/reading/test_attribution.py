"""Who says what a sentence says."""

from __future__ import annotations

import pytest

from mahdar.intake import report_sentences
from mahdar.model import Report, Span
from mahdar.reading.attribution import attributions, sources_of
from mahdar.reading.context import Context
from mahdar.who import Register


def context(text: str) -> Context:
    report = Report("r", text)
    return Context(report, report_sentences(report), Register.load())


def said_by(text: str, sentence: int = 0) -> list[tuple[str, str]]:
    return [(text[a.span.start : a.span.end], a.pattern) for a in attributions(context(text))[sentence]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Syrian Observatory for Human Rights said two men died.", [("Syrian Observatory for Human Rights", "said")]),
        ("Two men died, according to local sources.", [("local sources", "according")]),
        ("Two men died, according to local sources and witnesses.", [("local sources", "according"), ("witnesses", "according")]),
        ("Residents told Reuters that two men died.", [("Residents", "said"), ("Reuters", "told")]),
        (
            "State TV cited a military source as saying that two men died.",
            [("State TV", "quoting"), ("military source", "quoted")],
        ),
        (
            "SANA quoted local sources as stating that homes burned.",
            [("SANA", "quoting"), ("local sources", "quoted")],
        ),
        ("Two men died, said police.", [("police", "inverted")]),
        ("Abu Nur, a farmer in Tell Azim, said shells fell.", [("Abu Nur", "said")]),
        ("The army denied that it had shelled the town.", [("army", "denied")]),
        ("The Taliban claimed responsibility for the blast.", [("Taliban", "claimed")]),
        ("Two men died, organizers said.", [("organizers", "phrase")]),
        ("Two men died, shopkeepers in the old town said.", [("shopkeepers in the old town", "said")]),
        ("A source familiar with the matter said two men died.", [("source familiar with the matter", "phrase")]),
        ("Air force officials in Kyiv said two men died.", [("Air force officials", "said")]),
        ("Residents were cited as saying by Reuters that two men died.", [("Reuters", "quoting"), ("Residents", "quoted")]),
        ("Two men died, according to the latest figures from the army.", [("army", "according")]),
        ("Two men died, according to the governor, Ali Noor.", [("governor", "according"), ("Ali Noor", "according")]),
        ("Shells hit areas near the camp of the army said police.", [("police", "inverted")]),
        ("The army has repeatedly denied it.", [("army", "denied")]),
        ("A report from state-run Anadolu Agency said two men died.", [("Anadolu Agency", "according")]),
        ("Videos shared on social media showed burning cars.", [("Videos shared on social media", "shown")]),
        ("Two men died, according to videos posted online.", [("videos posted online", "shown")]),
        ("Drones of the United States hit the town.", []),
        ("The army was accused of two attacks.", []),
        ("Shells fell on the town.", []),
    ],
)  # fmt: skip
def test_sources_named_in_the_sentence(text: str, expected: list[tuple[str, str]]) -> None:
    assert said_by(text) == expected


def test_he_added_goes_back_to_who_spoke_before() -> None:
    text = "Police spokesman Daud Amin said a bomb went off. He added that two men died."
    assert said_by(text, 1) == [(said_by(text, 0)[0][0], "continued")]


def test_a_speaker_named_by_a_bare_noun_speaks_beside_the_one_it_goes_back_to() -> None:
    text = "Police spokesman Daud Amin said a bomb went off. The spokesman said two men died."
    assert [how for _, how in said_by(text, 1)] == ["said", "continued"]


@pytest.mark.parametrize(
    ("text", "words", "source"),
    [
        ("The army said rebels fled, while residents said shells fell.", "fled", "army"),
        ("The army said rebels fled, while residents said shells fell.", "fell", "residents"),
        ("Shells fell on the market, police said on Monday.", "fell", "police"),
        ("According to police, shells fell on the market.", "fell", "police"),
    ],
)
def test_a_source_speaks_for_its_part_of_the_sentence(text: str, words: str, source: str) -> None:
    at = Span(text.index(words), text.index(words) + len(words))
    telling = [text[a.span.start : a.span.end] for a in attributions(context(text))[0] if a.tells(at)]
    assert telling == [source]


def test_a_new_paragraph_without_a_cue_ends_the_speech() -> None:
    text = "Witnesses said a bomb went off.\n\nThe town lies on the river."
    assert said_by(text, 1) == []


def test_a_surer_pattern_gives_a_higher_probability() -> None:
    c = context("Two men died, according to witnesses. Shells fell on the market.")
    own, carried = sources_of(c, 0), sources_of(c, 1)
    assert own[0].role == carried[0].role == "source"
    assert own[0].span == carried[0].span
    assert 0 < carried[0].probability < own[0].probability < 1
    assert own[0].sentence == carried[0].sentence == 0
