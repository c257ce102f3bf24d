"""Check the tables and compile them: `python -m mahdar.agreements.build`."""

from __future__ import annotations

import json
import sys

from mahdar.agreements import register
from mahdar.model import MahdarError


def build() -> int:
    """Write `data/compiled.json` whole or not at all; returns how many agreements. Raises MahdarError for a bad table."""
    tables = register.parsed()
    text = json.dumps({"fingerprint": register.fingerprint(), **tables}, ensure_ascii=False, separators=(",", ":"))
    draft = register.COMPILED.with_suffix(".new")
    draft.write_text(text + "\n", encoding="utf-8")
    draft.replace(register.COMPILED)
    register._shipped.cache_clear()
    return len(register.Agreements.load())


if __name__ == "__main__":
    try:
        print(f"{build()} agreements")
    except MahdarError as error:
        sys.exit(f"mahdar: {error}")
