"""The lexicon of trigger words: a file a domain expert may edit, checked when it is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from mahdar.codebook import EVENT_TYPES, lexicon
from mahdar.codebook.lexicon import Entry, Lexicon, fold


def file(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "lexicon.csv"
    path.write_text("\n".join(["words,type,weight,seen,needs", *lines]) + "\n", encoding="utf-8")
    return path


def test_the_shipped_file_reads_and_covers_every_event_type() -> None:
    assert {e.type for e in lexicon.read()} == set(EVENT_TYPES)


def test_a_written_file_reads_back_the_same(tmp_path: Path) -> None:
    entries = [
        Entry("air strike", "air_drone_strike", 0.85),
        Entry("swap", "agreement", 0.25, 7, ("prisoners", "!market")),
    ]
    lexicon.write(entries, tmp_path / "out.csv")
    assert sorted(lexicon.read(tmp_path / "out.csv"), key=lambda e: e.words) == entries


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["bombing,no_such_type,0.5,0,"], "line 2: no event type 'no_such_type'"),
        (["bombing,attack,1.5,0,"], "line 2: needs words and a weight"),
        (["bombing,attack,0.5,0,", "bombed,attack,0.4,3,"], "line 3: 'bombed' stands there twice as attack"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, lines: list[str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        lexicon.read(file(tmp_path, *lines))


def test_inflections_are_one_word_and_other_words_are_not() -> None:
    assert len({fold(w) for w in ("bomb", "bombs", "bombed", "bombing")}) == 1
    assert len({fold(w) for w in ("capture", "captured", "captures", "capturing")}) == 1
    assert fold("fighter") != fold("fight")


def test_hits_tell_where_the_words_stand() -> None:
    text = "Earlier. Jets carried out air-strikes."
    [(start, end, entry)] = Lexicon([Entry("air strike", "air_drone_strike", 0.9)]).hits(text, 9, len(text))
    assert text[start:end] == "air-strikes"
    assert entry.weight == 0.9


def test_needs_are_met_within_the_sentence() -> None:
    words = Lexicon([Entry("dispersed", "protest_with_intervention", 0.4, 0, ("crowd", "!clouds"))])
    assert words.hits("Police dispersed the crowd.", 0, 27)
    assert not words.hits("The smoke dispersed.", 0, 20)
    assert not words.hits("The crowd saw the clouds dispersed.", 0, 35)
