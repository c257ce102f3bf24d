"""Hostile and broken input: a result or a refusal within seconds, never a crash."""

import json
import random
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mahdar.intake import Refusal, open_reports, report_sentences
from mahdar.model import Report

SENTENCE = "Army shelling killed two people in the town of Orim on Monday. "


@pytest.mark.parametrize(
    "make",
    [
        lambda: b"x" * 5_000_000,
        lambda: SENTENCE.replace(".", " and").encode() * 30_000,
        lambda: SENTENCE.encode() * 30_000,
        lambda: f"<html><body>{'<div>' * 1_000}{SENTENCE * 20}{'</div>' * 1_000}</body></html>".encode(),
        lambda: f"<html><body>{'<div>' * 100_000}{SENTENCE * 20}{'</div>' * 100_000}</body></html>".encode(),
        lambda: f"<html><body><p>{'<b>' * 100_000}{SENTENCE * 20}".encode(),
        lambda: f"<html><body>{'<p><ul><li>' * 20_000}{SENTENCE * 20}".encode(),
        lambda: b"<html><body>" + b"<" * 1_000_000,
        lambda: b"<html><body>" + b"<a b='" * 100_000,
        lambda: b"<html><body>" + b"<style>" * 100_000,
        lambda: b"<html><body>" + b"<!--" * 200_000,
        lambda: f"<html><body><script>{'x' * 4_000_000}</script><p>{SENTENCE * 20}</p></body></html>".encode(),
        lambda: f"<body>{''.join(f'<p>{SENTENCE}Word {i} of many.</p>' for i in range(20_000))}</body></html>".encode(),
        lambda: json.dumps({"text": SENTENCE * 30_000}).encode(),
        lambda: random.Random(1).randbytes(300_000),
        lambda: b"Shells\x00 hit the\x00 town of Orim on Monday, and two people died.",
    ],
)
def test_large_deep_and_broken_input_ends_within_seconds(make: Callable[[], bytes]) -> None:
    start = time.process_time()
    (result,) = open_reports(make())
    if isinstance(result, Report):
        report_sentences(result)
    # Generous: this guards against quadratic time, which would take minutes.
    assert time.process_time() - start < 20


def test_words_under_a_thousand_tags_are_found() -> None:
    (result,) = open_reports(f"<html><body>{'<div>' * 1_000}<p>{SENTENCE * 20}</p></body></html>".encode())
    assert isinstance(result, Report)
    assert "shelling killed two" in result.text


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"<html><body><p>", b'{"text": "', b"Two died in Orim. ", b"\x1f\x8b\x08"]),
)
def test_no_bytes_crash_intake(data: bytes, head: bytes) -> None:
    for result in open_reports(head + data):
        assert isinstance(result, Report | Refusal)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_every_span_lies_in_the_text(words: str) -> None:
    text = f"{words}\n\n{SENTENCE}\n\n{words} [Ann Tol – AFP]"
    for result in open_reports(json.dumps({"text": text}).encode()):
        if isinstance(result, Report):
            spans = [*result.furniture, *report_sentences(result), *(caption.span for caption in result.captions)]
            assert all(span.end <= len(result.text) for span in spans)
            assert all(a.end <= b.start for a, b in zip(result.furniture, result.furniture[1:], strict=False))
