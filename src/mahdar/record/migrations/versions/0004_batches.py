"""Cheaper adding: no index that nothing asks any more, and new rows enter full text together.

Search works over columns of its own (`record/columns.py`), so most of the tables' indexes only cost; those by country and
by confidence find the reports of a queue. A trigger entered each new row into full text by itself, and SQLite writes what
it has down after every such row: now `record/fulltext.py` enters those of a batch, from the views made here. What changes
or goes is still the triggers'.

A report that comes again is told by its text, which needs an index.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_UNUSED = (
    "ix_claims_type_start",
    "ix_claims_start",
    "ix_claims_lat_lon",
    "ix_claim_actors_words_role",
    "ix_claim_actors_actor_id_role",
    "ix_incidents_start",
    "ix_incidents_lat_lon",
    "ix_reports_archive_sha256",
)


def upgrade() -> None:
    for name in _UNUSED:
        op.drop_index(op.f(name))
    op.create_index(op.f("ix_reports_text_sha256"), "reports", ["text_sha256"], unique=False)
    known = sa.text("actor_id IS NOT NULL")
    op.create_index(
        op.f("ix_claim_actors_actor_id_role"),
        "claim_actors",
        ["actor_id", "role"],
        unique=False,
        sqlite_where=known,
        postgresql_where=known,
    )
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.get_bind().exec_driver_sql(statement)


def _slot(slot: str) -> str:
    """SQL: one slot of a claim's JSON, as the triggers of 0002 take it."""
    return f"json_extract(coalesce(decided, machine), '$.{slot}')"


def _listed(slot: str) -> str:
    return (
        "(SELECT group_concat(json_extract(value, '$.words.text') || ' | ' || coalesce(json_extract(value, '$.name'), ''), "
        f"' | ') FROM json_each({_slot(slot)})) AS {slot}"
    )


_EVIDENCE = f"(SELECT group_concat(json_extract(value, '$.text'), ' | ') FROM json_each({_slot('evidence')})) AS words"
_SQLITE = (
    "DROP TRIGGER fts_claims_added",
    "DROP TRIGGER fts_reports_added",
    f"CREATE VIEW fts_claims_new AS SELECT claim_n AS n, {_EVIDENCE}, "
    f"{', '.join(map(_listed, ('actors', 'targets', 'sources', 'places')))} FROM claim_versions",
    "CREATE VIEW fts_reports_new AS SELECT n, title, text FROM reports",
)
_POSTGRESQL = (
    "DROP TRIGGER fts_claims_kept ON claim_versions",
    "CREATE TRIGGER fts_claims_kept AFTER UPDATE OR DELETE ON claim_versions "
    "FOR EACH ROW EXECUTE FUNCTION fts_keep_claim()",
    "DROP TRIGGER fts_reports_kept ON reports",
    "CREATE TRIGGER fts_reports_kept AFTER DELETE ON reports FOR EACH ROW EXECUTE FUNCTION fts_keep_report()",
    "CREATE VIEW fts_claims_new AS SELECT claim_n AS n, fts_claim(claim) AS words, fts_slot(claim, 'places') AS places "
    "FROM (SELECT claim_n, coalesce(decided, machine)::jsonb AS claim FROM claim_versions) AS held",
    "CREATE VIEW fts_reports_new AS SELECT n, fts_vector(concat_ws(' | ', title, text)) AS words FROM reports",
)
