"""One write to a record: its transaction, its rows of the log, the numbers its rows get."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Table, delete, func, select

from mahdar.model import Claim
from mahdar.record.archive import Archive
from mahdar.record.log import Chain
from mahdar.record.rows import actor_rows, place_rows
from mahdar.record.tables import CLAIM_ACTORS, CLAIM_PLACES, LOG


def now() -> str:
    """The time as a record writes it: ISO, UTC, to the microsecond."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class Writer:
    """The only writer of a record while it lasts (`Record.writing`)."""

    def __init__(self, connection: Connection, archive: Archive) -> None:
        self.connection = connection
        self.archive = archive
        self.now = now()
        self._chain = Chain(connection)
        self._next: dict[str, int] = {}

    def log(self, kind: str, subject: str, values: dict[str, Any]) -> None:
        """Append a row to the log. `values` must be plain JSON; what they should vouch for goes in as its SHA-256."""
        self._chain.append(self.now, kind, subject, values)

    def number(self, table: Table) -> int:
        """The next free `n` of a table."""
        if table.name not in self._next:
            self._next[table.name] = self.connection.execute(select(func.coalesce(func.max(table.c.n), 0))).scalar_one()
        self._next[table.name] += 1
        return self._next[table.name]

    def insert(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Put rows into a table, all of them with the same columns, two or more; the others stay empty."""
        if not rows:
            return
        # Through SQLAlchemy row by row this would be a third of what adding costs; no column here needs converting.
        names = tuple(rows[0])
        values: Iterable[tuple[Any, ...]] = map(itemgetter(*names), rows)
        columns = ", ".join(f'"{name}"' for name in names)
        driver: Any = self.connection.connection.dbapi_connection
        if self.connection.dialect.name == "postgresql":
            with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy:
                for value in values:
                    copy.write_row(value)
        else:
            marks = ", ".join("?" * len(names))
            driver.executemany(f"INSERT INTO {table.name} ({columns}) VALUES ({marks})", values)

    def put_details(self, claims: Sequence[tuple[int, Claim]], *, anew: bool = False) -> None:
        """The rows of who and where of claims by number; `anew`: in place of those they have."""
        if anew:
            for table in (CLAIM_ACTORS, CLAIM_PLACES):
                for n, _ in claims:
                    self.connection.execute(delete(table).where(table.c.claim_n == n))
        self.insert(CLAIM_ACTORS, [{"claim_n": n, **row} for n, claim in claims for row in actor_rows(claim)])
        self.insert(CLAIM_PLACES, [{"claim_n": n, **row} for n, claim in claims for row in place_rows(claim)])

    def done(self) -> None:
        """Write the log's rows; called once, before the transaction is committed."""
        self.insert(LOG, self._chain.rows)
