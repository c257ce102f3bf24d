"""The word lists of `codebook/cues.toml` as patterns."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import mahdar.codebook


@cache
def _data() -> dict[str, Any]:
    path = Path(mahdar.codebook.__file__).with_name("cues.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def any_word(words: Iterable[str]) -> re.Pattern[str]:
    """One pattern for all wordings: whole words, any case, any space."""
    ways = "|".join(re.escape(w).replace(r"\ ", r"\s+") for w in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?<![\w-])(?:{ways})(?![\w-])", re.I)


@cache
def pattern(table: str, name: str) -> re.Pattern[str]:
    """The pattern of one list, `[table] name = [...]`."""
    return any_word(_data()[table][name])


@cache
def names(table: str) -> tuple[str, ...]:
    return tuple(_data()[table])
