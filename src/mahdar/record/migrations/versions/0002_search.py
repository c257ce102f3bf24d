"""Search. (Placeholder by the RECORD helper so that 0003 has a parent: SEARCH helper, write yours over this file.)"""

from __future__ import annotations

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Nothing yet."""
