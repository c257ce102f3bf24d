"""What time expressions mean: each row is words, the publication day, and the interval they stand for."""

from __future__ import annotations

import pytest

from mahdar.when import TimeExpression, read_times


def one(text: str, published: str | None = "2020-04-02") -> TimeExpression:
    found = read_times(text, published)
    assert len(found) == 1, [x.text for x in found]
    return found[0]


@pytest.mark.parametrize(
    ("text", "value", "start", "end"),
    [
        ("Shells fell on 26 March 2020.", "2020-03-26", "2020-03-26", "2020-03-26"),
        ("Shells fell on March 26, 2020.", "2020-03-26", "2020-03-26", "2020-03-26"),
        ("Shells fell on 2020-03-26.", "2020-03-26", "2020-03-26", "2020-03-26"),
        ("The town fell in August 2015.", "2015-08", "2015-08", "2015-08"),
        ("The town fell in 2015.", "2015", "2015", "2015"),
        ("The siege of 1992-96 was long.", "1992", "1992", "1996"),
        ("The town fell on 15 Ramadan 1437.", "2016-06-20", "2016-06-20", "2016-06-20"),
        ("The town fell on Ramadan 15, 1437.", "2016-06-20", "2016-06-20", "2016-06-20"),
        ("The town fell in Shawwal 1444.", "2023-05", "2023-04-21", "2023-05-20"),
        ("Crowds marched on 25 Shahrivar 1401.", "2022-09-16", "2022-09-16", "2022-09-16"),
        ("Crowds marched in Mehr 1401.", "2022-10", "2022-09-23", "2022-10-22"),
        ("The town fell in the spring of 2015.", "2015-SP", "2015-03", "2015-05"),
        ("The town fell in the late 1990s.", "199X", "1996", "1999"),
    ],
)
def test_absolute_dates_need_no_publication_day(text: str, value: str, start: str, end: str) -> None:
    found = one(text, None)
    assert (found.value, found.interval_start, found.interval_end, found.anchor) == (value, start, end, "text")


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("The raid was on Monday.", "2020-03-30", "2020-03-30"),
        ("The raid was on Thursday.", "2020-04-02", "2020-04-02"),  # the publication day's own name
        ("The talks will resume on Monday.", "2020-04-06", "2020-04-06"),
        ("The raid was on Friday.", "2020-03-27", "2020-03-27"),
        ("He was shot Friday, police said.", "2020-04-03", "2020-04-03"),  # a wire dated by another zone's clock
        ("He will succeed the general on 1 May.", "2020-05-01", "2020-05-01"),
        ("They were given a May 5 deadline.", "2020-05-05", "2020-05-05"),
        ("The raid was last Thursday.", "2020-03-26", "2020-03-26"),
        ("The raid was yesterday.", "2020-04-01", "2020-04-01"),
        ("Late on Tuesday evening a bomb exploded.", "2020-03-31", "2020-03-31"),
        ("They attacked overnight.", "2020-04-01", "2020-04-02"),
        ("They attacked in December.", "2019-12", "2019-12"),
        ("They attacked on 12 November.", "2019-11-12", "2019-11-12"),
        ("They attacked on 7 October last year.", "2019-10-07", "2019-10-07"),
        ("They attacked on February 14 of this year.", "2020-02-14", "2020-02-14"),
        ("They attacked on New Year’s Eve.", "2019-12-31", "2019-12-31"),
        ("They took it following a month of siege.", "2020-03-02", "2020-04-02"),
        ("It gave no reason for the 14 April deadline.", "2020-04-14", "2020-04-14"),
        ("Rules to be published on 14 April bind them.", "2020-04-14", "2020-04-14"),
        ("They have decided to leave in early May.", "2020-05", "2020-05"),
        ("They planned a large march on Saturday and were planning to stay.", "2020-04-04", "2020-04-04"),
        ("He cut short the planned visit on Saturday.", "2020-03-28", "2020-03-28"),
        ("On Tuesday, the league for the rights of prisoners plans to march.", "2020-04-07", "2020-04-07"),
        ("They were shot on 9 June.", "2019-06-09", "2019-06-09"),
        ("They attacked last month.", "2020-03", "2020-03"),
        ("They attacked last year.", "2019", "2019"),
        ("They attacked last week.", "2020-03-23", "2020-03-29"),
        ("They attacked earlier this week.", "2020-03-30", "2020-04-02"),
        ("They attacked two days ago.", "2020-03-31", "2020-03-31"),
        ("They attacked a year ago.", "2019-04", "2019-04"),
        ("They attacked in the past 24 hours.", "2020-04-01", "2020-04-02"),
        ("They have fought for nearly nine years.", "2011-04", "2020-04-02"),
        ("They fought from 3 to 7 March.", "2020-03-03", "2020-03-07"),
        ("On September 1 and 2 the city was hit.", "2019-09-01", "2019-09-02"),
        ("Thousands fled in the first six months of 2019.", "2019-01", "2019-06"),
    ],
)
def test_relative_dates_count_from_publication(text: str, start: str, end: str) -> None:
    found = one(text)
    assert (found.interval_start, found.interval_end) == (start, end)


@pytest.mark.parametrize(
    ("text", "start", "end", "opening"),
    [
        ("Two million have fled since early 2019.", "2019", "2020-04-02", "since"),
        ("They have shelled the town since Monday.", "2020-03-30", "2020-04-02", "since"),
        ("Many have died since the group took up arms in 1984.", "1984", "2020-04-02", "since"),
        ("The road was closed until February 2020.", None, "2020-02", "until"),
        ("A war that began in March 2011 goes on.", "2011-03", "2011-03", "began"),
    ],
)
def test_words_that_open_an_interval(text: str, start: str | None, end: str, opening: str) -> None:
    found = one(text)
    assert (found.interval_start, found.interval_end, found.opening) == (start, end, opening)


def test_what_since_stretches_still_names_its_own_interval() -> None:
    assert one("No attack was deadlier since the truce of March 2020.").named == ("2020-03", "2020-03")


@pytest.mark.parametrize(
    ("text", "end", "precision"),
    [
        ("Strikes have intensified in recent weeks.", "2020-04-02", 3),
        ("Dozens were killed over the past few days.", "2020-04-02", 2),
        ("They have advanced for several months.", "2020-04-02", 4),
    ],
)
def test_an_untold_number_of_days_leaves_the_start_open(text: str, end: str, precision: int) -> None:
    found = one(text, "2020-04-02")
    assert (found.interval_start, found.interval_end, found.precision) == (None, end, precision)


@pytest.mark.parametrize(
    ("text", "then", "ever_since"),
    [
        ("It has been shelled ever since rebels seized it in 2012.", "seized", "shelled"),
        ("It has been shelled since 2012, when rebels seized it.", "seized", "shelled"),
        ("Since the march began in 2012, people were shelled.", "march", "shelled"),
    ],
)
def test_what_since_starts_from_happened_then(text: str, then: str, ever_since: str) -> None:
    found = one(text, "2020-04-02")
    assert (found.interval_start, found.interval_end) == ("2012", "2020-04-02")
    assert found.named == ("2012", "2012")
    assert found.tells(text.index(then))
    assert not found.tells(text.index(ever_since))


@pytest.mark.parametrize(
    ("text", "joint"),
    [
        ("They clashed between late January and mid-February.", ("2020-01", "2020-02")),
        ("They clashed from Monday to Wednesday.", ("2020-03-30", "2020-04-01")),
        ("They ruled the town 2015-2018.", ("2015", "2018")),
        ("They clashed between April 29, 2019 and May 10, 2019.", ("2019-04-29", "2019-05-10")),
    ],
)
def test_both_ends_of_a_stretch_carry_the_joint_interval(text: str, joint: tuple[str, str]) -> None:
    found = read_times(text, "2020-04-02")
    assert [(x.interval_start, x.interval_end) for x in found] == [joint, joint]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("On 3 March 2020 rebels took the hill. The following day they lost it.", ["2020-03-03", "2020-03-04"]),
        ("On 3 March 2020 rebels took the hill. Two days earlier a mine exploded.", ["2020-03-03", "2020-03-01"]),
        ("In June 2018 the siege ended. A strike came in the same month.", ["2018-06", "2018-06"]),
    ],
)
def test_later_words_lean_on_the_story(text: str, days: list[str]) -> None:
    found = read_times(text, "2020-04-02")
    assert [x.interval_start for x in found] == days


def test_the_month_of_may_is_no_verb_of_the_future() -> None:
    assert [x.value for x in read_times("They fled in May and June.", "2020-04-02")] == ["2019-05", "2019-06"]


def test_a_day_after_an_event_dates_the_event() -> None:
    monday, length = read_times("Monday's strikes came a day after rebels advanced.", "2020-04-02")
    assert monday.interval_start == "2020-03-30"
    assert (length.kind, length.interval_start) == ("DURATION", "2020-03-29")


def test_without_a_publication_day_relative_words_have_no_value() -> None:
    found = one("The raid was on Monday.", None)
    assert (found.value, found.interval_start, found.interval_end) == (None, None, None)


def test_a_full_date_near_the_top_stands_in_for_the_publication_day() -> None:
    first, second = read_times("On Wednesday, June 5, 2019, a village burned. By Thursday it was empty.", None)
    assert first.interval_start == "2019-06-05"
    assert (second.interval_start, second.anchor, second.anchored_to) == ("2019-06-06", "story", "2019-06-05")


def test_the_texts_own_date_wins_over_publication() -> None:
    (found,) = read_times("The raid was yesterday.", "2020-04-02", dateline="2019-01-10")
    assert (found.interval_start, found.anchored_to) == ("2019-01-09", "2019-01-10")


def test_a_named_agreement_is_an_anchor() -> None:
    agreements = {"sochi deal": "2018-09-17"}
    (since,) = read_times("Hundreds died since the Sochi deal.", "2020-04-02", agreements=agreements)
    assert (since.interval_start, since.interval_end) == ("2018-09-17", "2020-04-02")
    assert (since.anchor, since.anchored_to, since.opening) == ("agreement", "sochi deal", "since")
    assert read_times("The Sochi deal is dead.", "2020-04-02", agreements=agreements) == []


@pytest.mark.parametrize(
    "text",
    [
        "Fighters may march on the M4 with 1,200 men.",
        "A 5-year-old girl and a 30-year-old man were hurt.",
        "They won 3-1 and called 202-555-0143.",
        "He met Jan Kavan and read the Sun.",
        "It was the second blast and the third raid; a second attack followed.",
        "About 2000 people and $1990 were counted.",
        "The old quarter of the city is empty.",
        "They spring to arms and fall back.",
        "Act as soon as you can.",
        "Now, let us see.",
        "It imports about three-quarters of its food.",
        "They took the man's 1987 Chevrolet.",
    ],
)
def test_what_only_looks_like_time(text: str) -> None:
    assert read_times(text, "2020-04-02") == []


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("Police said so on Saturday night.", "DATE", "2020-03-28"),
        ("Police said so on Saturday evening.", "TIME", "2020-03-28TEV"),
        ("Police said so last night.", "TIME", "2020-04-01TNI"),
        ("It began at 10 p.m. Wednesday.", "TIME", "2020-04-01T22:00"),
        ("It began at 9 o'clock Monday night.", "TIME", "2020-03-30T21:00"),
        ("It began at 0735 GMT on Monday.", "TIME", "2020-03-30T07:35"),
        ("It was worse in the same period last year.", "DATE", "2019"),
        ("They left two weeks earlier.", "DATE", "2020-03-19"),
        ("It will end at noon on Friday.", "TIME", "2020-04-03T12:00"),
        ("They met over the weekend.", "DATE", "2020-W13-WE"),
        ("They met in the fourth quarter of 2019.", "DATE", "2019-Q4"),
        ("They now control the road.", "DATE", "PRESENT_REF"),
        ("They have often failed in the past.", "DATE", "PAST_REF"),
        ("Attacks grew in recent weeks.", "DURATION", "PXW"),
        ("It grew over the past decade.", "DURATION", "P10Y"),
        ("It earned more in the last half of 2019.", "DATE", "2019-H2"),
        ("It was built in nineteen ninety-six.", "DATE", "1996"),
        ("The losses for the year are high.", "DATE", "2020"),
        ("Their post-1959 politics failed.", "DATE", "1959"),
        ("The lull lasted two weeks.", "DURATION", "P2W"),
        ("It rained for several hours.", "DURATION", "PTXH"),
        ("It rained for 2 1/2 years.", "DURATION", "P2Y6M"),
        ("It rained for 5 1/2 hours.", "DURATION", "PT5H30M"),
        ("It may rain for two more weeks.", "DURATION", "P2W"),
        ("They held a day-long meeting.", "DURATION", "P1D"),
        ("They fought a decades-long battle.", "DURATION", "PXY"),
        ("Shells land every day.", "SET", "P1D"),
        ("Shells land twice a week.", "SET", "P1W"),
        ("They pray each Friday.", "SET", "XXXX-WXX-5"),
        ("It happened on Easter Sunday 2016.", "DATE", "2016-03-27"),
    ],
)
def test_timex3_values(text: str, kind: str, value: str) -> None:
    found = one(text)
    assert (found.kind, found.value) == (kind, value)


@pytest.mark.parametrize(
    ("text", "precision"),
    [
        ("on 3 March 2020", 1),
        ("They attacked overnight", 1),
        ("They attacked last week", 2),
        ("in March 2020", 3),
        ("in 2019", 4),
        ("since 2012", 4),
    ],
)
def test_precision_is_the_codebooks(text: str, precision: int) -> None:
    assert one(f"It was so {text}.").precision == precision


def test_an_invalid_publication_day_is_refused() -> None:
    with pytest.raises(ValueError, match="yesterday"):
        read_times("on Monday", "yesterday")
