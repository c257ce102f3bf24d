"""Who may do what: roles, accounts, sessions and tokens of a record.

A viewer reads; a coder codes; a reviewer comments, adjudicates and publishes, and edits nothing; an admin does all this,
assigns reports, judges outlets, keeps the accounts, and alone may take names of victims and witnesses out of the house.
Passwords are kept as argon2id hashes, sessions and tokens as SHA-256.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Row, Table, delete, func, insert, select, update

from mahdar.model import MahdarError
from mahdar.record import Record
from mahdar.record.tables import PERSONS, SESSIONS, TOKENS

SESSION = timedelta(hours=12)
TOKEN = timedelta(days=365)
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1000
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")


class Role(StrEnum):
    viewer = "viewer"
    coder = "coder"
    reviewer = "reviewer"
    admin = "admin"


class Right(StrEnum):
    """What one may do; every route asks for one."""

    read = "read"
    comment = "comment"
    decide = "decide"  # accept, edit, merge … claims and incidents
    adjudicate = "adjudicate"
    publish = "publish"  # make releases, export for partners
    disclose = "disclose"  # export with every name that others must not see
    assign = "assign"  # give reports to coders, judge outlets
    govern = "govern"  # accounts


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.viewer: frozenset({Right.read}),
    Role.coder: frozenset({Right.read, Right.comment, Right.decide}),
    Role.reviewer: frozenset({Right.read, Right.comment, Right.adjudicate, Right.publish}),
    Role.admin: frozenset(Right),
}


class Forbidden(MahdarError):  # noqa: N818  # what it is
    """Somebody asked for what their role does not allow."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who uses the record. `n` is None for the local user, who needs no account."""

    name: str
    role: Role
    n: int | None = None
    active: bool = True

    def may(self, right: Right) -> bool:
        return self.active and right in RIGHTS[self.role]

    def need(self, right: Right) -> None:
        """Raises Forbidden without that right."""
        if not self.may(right):
            raise Forbidden(f"{self.name} is a {self.role} and may not {right}")


@dataclass(frozen=True, slots=True)
class Token:
    """A token as its owner sees it; `id` is the beginning of its hash."""

    id: str
    name: str
    role: Role
    added_at: str
    until: str


class People:
    """The accounts of one record."""

    def __init__(self, record: Record) -> None:
        self._record = record

    def all(self) -> list[Person]:
        with self._record.reading() as connection:
            return [_person(row) for row in connection.execute(select(PERSONS).order_by(PERSONS.c.name))]

    def get(self, name: str) -> Person:
        """Raises MahdarError if there is nobody of that name."""
        with self._record.reading() as connection:
            row = connection.execute(select(PERSONS).where(PERSONS.c.name == name)).first()
        if row is None:
            raise MahdarError(f"there is no account {name!r}")
        return _person(row)

    def any(self) -> bool:
        """Whether the record has an account at all."""
        with self._record.reading() as connection:
            return connection.execute(select(PERSONS.c.n).limit(1)).first() is not None

    def add(self, name: str, role: Role, password: str, *, by: str) -> Person:
        """A new account. Raises MahdarError on a name that is taken or odd, or a password that is too short."""
        if not _NAME.fullmatch(name):
            raise MahdarError(f"{name!r}: a name is 1 to 40 small letters, digits, dots, dashes and underscores")
        hashed = _hashed(password)
        with self._record.writing() as writer:
            if writer.connection.execute(select(PERSONS.c.n).where(PERSONS.c.name == name)).first():
                raise MahdarError(f"there is an account {name!r} already")
            n = writer.number(PERSONS)
            values = {"name": name, "role": role.value, "active": True}
            writer.connection.execute(insert(PERSONS).values(n=n, password=hashed, added_at=writer.now, **values))
            writer.log("person", name, {**values, "by": by})
        return Person(name, role, n)

    def change(
        self,
        name: str,
        *,
        by: str,
        role: Role | None = None,
        active: bool | None = None,
        password: str | None = None,
    ) -> None:
        """Change an account; sessions and tokens of somebody who loses rights or changes the password end.

        Raises MahdarError where there is no such account, and where nobody could govern the record any more.
        """
        hashed = _hashed(password) if password is not None else None
        with self._record.writing() as writer:
            row = writer.connection.execute(select(PERSONS).where(PERSONS.c.name == name)).first()
            if row is None:
                raise MahdarError(f"there is no account {name!r}")
            values = {
                "role": (role or Role(row.role)).value,
                "active": row.active if active is None else active,
                "password": hashed or row.password,
            }
            was_admin = row.role == Role.admin and row.active
            if was_admin and not (values["role"] == Role.admin and values["active"]):
                others = select(func.count()).where(
                    PERSONS.c.role == Role.admin.value, PERSONS.c.active, PERSONS.c.n != row.n
                )
                if not writer.connection.execute(others).scalar():
                    raise MahdarError(f"{name} is the only admin and stays one")
            writer.connection.execute(update(PERSONS).where(PERSONS.c.n == row.n).values(**values))
            writer.connection.execute(delete(SESSIONS).where(SESSIONS.c.person_n == row.n))
            if not values["active"]:
                writer.connection.execute(delete(TOKENS).where(TOKENS.c.person_n == row.n))
            shown = {"name": name, "role": values["role"], "active": values["active"]}
            writer.log("person", name, {**shown, "password": "changed" if hashed else "kept", "by": by})

    def log_in(self, name: str, password: str) -> tuple[Person, str] | None:
        """The person and a new session's secret, or None. Takes the same time whether or not there is such a name."""
        with self._record.reading() as connection:
            row = connection.execute(select(PERSONS).where(PERSONS.c.name == name)).first()
        known = row.password if row is not None and row.password else _nobody()
        right = _fits(known, password[:LONGEST_PASSWORD])
        if row is None or not right or not row.active or not row.password:
            return None
        secret = secrets.token_urlsafe(32)
        with self._record.writing() as writer:
            writer.connection.execute(delete(SESSIONS).where(SESSIONS.c.until < _now()))
            until = _later(SESSION)
            writer.connection.execute(insert(SESSIONS).values(sha256=_sha256(secret), person_n=row.n, until=until))
            writer.log("session", name, {"until": until})
        return _person(row), secret

    def by_session(self, secret: str) -> Person | None:
        return self._held(SESSIONS, secret)

    def log_out(self, secret: str) -> None:
        with self._record.writing() as writer:
            writer.connection.execute(delete(SESSIONS).where(SESSIONS.c.sha256 == _sha256(secret)))

    def make_token(self, person: Person, name: str, role: Role) -> str:
        """A token for programs, shown this once. Raises MahdarError for a role above the person's own."""
        if person.n is None:
            raise MahdarError("tokens belong to accounts; start `mahdar serve --accounts`")
        if not RIGHTS[role] <= RIGHTS[person.role]:
            raise MahdarError(f"a token of {person.name} cannot have the role {role}")
        if not name.strip():
            raise MahdarError("a token needs a name that says what it is for")
        secret = f"mahdar_{secrets.token_urlsafe(32)}"
        with self._record.writing() as writer:
            row = {"sha256": _sha256(secret), "person_n": person.n, "name": name.strip()[:100], "role": role.value}
            writer.connection.execute(insert(TOKENS).values(**row, added_at=writer.now, until=_later(TOKEN)))
            writer.log("token", person.name, {"name": row["name"], "role": row["role"]})
        return secret

    def by_token(self, secret: str) -> Person | None:
        return self._held(TOKENS, secret)

    def tokens(self, person: Person) -> list[Token]:
        """The person's own tokens; nobody sees another's."""
        with self._record.reading() as connection:
            rows = connection.execute(
                select(TOKENS).where(TOKENS.c.person_n == person.n).order_by(TOKENS.c.added_at.desc())
            )
            return [Token(r.sha256[:16], r.name, Role(r.role), r.added_at, r.until) for r in rows]

    def drop_token(self, person: Person, id: str) -> None:
        """Raises MahdarError if the person has no such token."""
        if not re.fullmatch(r"[0-9a-f]{16}", id):
            raise MahdarError("there is no such token")
        with self._record.writing() as writer:
            gone = writer.connection.execute(
                delete(TOKENS).where(TOKENS.c.person_n == person.n, TOKENS.c.sha256.like(f"{id}%"))
            )
            if not gone.rowcount:
                raise MahdarError("there is no such token")
            writer.log("token", person.name, {"dropped": id})

    def _held(self, table: Table, secret: str) -> Person | None:
        with self._record.reading() as connection:
            row = connection.execute(
                select(PERSONS, table.c.until, *([table.c.role.label("limit")] if table is TOKENS else []))
                .join(table, table.c.person_n == PERSONS.c.n)
                .where(table.c.sha256 == _sha256(secret))
            ).first()
        if row is None or not row.active or row.until < _now():
            return None
        person = _person(row)
        if table is SESSIONS:
            return person
        role = Role(row.limit)  # of a token whose person has lost rights since, nothing is left
        return Person(person.name, role, person.n) if RIGHTS[role] <= RIGHTS[person.role] else None


def local_person(name: str) -> Person:
    """Whoever sits at this machine, where the record has no accounts: may do everything."""
    return Person(name, Role.admin)


def roles_of(right: Right) -> Sequence[Role]:
    """The roles that have a right."""
    return [role for role in Role if right in RIGHTS[role]]


def _person(row: Row[tuple[object, ...]]) -> Person:
    return Person(row.name, Role(row.role), row.n, row.active)


def _hashed(password: str) -> str:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise MahdarError(f"a password has {SHORTEST_PASSWORD} characters or more")
    return _hasher().hash(password)


def _fits(hashed: str, password: str) -> bool:
    try:
        return _hasher().verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobody() -> str:
    """The hash that a name without an account is checked against."""
    return _hasher().hash(secrets.token_hex(16))


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _now() -> str:
    return _later(timedelta())


def _later(delay: timedelta) -> str:
    return (datetime.now(UTC) + delay).isoformat(timespec="seconds").replace("+00:00", "Z")
