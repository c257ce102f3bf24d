"""The codebook's rules and reasons that the page shows (`rules.toml`)."""

from __future__ import annotations

import tomllib
from pathlib import Path

_TABLE = tomllib.loads(Path(__file__).with_name("rules.toml").read_text(encoding="utf-8"))

REASONS: dict[str, list[str]] = _TABLE.pop("reasons")
"""Why a claim or a report is not coded, in the order offered."""

RULES: dict[str, dict[str, str]] = _TABLE
"""A field's rule: its title and text."""
