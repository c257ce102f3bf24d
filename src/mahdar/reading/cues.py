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


def either(words: Iterable[str]) -> str:
    """Wordings as a part of a larger pattern: the longest first, any space between their words."""
    return "(?:" + "|".join(re.escape(w).replace(r"\ ", r"\s+") for w in sorted(words, key=len, reverse=True)) + ")"


def any_word(words: Iterable[str]) -> re.Pattern[str]:
    """One pattern for all wordings: whole words, any case, any space."""
    return re.compile(rf"(?<![\w-]){either(words)}(?![\w-])", re.I)


def any_of(table: str, name: str) -> str:
    """The wordings of one list as a part of a larger pattern."""
    return either(_data()[table][name])


@cache
def pattern(table: str, name: str) -> re.Pattern[str]:
    """The pattern of one list, `[table] name = [...]`."""
    return any_word(_data()[table][name])


@cache
def listed(table: str, name: str) -> frozenset[str]:
    return frozenset(_data()[table][name])


@cache
def names(table: str) -> tuple[str, ...]:
    return tuple(_data()[table])
