"""Full text: new claims are found by the same words as if the database had taken them from their JSON."""

from __future__ import annotations

from sqlalchemy import Connection, text

from mahdar.record import Record
from mahdar.record.fulltext import enter_held
from mahdar.record.tables import CLAIM_VERSIONS, REPORTS

from .invented import documents


def test_what_was_entered_is_what_would_be_entered_anew(record: Record) -> None:
    record.store(documents(30))
    with record.writing() as writer:
        for table, index in ((CLAIM_VERSIONS, "fts_claims"), (REPORTS, "fts_reports")):
            before = _entered(writer.connection, index)
            assert before, "there is something to compare"
            empty = f"INSERT INTO {index} ({index}) VALUES ('delete-all')" if record.sqlite else f"DELETE FROM {index}"
            writer.connection.execute(text(empty))
            enter_held(writer.connection, table)
            assert _entered(writer.connection, index) == before


def _entered(connection: Connection, index: str) -> list[tuple[object, ...]]:
    """Every word of an index and where it stands."""
    if connection.dialect.name == "postgresql":
        return [tuple(row) for row in connection.execute(text(f"SELECT * FROM {index} ORDER BY n"))]
    connection.execute(text(f"CREATE VIRTUAL TABLE temp.{index}_words USING fts5vocab(main, {index}, instance)"))
    words = [tuple(row) for row in connection.execute(text(f"SELECT * FROM temp.{index}_words ORDER BY 1, 2, 3, 4"))]
    connection.execute(text(f"DROP TABLE temp.{index}_words"))
    return words
