"""Full text of claims and reports: new rows enter it here, those of a batch together.

What is changed or taken out later, triggers of the database see to; what words a row is found by, its views say
(migrations 0002 and 0004). A new claim's words are taken from the claim, as the views have them: to take JSON apart is
most of what entering would cost a database.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Table, text

from mahdar.model import Actor, Claim, Place, Report
from mahdar.record.tables import CLAIM_VERSIONS, REPORTS

_INDEX_OF = {CLAIM_VERSIONS: "fts_claims", REPORTS: "fts_reports"}
_SLOTS = ("words", "actors", "targets", "sources", "places")
_COLUMNS = {
    "sqlite": {"fts_claims": ("rowid", *_SLOTS), "fts_reports": ("rowid", "title", "text")},
    "postgresql": {"fts_claims": ("n", "words", "places"), "fts_reports": ("n", "words")},
}
_BETWEEN = " | "  # what is listed

_CLAIMS_TO_SQLITE = "INSERT INTO fts_claims (rowid, words, actors, targets, sources, places) VALUES (?, ?, ?, ?, ?, ?)"
_REPORTS_TO_SQLITE = "INSERT INTO fts_reports (rowid, title, text) VALUES (?, ?, ?)"
_CLAIMS_TO_POSTGRESQL = """
    INSERT INTO fts_claims (n, words, places)
    SELECT n, setweight(fts_vector(actors), 'A') || setweight(fts_vector(targets), 'B')
        || setweight(fts_vector(sources), 'C') || fts_vector(places) || fts_vector(words), fts_vector(places)
    FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
        AS new (n, words, actors, targets, sources, places)
"""
_REPORTS_TO_POSTGRESQL = """
    INSERT INTO fts_reports (n, words) SELECT n, fts_vector(concat_ws(' | ', title, text))
    FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS new (n, title, text)
"""


@contextmanager
def entering(
    connection: Connection, reports: Sequence[tuple[int, Report]], claims: Sequence[tuple[int, Claim]]
) -> Iterator[None]:
    """Let new reports and claims be found by their words under these numbers.

    PostgreSQL, which takes its time over words, may do so until the block ends; nothing is to be asked of it within.
    """
    titled = [(n, report.title, report.text) for n, report in reports]
    if connection.dialect.name == "sqlite":
        _enter(connection, _REPORTS_TO_SQLITE, titled)
        enter_claims(connection, claims)
        yield
    else:
        driver: Any = connection.connection.dbapi_connection
        with driver.pipeline():
            enter_claims(connection, claims)
            _enter(connection, _REPORTS_TO_POSTGRESQL, titled)
            yield


def enter_claims(connection: Connection, claims: Sequence[tuple[int, Claim]]) -> None:
    """Let new claims be found by their words under these numbers."""
    rows = [(n, *words_of(claim)) for n, claim in claims]
    _enter(connection, _CLAIMS_TO_SQLITE if connection.dialect.name == "sqlite" else _CLAIMS_TO_POSTGRESQL, rows)


def _enter(connection: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    driver: Any = connection.connection.dbapi_connection
    if connection.dialect.name == "sqlite":
        # Nothing is selected between: before that SQLite writes down what it has, and merges it all later.
        driver.executemany(statement, rows)
    elif rows:
        driver.execute(statement, [list(column) for column in zip(*rows, strict=True)])


def words_of(claim: Claim) -> tuple[str | None, ...]:
    """What a claim is found by, in the columns of `fts_claims`."""
    evidence = _BETWEEN.join(words.text for words in claim.evidence) or None
    return evidence, _listed(claim.actors), _listed(claim.targets), _listed(claim.sources), _listed(claim.places)


def _listed(slot: Sequence[Actor | Place]) -> str | None:
    return _BETWEEN.join(f"{one.words.text}{_BETWEEN}{one.name or ''}" for one in slot) or None


def enter_held(connection: Connection, table: Table, numbers: tuple[int, int] | None = None) -> None:
    """The same for rows that a table was given past its writer: all, or those numbered from a first to a last one."""
    index = _INDEX_OF[table]
    columns = _COLUMNS[connection.dialect.name][index]
    entering = f"INSERT INTO {index} ({', '.join(columns)}) SELECT n, {', '.join(columns[1:])} FROM {index}_new"
    if numbers is None:
        connection.execute(text(entering))
    else:
        first, last = numbers
        connection.execute(text(f"{entering} WHERE n BETWEEN :first AND :last"), {"first": first, "last": last})
