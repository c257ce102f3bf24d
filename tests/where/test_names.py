"""Which spellings count as one name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahdar.where.names import normalise, skeleton, without_article


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Khān Shaykhūn", "khan shaykhun"),
        ("Ma'arrat", "Maarrat"),
        ("Deir-ez-Zor", "Deir ez Zor"),
        ("St. Louis", "Saint Louis"),
        ("إدلب", "ادلب"),
        ("الرقة", "رقه"),
    ],
)
def test_case_accents_marks_and_abbreviations_do_not_count(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Idlib", "Edleb"),
        ("Saraqib", "Saraqeb"),
        ("al-Qusayr", "Qusair"),
        ("Jisr al-Shughur", "Jisr-Ash-Shugur"),
        ("Talbiseh", "Talbisah"),
        ("Suwayda", "Sweida"),
        ("Kafr Nabl", "Kafranbel"),
    ],
)
def test_transliterations_share_a_skeleton(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other) != ""


@pytest.mark.parametrize(("one", "other"), [("Hama", "Homs"), ("Harim", "Hrak"), ("Salqin", "Salma")])
def test_different_towns_do_not(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


def test_an_article_is_dropped_only_before_a_name() -> None:
    assert without_article(normalise("al-Bab")) == "bab"
    assert without_article("al") == "al"


@given(st.text(max_size=30) | st.text("𝗔ＢΣİßﬁŉ℡ⅣَـالأبST. -'’", max_size=12))
def test_a_key_is_its_own_key(name: str) -> None:
    assert normalise(normalise(name)) == normalise(name)
