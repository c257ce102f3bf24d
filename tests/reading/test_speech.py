"""Who says what, by the network: from marked pieces to whole words, sources and contents."""

from __future__ import annotations

import numpy as np
import pytest

from mahdar.intake import split_sentences
from mahdar.model import Span
from mahdar.reading.encoder import MODEL, Encoder, Filling, Sighting
from mahdar.reading.labels import CONTENT, FILLED, FILLED_NUMBER, SPEECH, TYPES
from mahdar.reading.speech import find_speeches

TEXT = "Residents of Qasr Wardan said shells fell on the market."
WORDS = [(m, m + len(w)) for w in TEXT[:-1].split() for m in [TEXT.index(w)]]
needs_model = pytest.mark.skipif(not (MODEL / "encode.onnx").is_file(), reason="the reading model is not here")


class Marked:
    """A look whose network is sure of everything: a piece a word, the cue at `said`."""

    def __init__(self, speech: list[float]) -> None:
        size = len(WORDS)
        none = np.zeros((size, len(TYPES)), np.float32)
        self.seen = [
            Sighting(
                0, 0, none[0], WORDS, none, np.array(speech, np.float32), np.ones(size, np.float32), none[0], none[0]
            ),
        ]
        self.asked: list[tuple[Sighting, Span, str]] = []

    def fillings(self, wanted: list[tuple[Sighting, Span, str]]) -> list[Filling]:
        self.asked += wanted
        roles = np.zeros((len(WORDS), 2 * len(FILLED)), np.float32)
        for role, low, high in (("source", 0, 4), (CONTENT, 5, len(WORDS))):
            roles[low, 2 * FILLED_NUMBER[role]] = 0.9
            roles[low:high, 2 * FILLED_NUMBER[role] + 1] = 0.9
        filling = Filling(WORDS, [0] * len(WORDS), roles, 0.0, np.zeros(4, np.float32))
        return [filling] * len(wanted)


def test_a_cue_has_its_source_and_its_content() -> None:
    look = Marked([0, 0, 0, 0, 0.8, 0, 0, 0, 0, 0])
    (speech,) = find_speeches(TEXT, look)  # type: ignore[arg-type]
    assert TEXT[speech.cue.start : speech.cue.end] == "said"
    assert look.asked[0][2] == SPEECH
    assert [TEXT[r.span.start : r.span.end] for r in speech.sources] == ["Residents of Qasr Wardan"]
    assert speech.tells(Span(TEXT.index("fell"), TEXT.index("fell") + 4))
    assert not speech.tells(speech.sources[0].span)
    assert speech.probability == pytest.approx(0.8)


def test_neighbouring_cue_words_are_one_act_of_speech_and_doubtful_ones_none() -> None:
    assert len(find_speeches(TEXT, Marked([0, 0, 0, 0.7, 0.9, 0, 0, 0.65, 0, 0]))) == 2  # type: ignore[arg-type]
    assert find_speeches(TEXT, Marked([0.4] * 10)) == []  # type: ignore[arg-type]


def test_only_speech_that_can_tell_of_the_sentences_asked_for_is_filled() -> None:
    cue = [0, 0, 0, 0, 0.8, 0, 0, 0, 0, 0]
    assert all(find_speeches(TEXT, Marked(cue), {k}) for k in (0, 1))  # type: ignore[arg-type]
    far = Marked(cue)
    assert find_speeches(TEXT, far, {2}) == []  # type: ignore[arg-type]
    assert not far.asked


@needs_model
def test_the_shipped_network_knows_plain_speech() -> None:
    text = 'The mayor said two bridges had collapsed. "Nobody can leave the town," a nurse added. The sun rose at six.'
    look = Encoder().look(text, None, split_sentences(text))
    look.sightings()
    said = find_speeches(text, look)
    assert [s.sentence for s in said] == [0, 1]
    assert "mayor" in text[said[0].sources[0].span.start : said[0].sources[0].span.end]
    assert said[0].tells(Span(text.index("collapsed"), text.index("collapsed") + 9))
