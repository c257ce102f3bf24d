"""What is furniture and, more important, what is not."""

import pytest

from mahdar.intake import mark_furniture

LEAD = "Army shelling killed two people in the town of Orim on Monday, residents and a local doctor told reporters."
MORE = "The army denied that its guns had fired on the town and blamed the rebels, who have held the hills since March."


def furniture(text: str, title: str | None = None) -> list[str]:
    return [text[span.start : span.end] for span in mark_furniture(text, title)]


@pytest.mark.parametrize(
    "line",
    [
        "Advertisement",
        "Continue reading the main story",
        "Source",
        "Source: Agencies",
        "Read also: Minister visits flooded valley",
        "RELATED: Why the valley floods",
        "JOIN US ON TELEGRAM!",
        "Sign up to get the latest alerts in your inbox",
        "(Reporting by Ann Tol in Orim; Writing by Bo Lim; Editing by Cy Rud)",
        "Ann Tol in Orim contributed to this report.",
        "Copyright 2016 The Orim Press. All rights reserved.",
        "© 2016 Orim Press",
        "Share this…",
        "3 min read",
        "We use cookies to improve your visit.",
    ],
)
def test_lines_that_are_furniture(line: str) -> None:
    assert furniture(f"{LEAD}\n\n{line}\n\n{MORE}") == [line]


@pytest.mark.parametrize(
    "line",
    [
        "Conflicting claims",
        "AIR STRIKES",
        "'We heard them talking'",
        "Sources in the army said that the guns had been silent since the truce and would stay so.",
        "Reporting by the mission shows that 40 homes were burned.",
        "Video showed soldiers carrying doors and windows out of houses in the north of the town.",
        "Subscribers to the plan said that the truce would hold.",
        "What else do we know about the attack on the town of Orim?",
        "Army shelling kills two people in Orim town",
        "A journalist with the Orim Press was killed in the shelling.",
        "The rebels have held the hills since 2009",
        "Residents search the ruins of a house in Orim [Ann Tol/AFP]",
    ],
)
def test_lines_that_belong_to_the_report(line: str) -> None:
    assert furniture(f"{LEAD}\n\n{line}\n\n{MORE}") == []


def test_a_headline_of_another_story_in_mid_text() -> None:
    link = "Minister: Harvest festival returns to capital after long pause "
    assert furniture(f"{LEAD}\n\n{MORE}\n\n{link}\n\n{MORE}") == [link.strip()]


def test_lines_above_the_title() -> None:
    title = "Two killed in Orim"
    assert furniture(f"The friendly paper\n\n{title}\n\n{LEAD}", title) == ["The friendly paper"]
    assert furniture(f"Bringing you the valley since 1987\n\n{title}\n\n{LEAD}") == [
        "Bringing you the valley since 1987"
    ]


def test_a_list_of_links_after_its_heading() -> None:
    links = ["Read more:", "Festival returns to capital", "Minister opens a bridge"]
    assert furniture("\n\n".join([LEAD, MORE, *links])) == links


def test_credits_at_the_end_of_a_text_without_lines() -> None:
    credit = "(Reporting by Ann Tol; Editing by Cy Rud)"
    assert furniture(f"{LEAD} {MORE} {credit}") == [credit]


def test_comments_end_the_report() -> None:
    tail = ["Leave a Reply", "I was there and they did it.", "Nonsense."]
    assert furniture("\n\n".join([LEAD, MORE, LEAD, MORE, *tail])) == tail
