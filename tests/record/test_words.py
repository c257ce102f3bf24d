"""What a person types into a search, and what the two engines are asked."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahdar.model import MahdarError
from mahdar.record.words import Phrase, Words, bare, fts5, parse, split, tsquery


def test_words_phrases_alternatives_and_what_to_leave_out() -> None:
    assert parse('drone "market square" school OR clinic -drill strik*') == Words(
        (
            (Phrase(("drone",)),),
            (Phrase(("market", "square")),),
            (Phrase(("school",)), Phrase(("clinic",))),
            (Phrase(("strik",), begins=True),),
        ),
        (Phrase(("drill",)),),
    )


def test_case_accents_and_hyphens_do_not_matter() -> None:
    assert [bare(word) for word in split("Khān al-Àsal, MAARAT_Misrin")] == ["khan", "al", "asal", "maarat", "misrin"]
    assert parse("al-Bara") == Words(((Phrase(("al", "bara")),),))


def test_a_quote_left_open_runs_to_the_end() -> None:
    assert parse('"market square') == parse('"market square"')


def test_nothing_typed_is_no_words() -> None:
    assert parse("") == Words()


@pytest.mark.parametrize("typed", ["OR raid", "raid OR", "raid OR OR siege", "raid OR -siege", "***", "x " * 65])
def test_what_cannot_be_meant_is_refused(typed: str) -> None:
    with pytest.raises(MahdarError, match="q"):
        parse(typed)


def test_the_engines_are_asked_the_same() -> None:
    words = parse('drone school OR "old clinic" -drill strik*')
    assert fts5(words) == '(("drone") AND ("school" OR "old clinic") AND ("strik"*)) NOT "drill"'
    assert fts5(words, "actors").startswith("{actors} : (")
    assert tsquery(words) == "(('drone')) & (('school') | ('old' <-> 'clinic')) & (('strik':*)) & !('drill')"
    assert tsquery(parse("army"), "A") == "(('army':A))"


@given(st.text(max_size=40))
def test_fts5_takes_whatever_can_be_parsed(typed: str) -> None:
    try:
        words = parse(typed)
    except MahdarError:
        return
    if not words.all:
        return
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE t USING fts5(a, b, tokenize='unicode61 remove_diacritics 2')")
    db.execute("INSERT INTO t VALUES ('one', 'two')")
    db.execute("SELECT rowid FROM t WHERE t MATCH ?", (fts5(words),)).fetchall()
    db.execute("SELECT rowid FROM t WHERE t MATCH ?", (fts5(words, "b"),)).fetchall()
    db.close()


# The alphabets of the reports at hand; FTS5 knows letters of Unicode 6.1 only.
LETTERS = st.sampled_from("aZéÉñőşİßøłКийЁعربيةﷺهَُمَّدשלוםΑβ09") | st.sampled_from(" -_.,'’\"()/@&…\n")


@given(st.text(LETTERS, min_size=1, max_size=30))
def test_fts5_finds_a_text_by_its_own_words(text: str) -> None:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE t USING fts5(a, tokenize='unicode61 remove_diacritics 2')")
    db.execute("INSERT INTO t VALUES (?)", (text,))
    missed = [
        word
        for word in split(text)
        if not db.execute("SELECT 1 FROM t WHERE t MATCH ?", (fts5(Words(((Phrase((word,)),),))),)).fetchone()
    ]
    db.close()
    assert not missed
