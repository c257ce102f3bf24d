"""Small fitted scores and the comparison of wordings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahdar.reading.scoring import Score, Scores
from mahdar.reading.wording import alike, covers, is_pronoun, stem, words


def test_unknown_features_count_nothing() -> None:
    score = Score(0.0, {"near": 2.0})
    assert score({"far": 9.0}) == pytest.approx(0.5)
    assert score({"near": 1.0}) > score({"near": 0.0})


@given(st.dictionaries(st.sampled_from("abc"), st.floats(-1e6, 1e6)))
def test_a_score_is_a_probability(features: dict[str, float]) -> None:
    assert 0.0 <= Score(0.3, {"a": 4.0, "b": -7.0})(features) <= 1.0


def test_terms_explain_the_score_largest_first() -> None:
    score = Score(0.0, {"near": 0.5, "same": -3.0})
    assert score.terms({"near": 1.0, "same": 1.0, "odd": 5.0}) == [("same", -3.0), ("near", 0.5)]


def test_a_shown_confidence_is_set_right_by_its_kind_where_that_is_known() -> None:
    scores = Scores({"shown_figures": Score(-1.0, {"logit": 1.0, "kind:injured": 1.0})}, {})
    assert scores.shown("figures", 0.8, "injured") == pytest.approx(0.8)
    assert scores.shown("figures", 0.8, "killed") < 0.8
    assert scores.shown("sources", 0.8, "source") == 0.8
    assert 0 < scores.shown("figures", 1.0, "killed") < 1


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("the regime forces", "Syrian regime forces"),
        ("civilian homes", "homes of civilians"),
        ("al-Nahr brigade", "the Nahr Brigades"),
    ],
)
def test_alike_wordings(a: str, b: str) -> None:
    assert alike(a, b)
    assert alike(b, a)


@pytest.mark.parametrize(("a", "b"), [("the army", "the rebels"), ("", "the army"), ("the", "the")])
def test_other_wordings(a: str, b: str) -> None:
    assert not alike(a, b)


def test_covers_is_one_sided() -> None:
    assert covers("the northern brigade of the army", "the army")
    assert not covers("the army", "the northern brigade of the army")


def test_pronouns() -> None:
    assert is_pronoun("they")
    assert not is_pronoun("the army")


@given(st.text(max_size=40))
def test_words_never_fail_and_stay_plain(text: str) -> None:
    assert all(w.isascii() and w == w.lower() for w in words(text))
    stem(text)
