"""Accounts, sessions and tokens."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from mahdar.model import MahdarError
from mahdar.record import Record
from mahdar.record.tables import PERSONS, SESSIONS, TOKENS
from mahdar.review.people import RIGHTS, Forbidden, People, Right, Role, local_person
from tests.review.conftest import PASSWORD


def test_each_role_has_its_rights() -> None:
    assert RIGHTS[Role.viewer] == {Right.read}
    assert Right.decide in RIGHTS[Role.coder]
    assert Right.decide not in RIGHTS[Role.reviewer], "reviewers comment and do not edit"
    assert RIGHTS[Role.admin] == set(Right)


def test_a_session_opens_with_the_password_and_ends(people: People) -> None:
    opened = people.log_in("cora", PASSWORD)
    assert opened is not None
    person, secret = opened
    assert people.by_session(secret) == person
    people.log_out(secret)
    assert people.by_session(secret) is None


@pytest.mark.parametrize(("name", "password"), [("cora", "wrong"), ("nobody", PASSWORD), ("cora", ""), ("", "")])
def test_a_wrong_name_or_password_opens_nothing(people: People, name: str, password: str) -> None:
    assert people.log_in(name, password) is None


def test_neither_passwords_nor_secrets_are_in_the_record(record: Record, people: People) -> None:
    opened = people.log_in("ada", PASSWORD)
    assert opened is not None
    token = people.make_token(people.get("ada"), "export", Role.viewer)
    with record.reading() as connection:
        kept = [str(row) for table in (PERSONS, SESSIONS, TOKENS) for row in connection.execute(select(table))]
    logged = [row.payload for row in record.log()]
    for secret in (PASSWORD, opened[1], token):
        assert not any(secret in line for line in (*kept, *logged))
    assert any("$argon2id$" in line for line in kept)


def test_a_token_may_no_more_than_its_person(people: People) -> None:
    cora = people.get("cora")
    with pytest.raises(MahdarError, match="cannot have the role admin"):
        people.make_token(cora, "all of it", Role.admin)
    token = people.make_token(cora, "reading", Role.viewer)
    held = people.by_token(token)
    assert held is not None
    with pytest.raises(Forbidden):
        held.need(Right.decide)
    coding = people.make_token(cora, "coding", Role.coder)
    people.change("cora", by="ada", role=Role.viewer)
    assert people.by_token(coding) is None, "of a token whose person has lost rights, nothing is left"
    people.drop_token(cora, people.tokens(cora)[0].id)
    assert len(people.tokens(cora)) == 1


def test_nobody_drops_anothers_token(people: People) -> None:
    people.make_token(people.get("cora"), "reading", Role.viewer)
    (token,) = people.tokens(people.get("cora"))
    with pytest.raises(MahdarError, match="no such token"):
        people.drop_token(people.get("carl"), token.id)


def test_a_closed_account_is_out_at_once(people: People) -> None:
    opened = people.log_in("cora", PASSWORD)
    assert opened is not None
    people.change("cora", by="ada", active=False)
    assert people.by_session(opened[1]) is None
    assert people.log_in("cora", PASSWORD) is None


def test_the_only_admin_stays_one(people: People) -> None:
    with pytest.raises(MahdarError, match="only admin"):
        people.change("ada", by="ada", role=Role.viewer)


@pytest.mark.parametrize(
    ("name", "password"), [("Cora!", PASSWORD), ("x" * 41, PASSWORD), ("new", "short"), ("cora", PASSWORD)]
)
def test_odd_names_and_short_passwords_are_refused(people: People, name: str, password: str) -> None:
    with pytest.raises(MahdarError):
        people.add(name, Role.coder, password, by="ada")


def test_the_local_person_has_no_token(people: People) -> None:
    with pytest.raises(MahdarError, match="accounts"):
        people.make_token(local_person("me"), "reading", Role.viewer)
