"""How clean text is cut into sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahdar.intake import split_sentences
from mahdar.intake.sentences import LONGEST
from mahdar.model import Span


def sentences(text: str, *furniture: Span) -> list[str]:
    return [text[span.start : span.end] for span in split_sentences(text, furniture)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Shells hit Orim. Two died.", ["Shells hit Orim.", "Two died."]),
        ("Gen. Aru met Mr. Tol at 5 a.m. Monday.", ["Gen. Aru met Mr. Tol at 5 a.m. Monday."]),
        ("The U.S. Army left. It went home.", ["The U.S. Army left.", "It went home."]),
        ("He flew to the U.S. The talks failed.", ["He flew to the U.S.", "The talks failed."]),
        ("On Jan. 5 some 3.5 tons burned.", ["On Jan. 5 some 3.5 tons burned."]),
        ("J. K. Aru spoke.", ["J. K. Aru spoke."]),
        ('"We will go." He left.', ['"We will go."', "He left."]),
        ('"Why?" he asked.', ['"Why?" he asked.']),
        ("They took the province.The army denied it.", ["They took the province.", "The army denied it."]),
        (
            "See No. 5 of the list. He said no. Then he left.",
            ["See No. 5 of the list.", "He said no.", "Then he left."],
        ),
        ("It ended. al-Shara denied it.", ["It ended.", "al-Shara denied it."]),
        ("They fled... Then it stopped.", ["They fled...", "Then it stopped."]),
        ("Write to news@site.org or see www.site.Org today.", ["Write to news@site.org or see www.site.Org today."]),
        ("• Two died\n- Three fled", ["Two died", "Three fled"]),
        ("A title without a stop\nA sentence.", ["A title without a stop", "A sentence."]),
        ("It fell.== Aftermath ==They fled.", ["It fell.", "== Aftermath ==", "They fled."]),
        ("", []),
        (" \n … \n", []),
    ],
)
def test_ends(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_hard_wrapped_lines_are_joined() -> None:
    line = "the army said that its men had shelled the town and then\n"
    text = f"On Monday {line}{line * 8}left again.\n\nA second paragraph stands alone."
    assert len(sentences(text)) == 2


def test_furniture_belongs_to_no_sentence() -> None:
    text = "Shells hit Orim. Read also: Talks fail. Two died."
    assert sentences(text, Span(17, 39)) == ["Shells hit Orim.", "Two died."]


def test_text_without_capitals_is_still_cut() -> None:
    assert len(sentences("shells hit the town. two people died. " * 10)) == 20


@given(st.text(alphabet="aZ .!?\n\"'•,;-1", max_size=3000))
def test_spans_are_ordered_and_bounded(text: str) -> None:
    end = 0
    for span in split_sentences(text):
        assert end <= span.start < span.end <= len(text)
        assert span.end - span.start <= LONGEST
        assert text[span.start : span.end].strip() == text[span.start : span.end]
        end = span.end


@given(st.integers(1, 5000), st.sampled_from(["word ", "a, ", "x", "and so "]))
def test_an_endless_sentence_is_cut_without_losing_words(count: int, unit: str) -> None:
    text = unit * count
    assert "".join(sentences(text)).replace(" ", "") == text.replace(" ", "")
