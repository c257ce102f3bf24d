"""The day a text carries in its own head."""

from __future__ import annotations

import pytest

from mahdar.when import find_publication_date


@pytest.mark.parametrize(
    ("text", "day", "words"),
    [
        ("Rebels Take Hill\n\nApril 2, 2020 at 5:00 am\n\nRebels took a hill.", "2020-04-02", "April 2, 2020"),
        ("Thursday, 2 April 2020\n\nRebels took a hill.", "2020-04-02", "Thursday, 2 April 2020"),
        ("Rebels take hill. Posted on April 2 2020 by the desk. Rebels took it.", "2020-04-02", "April 2 2020"),
        ("DAMASCUS, 3 March 2016 (Agency) -- Rebels took a hill.", "2016-03-03", "3 March 2016"),
        ("02.04.2020 Rebels took a hill near the road.", "2020-04-02", "02.04.2020"),
    ],
)
def test_headers_and_datelines(text: str, day: str, words: str) -> None:
    found = find_publication_date(text)
    assert found is not None
    assert (found[0], text[found[1].start : found[1].end].removesuffix(" at 5:00 am")) == (day, words)


@pytest.mark.parametrize(
    "text",
    [
        "On April 2, 2020 rebels took a hill.",
        "Rebels took a hill on April 2, 2020 and lost it.",
        "DAMASCUS, 3 March (Agency) -- Rebels took a hill.",
        "Rebels took a hill on Monday.",
        "",
    ],
)
def test_dates_in_running_text_are_no_header(text: str) -> None:
    assert find_publication_date(text) is None


def test_a_dateline_takes_its_year_from_the_day_near_it() -> None:
    found = find_publication_date("DAMASCUS, December 30 (Agency) -- Rebels took a hill.", near="2016-01-01")
    assert found is not None
    assert found[0] == "2015-12-30"
