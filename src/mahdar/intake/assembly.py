"""Clean text -> Report: what all formats share (identity, language, furniture, captions, day and outlet told from the
text).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from mahdar.intake.captions import mark_captions
from mahdar.intake.dates import find_published, iso_day
from mahdar.intake.furniture import mark_furniture
from mahdar.intake.heading import find_outlet, find_title
from mahdar.intake.language import foreign_language
from mahdar.intake.refusal import Refusal
from mahdar.intake.sentences import split_sentences
from mahdar.model import Report, Span


def make_report(
    text: str,
    *,
    name: str,
    id: str | None = None,  # the field's name
    title: str | None = None,
    outlet: str | None = None,
    published: str | None = None,
    country: str | None = None,
    captions: Collection[str] = (),
    links: Collection[str] = (),
    any_language: bool = False,
) -> Report | Refusal:
    """A report from its clean text, which is kept to the letter; what is not given is told from the text where it can
    be.

    `published` may be an ISO time stamp or a date in words; what is neither ("4 days ago") counts as not given.
    `id` defaults to the first 16 hex digits of the SHA-256 of the text. `captions` and `links` are paragraphs that
    the page's markup shows to be captions, or nothing but a link. A text without words or in a language the reader
    cannot read is refused, the latter unless `any_language`.
    """
    if not any(map(str.isalnum, text)):
        return Refusal(name, "holds no words")
    language = None if any_language else foreign_language(text)
    if language:
        return Refusal(name, f"is in {language}; the reader reads English")
    marked = mark_captions(text, captions)
    title = title or find_title(text)
    return Report(
        id=id or hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16],
        text=text,
        title=title,
        outlet=outlet or find_outlet(text),
        published=iso_day(published) or find_published(text),
        country=country,
        furniture=mark_furniture(text, title, links=links, captions=marked),
        captions=marked,
        name=name,
    )


def report_sentences(report: Report) -> list[Span]:
    """The sentences of a report, without its furniture and photo credits."""
    credits = [caption.credit.span for caption in report.captions if caption.credit]
    return split_sentences(report.text, sorted([*report.furniture, *credits]))
