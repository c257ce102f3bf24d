"""The encoder: one window's answers, whatever else is read."""

from __future__ import annotations

import numpy as np
from threadpoolctl import threadpool_info

from mahdar.intake.sentences import split_sentences
from mahdar.reading.encoder import Encoder

TEXT = (
    "Government troops shelled the outskirts of Velmar on Tuesday, killing four people and wounding nine, residents said. "
    "Rebels answered with rocket fire on a military base. Thousands of civilians have fled the fighting since last week.\n\n"
) * 8


def test_what_a_window_says_does_not_hang_on_the_others() -> None:
    encoder = Encoder()
    windows = encoder.look(TEXT, None, split_sentences(TEXT)).windows
    assert len(windows) > 1
    together, alone = encoder.states(windows)[1], encoder.states(windows[1:2])[0]
    assert np.array_equal(together.hidden, alone.hidden)
    assert len(alone.hidden) == len(windows[1])


def test_numpy_keeps_to_one_thread_only_while_a_report_is_read() -> None:
    def threads() -> list[int]:
        return [p["num_threads"] for p in threadpool_info() if p["user_api"] == "blas"]

    encoder, before = Encoder(), threads()
    with encoder.alone():
        assert set(threads()) <= {1}
    assert threads() == before
