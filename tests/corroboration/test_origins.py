from mahdar.corroboration import find_origins
from mahdar.corroboration.copies import Copy
from tests.corroboration.reports import claim, report, source


def test_outlets_that_carry_one_agency_story_are_one_origin() -> None:
    reports = [
        report("one", outlet="Tamsin Tribune"),
        report("two", outlet="Osk Herald"),
        report("three", outlet="Pell Post"),
    ]
    agency = (source("Anadolu Agency", "anadolu"), source("local sources"))
    [origin] = find_origins(reports, [claim(r.id, sources=agency) for r in reports], [])
    assert origin.name == "Anadolu Agency ← local sources"
    assert origin.chain == ("local sources", "Anadolu Agency")
    assert origin.reports == ("one", "two", "three")
    assert origin.reasons[0] == "one credits Anadolu Agency"


def test_a_relay_that_adds_its_own_witness_is_a_new_origin() -> None:
    reports = [report("one", outlet="Tamsin Tribune"), report("two", outlet="Osk Herald")]
    claims = [
        claim("one", sources=(source("Reuters", "reuters"),)),
        claim("two", sources=(source("Reuters", "reuters"),)),
        claim("two", "attack", sources=(source("a ferryman"),)),
    ]
    names = {origin.name: origin.reports for origin in find_origins(reports, claims, [])}
    assert names == {"Reuters": ("one", "two"), "Osk Herald ← a ferryman": ("two",)}


def test_what_a_relay_says_without_a_source_is_no_second_origin() -> None:
    claims = [claim("one", sources=(source("Reuters", "reuters"),)), claim("one", "attack")]
    assert [o.name for o in find_origins([report("one", outlet="Osk Herald")], claims, [])] == ["Reuters"]


def test_two_agencies_that_cite_one_monitor_are_one_origin() -> None:
    monitor = source("Syrian Observatory for Human Rights", "sohr")
    claims = [
        claim("one", sources=(source("AFP", "afp"), monitor)),
        claim("two", sources=(source("Reuters", "reuters"), monitor)),
    ]
    [origin] = find_origins([report("one"), report("two")], claims, [])
    assert origin.reports == ("one", "two")


def test_a_signed_story_is_the_agencys() -> None:
    signed = report("one", "SALTMARSH (Reuters) - Aircraft bombed the market on Friday.", outlet="Osk Herald")
    assert [o.name for o in find_origins([signed], [claim("one")], [])] == ["Reuters"]


def test_a_copy_that_credits_nobody_has_its_story_from_where_the_other_has_it() -> None:
    reports = [report("one", outlet="Osk Herald"), report("two", outlet="Tamsin Tribune", published="2024-03-02")]
    claims = [claim("one", sources=(source("Reuters", "reuters"),)), claim("two")]
    [origin] = find_origins(reports, claims, [Copy("one", "two", 0.8)])
    assert origin.reports == ("one", "two")
    assert origin.copies == (("one", "two"),)
    assert "two repeats one (80% of its words)" in origin.reasons


def test_copies_of_which_none_credits_anybody_are_one_origin_the_first_published() -> None:
    reports = [report(id, outlet=f"{id} Post") for id in ("one", "two", "three")]
    copies = [Copy("one", "two", 0.9), Copy("two", "three", 0.7)]
    [origin] = find_origins(reports, [claim(r.id) for r in reports], copies)
    assert origin.name == "one Post"
    assert origin.reports == ("one", "two", "three")


def test_a_copy_with_a_witness_of_its_own_is_two_origins() -> None:
    reports = [report("one", outlet="One Post"), report("two", outlet="Two Post")]
    claims = [claim("one"), claim("two", sources=(source("a ferryman"),))]
    origins = find_origins(reports, claims, [Copy("one", "two", 0.9)])
    assert {o.name for o in origins} == {"One Post", "Two Post ← a ferryman"}


def test_witnesses_of_two_outlets_are_two_origins() -> None:
    claims = [claim(id, sources=(source("residents"),)) for id in ("one", "two")]
    assert len(find_origins([report("one", outlet="One Post"), report("two", outlet="Two Post")], claims, [])) == 2
