"""Full text of claims and reports: new rows enter it here, those of a batch together.

What is changed or taken out later, triggers of the database see to; what words a row is found by, its views say
(migrations 0002 and 0004).
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, Table, bindparam, text

from mahdar.record.tables import CLAIM_VERSIONS, REPORTS

_INDEX_OF = {CLAIM_VERSIONS: "fts_claims", REPORTS: "fts_reports"}
_COLUMNS = {
    "sqlite": {
        "fts_claims": ("rowid", "words", "actors", "targets", "sources", "places"),
        "fts_reports": ("rowid", "title", "text"),
    },
    "postgresql": {"fts_claims": ("n", "words", "places"), "fts_reports": ("n", "words")},
}
_AT_ONCE = 2_000  # numbers in one statement


def enter(connection: Connection, table: Table, numbers: Iterable[int]) -> None:
    """Let the rows of these numbers, which were put into `table` just now, be found by their words."""
    index = _INDEX_OF.get(table)
    if index is None:
        return
    # Not one by one: SQLite writes down what it has before each statement that selects, and later merges it all.
    chosen = text(f"{_entering(connection, index)} WHERE n IN :numbers").bindparams(
        bindparam("numbers", expanding=True)
    )
    given = list(numbers)
    for at in range(0, len(given), _AT_ONCE):
        connection.execute(chosen, {"numbers": given[at : at + _AT_ONCE]})


def enter_all(connection: Connection) -> None:
    """The same for all rows of a record that was filled past its writer."""
    for index in _INDEX_OF.values():
        connection.execute(text(_entering(connection, index)))


def _entering(connection: Connection, index: str) -> str:
    columns = _COLUMNS[connection.dialect.name][index]
    return f"INSERT INTO {index} ({', '.join(columns)}) SELECT n, {', '.join(columns[1:])} FROM {index}_new"
