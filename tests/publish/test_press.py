"""The press: one way out of the record, with the right to the profile asked of everybody, and a row in the log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mahdar.model import MahdarError
from mahdar.publish import press as pressing
from mahdar.publish.formats import FORMATS
from mahdar.publish.press import Closing, Press, profiles_for
from mahdar.publish.release import NotReady
from mahdar.record import Record
from mahdar.record.query import Query
from mahdar.review.people import Forbidden, Person, Role
from tests.review.stories import make_record

VIEWER, CODER, REVIEWER, ADMIN = (Person(str(role), role, 1) for role in Role)
JSONL = FORMATS["jsonl"]
DAY = "2020-03-20"


@pytest.fixture
def press(tmp_path: Path) -> Iterator[Press]:
    with make_record(tmp_path / "record") as record:
        yield Press(record, tmp_path / "releases")


def export(press: Press, person: Person, profile: str, to: Path, query: Query | None = None) -> str:
    redactor = press.redactor(profile)
    press.export(person, JSONL, press.cases(query, redactor), redactor, to / "out.jsonl", query=query)
    return (to / "out.jsonl").read_text("utf-8")


def last(record: Record) -> tuple[str, str, dict[str, object]]:
    row = list(record.log())[-1]
    return row.kind, row.subject, row.values


def test_names_leave_only_with_those_who_may_take_them() -> None:
    assert [list(profiles_for(person)) for person in (VIEWER, CODER, REVIEWER, ADMIN)] == [
        ["public"],
        ["public"],
        ["public", "partner"],
        ["public", "partner", "internal"],
    ]


def test_a_profile_of_ones_own_asks_for_the_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pressing, "RIGHTS", {})
    assert not pressing.may_have(REVIEWER, "public")


def test_who_may_not_have_a_profile_gets_no_file(press: Press, tmp_path: Path) -> None:
    before = press.record.head()
    for person, profile in ((VIEWER, "partner"), (CODER, "internal"), (REVIEWER, "internal")):
        with pytest.raises(Forbidden):
            export(press, person, profile, tmp_path)
    assert not (tmp_path / "out.jsonl").exists()
    assert press.record.head() == before


def test_the_log_knows_who_took_what_and_not_what_was_asked(press: Press, tmp_path: Path) -> None:
    export(press, VIEWER, "public", tmp_path, Query(find="incidents", text="Saraqib"))
    kind, subject, told = last(press.record)
    assert (kind, subject, told["by"], told["profile"], told["all"]) == ("export", "jsonl", "viewer", "public", False)
    assert "Saraqib" not in str(told)
    (one,) = press.exports()
    assert (one.by, one.format, one.profile, one.all, one.files) == ("viewer", "jsonl", "public", False, 1)


def test_one_thing_leaves_at_a_time(press: Press, tmp_path: Path) -> None:
    redactor = press.redactor("public")

    def slow() -> Iterator[object]:
        with pytest.raises(MahdarError, match="just now"):
            export(press, VIEWER, "public", tmp_path)
        yield from press.cases(None, redactor)

    made = press.export(ADMIN, JSONL, slow(), redactor, tmp_path / "first.jsonl", query=None)  # type: ignore[arg-type]
    assert made[0].size > 0


def test_a_release_is_made_by_those_who_may_and_stopped_by_what_is_undecided(press: Press) -> None:
    asked = Closing("2020-W10", ("public", "partner"), ("acled",))
    with pytest.raises(Forbidden):
        press.make(CODER, asked, DAY)
    with pytest.raises(Forbidden):
        press.make(REVIEWER, replace(asked, profiles=("internal",)), DAY)
    with pytest.raises(NotReady) as stopped:
        press.make(REVIEWER, asked, DAY)
    rules = tuple({f.rule for f in stopped.value.findings if f.blocks})
    made, _ = press.make(REVIEWER, replace(asked, allow=rules), DAY)
    assert last(press.record)[:2] == ("release", made.name)
    assert last(press.record)[2]["by"] == "reviewer"
    (one,) = press.released()
    assert one.name == made.name == "0001-2020-W10"
    assert [row["change"] for row in one.changes("public")] == ["added"]
    assert "Release 1" in one.notes("public")
    acled = next(f for f in one.files["public"] if f.name.endswith(".acled.csv"))
    assert press.file(VIEWER, one.name, "public", acled.name).stat().st_size == acled.size
    with pytest.raises(Forbidden):
        press.file(VIEWER, one.name, "partner", acled.name)


@pytest.mark.parametrize("file", ["frozen.jsonl", "../frozen.jsonl", "release.json", ""])
def test_what_is_frozen_in_the_house_stays_there(press: Press, file: str) -> None:
    made, _ = press.make(ADMIN, Closing("2020-W10", formats=("hxl",), allow=("undecided claims",)), DAY)
    assert (made / "frozen.jsonl").is_file()
    with pytest.raises(MahdarError, match="no file"):
        press.file(ADMIN, made.name, "public", file)
    with pytest.raises(MahdarError, match="no release"):
        press.file(ADMIN, "..", "public", file)


def test_without_a_folder_there_are_no_releases(press: Press) -> None:
    alone = Press(press.record)
    assert alone.released() == []
    with pytest.raises(MahdarError, match="--releases"):
        alone.make(ADMIN, Closing("2020-W10"), DAY)
