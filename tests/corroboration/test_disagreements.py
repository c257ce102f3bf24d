from mahdar.corroboration import find_disagreements
from mahdar.model import Claim, Disagreement
from tests.corroboration.reports import actor, claim, report, source


def found(
    *claims: Claim, days: tuple[str, ...] = ("2024-03-01", "2024-03-01", "2024-03-01")
) -> dict[str, Disagreement]:
    reports = {
        c.report: report(c.report, outlet=f"{c.report} Post", published=day)
        for c, day in zip(claims, days, strict=False)
    }
    return {d.field: d for d in find_disagreements(claims, reports)}


def test_tolls_that_differ_are_each_kept_with_who_says_so() -> None:
    state, agency = source("Syrian state TV"), source("Reuters", "reuters")
    told = found(
        claim("a", killed=22, sources=(state,)), claim("b", killed=44), claim("c", killed=48, sources=(agency,))
    )
    assert told["killed"].kind == "dispute"
    assert [(v.value, v.said_by) for v in told["killed"].versions] == [
        ("22", ("Syrian state TV",)),
        ("44", ("b Post",)),
        ("48", ("Reuters",)),
    ]


def test_a_toll_that_grows_from_day_to_day_is_an_update() -> None:
    told = found(
        claim("a", killed=22),
        claim("b", killed=44),
        claim("c", killed=48),
        days=("2024-03-01", "2024-03-02", "2024-03-04"),
    )
    assert told["killed"].kind == "update"


def test_a_toll_that_falls_again_is_a_dispute() -> None:
    told = found(
        claim("a", killed=22),
        claim("b", killed=44),
        claim("c", killed=30),
        days=("2024-03-01", "2024-03-02", "2024-03-04"),
    )
    assert told["killed"].kind == "dispute"


def test_dozens_and_44_are_one_toll() -> None:
    assert "killed" not in found(claim("a", killed=(24, 99)), claim("b", killed=44))


def test_a_denial_is_shown_with_who_denies() -> None:
    ministry = source("the ministry")
    told = found(claim("a"), claim("b", status="denied", sources=(ministry,)))
    assert told["status"].kind == "denial"
    assert [v.said_by for v in told["status"].versions if v.value == "denied"] == [("the ministry",)]


def test_rival_perpetrators_are_a_dispute_and_shared_ones_are_not() -> None:
    north, south = actor("Northern Army", "north", "State forces"), actor("Southern Army", "south", "State forces")
    assert found(claim("a", actors=(north,)), claim("b", actors=(south,)))["actors"].kind == "dispute"
    assert "actors" not in found(claim("a", actors=(north,)), claim("b", actors=(north, south)))


def test_towns_far_apart_are_a_dispute_and_neighbours_are_not() -> None:
    assert found(claim("a"), claim("b", town="Kestrel"))["places"].kind == "dispute"
    assert "places" not in found(claim("a"), claim("b", town="Ferry Hill"))


def test_days_two_apart_are_a_dispute_and_the_two_dates_of_a_night_are_not() -> None:
    assert found(claim("a"), claim("b", day="2024-03-03"))["time"].kind == "dispute"
    assert "time" not in found(claim("a"), claim("b", day="2024-03-02"))
