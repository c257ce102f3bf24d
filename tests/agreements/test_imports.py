"""A user's own agreements from a table of PA-X, in its old and its newer shape."""

from __future__ import annotations

from pathlib import Path

import pytest

from mahdar.agreements import Agreements, in_force
from mahdar.agreements.imports import Imported, import_file
from mahdar.model import MahdarError
from tests.agreements.conftest import SARAQIB, claim

HEAD = "Con,Contp,Reg,AgtId,Agt,Dat,Status,Agtp,Stage,StageSub,Part,ThrdPart,Ce,CeProv,CeGen\n"
ROW = (
    'Syria,Government,Middle East,900001,"Truce of the Two Mills",01/03/2020,Signed,Intra,Cea,Ceas,'
    '"For the Government of Syria: A. B.; for the Free Idlib Mills Hayat Tahrir al-Sham: C. D.",NA,3,1,0\n'
)


def table(folder: Path, *rows: str, head: str = HEAD) -> Path:
    path = folder / "pax.csv"
    path.write_text(head + "".join(rows), encoding="utf-8")
    return path


def test_rows_become_entries_beside_the_shipped_ones(tmp_path: Path) -> None:
    assert import_file(table(tmp_path, ROW)) == Imported(1, 0, 0)
    found = Agreements.load().get("pax-900001")
    assert found is not None
    assert (found.name, found.kind, found.signed, found.countries) == (
        "Truce of the Two Mills",
        "ceasefire",
        "2020-03-01",
        ("SY",),
    )
    assert found.parties == ("SY", "hts")
    assert "armed_clash" in found.forbids
    assert len(Agreements.load()) == len(Agreements.shipped()) + 1


def test_of_an_imported_entry_the_in_force_test_says_what_it_cannot_know(tmp_path: Path) -> None:
    import_file(table(tmp_path, ROW))
    near = claim(on=("hts",), at=(SARAQIB,))
    found = next(x for x in in_force(near) if x.agreement == "pax-900001")
    assert found.answer == "unknown"
    assert "tells only its signature" in found.reason
    long_after = claim(on=("hts",), start="2023-01-01", end="2023-01-01")
    assert "pax-900001" not in [x.agreement for x in in_force(long_after)]


def test_importing_again_replaces_and_adds(tmp_path: Path) -> None:
    import_file(table(tmp_path, ROW))
    import_file(table(tmp_path, ROW.replace("Two Mills", "Three Mills"), ROW.replace("900001", "900002")))
    loaded = Agreements.load()
    assert [loaded.by_id[i].name for i in ("pax-900001", "pax-900002")] == [
        "Truce of the Three Mills",
        "Truce of the Two Mills",
    ]


def test_what_the_register_has_or_is_too_old_is_left_out(tmp_path: Path) -> None:
    minsk = ROW.replace("900001", "1364")
    old = ROW.replace("900001", "900003").replace("2020", "1999")
    moscow = ROW.replace("900001", "900005").replace("01/03/2020", "05/03/2020").replace("the Two Mills", "Idlib")
    assert import_file(table(tmp_path, minsk, old, moscow)) == Imported(0, 2, 1)


def test_the_newer_layout_writes_iso_days_and_has_columns_of_its_own(tmp_path: Path) -> None:
    head = "Con,PP,AgtId,Ver,Agt,Dat,Stage,Part,Ce\n"
    assert import_file(table(tmp_path, 'Sudan/Darfur,x,900004,1,"A, B",2021-05-06,SubPar,NA,0\n', head=head)).taken == 1
    found = Agreements.load().get("pax-900004")
    assert found is not None
    assert (found.countries, found.kind, found.forbids, found.parties) == (("SD",), "peace", frozenset(), ())


@pytest.mark.parametrize(
    ("rows", "head", "reason"),
    [
        ((ROW.replace("01/03/2020", "spring 2020"),), HEAD, "row 1: 'spring 2020' is no date"),
        ((ROW.replace("900001", "x"),), HEAD, "row 1: 'x' is no agreement number"),
        ((), HEAD, "no agreements in it"),
        (("a,b\n",), "name,lat\n", "not a PA-X table (no column AgtId)"),
    ],
)
def test_a_bad_table_changes_nothing(
    tmp_path: Path, no_agreements_of_the_user: Path, rows: tuple[str, ...], head: str, reason: str
) -> None:
    with pytest.raises(MahdarError) as told:
        import_file(table(tmp_path, *rows, head=head))
    assert reason in str(told.value)
    assert "pax.csv" in str(told.value)
    assert not no_agreements_of_the_user.exists()


def test_a_broken_register_of_the_users_is_told_and_not_written_over(
    tmp_path: Path, no_agreements_of_the_user: Path
) -> None:
    no_agreements_of_the_user.write_text("{", encoding="utf-8")
    with pytest.raises(MahdarError, match="not a register of agreements"):
        Agreements.load()
    with pytest.raises(MahdarError, match="not a register of agreements"):
        import_file(table(tmp_path, ROW))
    assert no_agreements_of_the_user.read_text(encoding="utf-8") == "{"
