from hypothesis import given, settings
from hypothesis import strategies as st

from mahdar.corroboration import find_copies
from tests.corroboration.reports import report

STORY = " ".join(
    f"{a} {b} saw smoke over pier {n}"
    for n, (a, b) in enumerate(
        zip("Ada Ben Cleo Dov Ede Fay".split(), "Lunt Marr Noor Orme Pell Quill".split(), strict=True)
    )
)
OTHER = (
    "Rain kept the ferry at home and the council met to speak of the price of rope and tar for the coming winter season"
)


def runs(text: str) -> set[tuple[str, ...]]:
    words = text.split()
    return {tuple(words[at : at + 5]) for at in range(len(words) - 4)}


def test_a_story_printed_twice_is_a_copy() -> None:
    [copy] = find_copies([report("one", STORY), report("two", STORY + " " + OTHER), report("three", OTHER[::-1])])
    assert (copy.left, copy.right, copy.share) == ("one", "two", 1.0)


def test_a_short_report_inside_a_long_one_is_a_copy() -> None:
    long = " ".join((OTHER, *(f"word{n}" for n in range(600)), STORY))
    assert [(c.left, c.right) for c in find_copies([report("long", long), report("short", STORY)])] == [
        ("long", "short")
    ]


def test_a_shared_phrase_is_no_copy() -> None:
    assert (
        find_copies(
            [
                report("one", STORY + " the harbour is closed until noon"),
                report("two", OTHER + " the harbour is closed until noon"),
            ]
        )
        == []
    )


def test_texts_of_fewer_than_five_words_are_no_copies() -> None:
    assert find_copies([report("one", "Smoke over pier"), report("two", "Smoke over pier")]) == []


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from("ash bay cod dune eel".split()), min_size=5, max_size=20), min_size=2, max_size=4)
)
def test_of_short_reports_every_pair_that_shares_half_its_runs_is_found_and_no_other(texts: list[list[str]]) -> None:
    reports = [report(f"r{n}", " ".join(text)) for n, text in enumerate(texts)]
    found = {(c.left, c.right) for c in find_copies(reports)}
    for at, one in enumerate(reports):
        for other in reports[at + 1 :]:
            a, b = runs(one.text), runs(other.text)
            assert ((one.id, other.id) in found) == (2 * len(a & b) >= min(len(a), len(b)))
