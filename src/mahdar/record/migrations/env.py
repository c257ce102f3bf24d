"""Alembic's entry: runs the migrations in the transaction that `database.upgrade` opened."""

from __future__ import annotations

from alembic import context

from mahdar.record.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
