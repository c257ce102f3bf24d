"""The log: a chain of rows, each carrying the hash of the one before, so that none can be altered or left out unseen.

    hash = SHA-256 of the canonical JSON of [previous, seq, at, kind, subject, payload]

`payload` is canonical JSON that holds the hashes of what the row vouches for. Whoever keeps a head hash elsewhere (on
paper, with a notary, as an RFC 3161 time stamp) can prove later that everything up to it is as it was then.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from mahdar.record.tables import LOG

START = "0" * 64  # what the first row carries in place of a hash before it
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


@dataclass(frozen=True, slots=True)
class Head:
    """The last row of a log: how many rows there are, and the hash that stands for all of them."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class LogRow:
    """One row of the log. `payload` is kept as the text that was hashed."""

    seq: int
    at: str
    kind: str
    subject: str
    payload: str
    previous: str
    hash: str

    @property
    def values(self) -> Any:
        """The payload's values."""
        return json.loads(self.payload)


def canonical(value: Any) -> str:
    """JSON as it is hashed: keys sorted, no spaces, ASCII only."""
    return _CANONICAL.encode(value)


def sha256_of(value: Any) -> str:
    """The SHA-256 of a value's canonical JSON."""
    return hashlib.sha256(canonical(value).encode("ascii")).hexdigest()


def sha256_of_row(row: Mapping[str, Any], *, but: Collection[str] = ()) -> str:
    """The SHA-256 of a row's columns. Empty ones do not count, so that a later migration can add a column."""
    return sha256_of({name: value for name, value in row.items() if value is not None and name not in but})


def row_hash(previous: str, seq: int, at: str, kind: str, subject: str, payload: str) -> str:
    """The hash that a row with these values carries."""
    return sha256_of([previous, seq, at, kind, subject, payload])


def head(connection: Connection) -> Head:
    """The last row; of an empty log, 0 and sixty-four zeros."""
    row = connection.execute(select(LOG.c.seq, LOG.c.hash).order_by(LOG.c.seq.desc()).limit(1)).first()
    return Head(row.seq, row.hash) if row else Head(0, START)


class Chain:
    """Rows to come, appended to a head under the record's write lock to be written in one go."""

    def __init__(self, connection: Connection) -> None:
        self.head = head(connection)
        self.rows: list[dict[str, Any]] = []

    def append(self, at: str, kind: str, subject: str, values: dict[str, Any]) -> None:
        payload = canonical(values)
        seq = self.head.seq + 1
        hash = row_hash(self.head.hash, seq, at, kind, subject, payload)  # the column's name
        self.rows.append(
            {
                "seq": seq,
                "at": at,
                "kind": kind,
                "subject": subject,
                "payload": payload,
                "previous": self.head.hash,
                "hash": hash,
            }
        )
        self.head = Head(seq, hash)
