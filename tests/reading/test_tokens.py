"""The windows the encoder reads: every sentence is judged once, every piece points back into the text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from mahdar.intake import split_sentences
from mahdar.model import Span
from mahdar.reading.encoder import MODEL
from mahdar.reading.tokens import APART, NEAR, STEPS, WINDOW, TokenisedReport, Wordpieces

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "army", "shelled", "a", "village", "."]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    made = Tokenizer(WordLevel({w: i for i, w in enumerate(WORDS)}, unk_token="[UNK]"))
    made.pre_tokenizer = Whitespace()
    return made


SENTENCES = st.lists(st.integers(1, 120).map(lambda n: " ".join(["army"] * n) + "."), min_size=0, max_size=14)


@settings(max_examples=60, deadline=None)
@given(sentences=SENTENCES, title=st.sampled_from([None, "The army shelled a village"]))
def test_every_sentence_is_judged_once_and_windows_stay_small(sentences: list[str], title: str | None) -> None:
    made = Tokenizer(WordLevel({w: i for i, w in enumerate(WORDS)}, unk_token="[UNK]"))
    made.pre_tokenizer = Whitespace()
    text = "\n".join(sentences)
    spans = split_sentences(text)
    windows = TokenisedReport(Wordpieces(made), text, title, spans).windows()
    assert [s for w in windows for s in w.judged] == list(range(len(spans)))
    for w in windows:
        assert len(w) <= WINDOW
        for (a, b), s in zip(w.offsets, w.sentence, strict=True):
            assert (s >= 0) == (b > a)
            if s >= 0:
                assert spans[s].start <= a < b <= spans[s].end


def test_neighbourhood_holds_the_sentence_first_of_all(tokenizer: Tokenizer) -> None:
    text = "\n".join([" ".join(["army"] * 60) + "."] * 5)
    spans = split_sentences(text)
    window = next(w for w in TokenisedReport(Wordpieces(tokenizer), text, None, spans).windows() if 1 in w.judged)
    near = window.neighbourhood(1)
    assert set(window.pieces_of(1)) <= set(near)
    assert len(near) <= NEAR + 1
    assert near == sorted(near)


def test_trigger_pieces_are_those_it_touches(tokenizer: Tokenizer) -> None:
    text = "The army shelled a village."
    window = TokenisedReport(Wordpieces(tokenizer), text, None, split_sentences(text)).windows()[0]
    start = text.index("shelled")
    (position,) = window.touching(0, Span(start, start + len("shelled")))
    assert window.offsets[position] == (start, start + len("shelled"))


def test_a_piece_stands_so_far_before_or_behind_the_trigger_and_in_such_a_sentence(tokenizer: Tokenizer) -> None:
    text = "The village. The army shelled a village. The army."
    window = TokenisedReport(Wordpieces(tokenizer), text, None, split_sentences(text)).windows()[0]
    marked = window.pieces_of(1)[2:3]
    step, apart = (x.tolist() for x in window.standing(1, [0, *range(marked[0] - 3, marked[0] + 7)], marked))
    assert step == sorted(step)
    assert len(set(step[1:6])) == 5  # three before, the trigger, one behind: each its own class
    assert apart[0] == APART - 1
    assert apart[1:] == [1, 2, 2, 2, 2, 2, 2, 3, 3, 3]
    assert max(step) < STEPS


ODD = ["Qamishlī", "don't", "U.S.-led", "…", "e\u0301", "\u00a0", "\x1c", "軍", "14,000", "  \n"]


@settings(max_examples=300, deadline=None)
@given(text=st.text() | st.lists(st.sampled_from(ODD)).map("".join))
def test_a_word_has_the_pieces_that_it_has_in_its_sentence(text: str) -> None:
    tokenizer = Tokenizer.from_file(str(MODEL / "tokenizer.json"))
    whole = tokenizer.encode(text, add_special_tokens=False)
    assert Wordpieces(tokenizer).ids(text) == whole.ids
    assert Wordpieces(tokenizer).offsets(text) == whole.offsets
