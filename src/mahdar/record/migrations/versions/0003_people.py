"""Persons, sessions, tokens, assignments, outlets: what the review page keeps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

N = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "persons",
        sa.Column("n", N, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_persons")),
        sa.UniqueConstraint("name", name=op.f("uq_persons_name")),
    )
    op.create_table(
        "sessions",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("person_n", N, nullable=False),
        sa.Column("until", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["person_n"], ["persons.n"], name=op.f("fk_sessions_person_n")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_person_n"), "sessions", ["person_n"], unique=False)
    op.create_table(
        "tokens",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("person_n", N, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("added_at", sa.String(length=32), nullable=False),
        sa.Column("until", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["person_n"], ["persons.n"], name=op.f("fk_tokens_person_n")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_tokens")),
    )
    op.create_index(op.f("ix_tokens_person_n"), "tokens", ["person_n"], unique=False)
    op.create_table(
        "assignments",
        sa.Column("n", N, autoincrement=False, nullable=False),
        sa.Column("report_n", N, nullable=False),
        sa.Column("person_n", N, nullable=False),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("given_at", sa.String(length=32), nullable=False),
        sa.Column("sheet", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.String(length=32), nullable=True),
        sa.Column("settled_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["report_n"], ["reports.n"], name=op.f("fk_assignments_report_n")),
        sa.ForeignKeyConstraint(["person_n"], ["persons.n"], name=op.f("fk_assignments_person_n")),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_assignments")),
        sa.UniqueConstraint("report_n", "person_n", name=op.f("uq_assignments_report_n_person_n")),
    )
    op.create_index(op.f("ix_assignments_person_n"), "assignments", ["person_n"], unique=False)
    op.create_table(
        "outlets",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("reliability", sa.String(length=1), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_outlets")),
    )
