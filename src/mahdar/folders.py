"""Where what is a user's own lies on this machine; the folders need not exist."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def user_data() -> Path:
    """mahdar's folder in the platform's place for a user's data."""
    return _base("Application Support", "XDG_DATA_HOME", ".local/share") / "mahdar"


def user_cache() -> Path:
    """mahdar's folder in the platform's place for what can be made anew."""
    return _base("Caches", "XDG_CACHE_HOME", ".cache") / "mahdar"


def _base(library: str, variable: str, usual: str) -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    if sys.platform == "darwin":
        return Path.home() / "Library" / library
    return Path(os.environ.get(variable, Path.home() / usual))
