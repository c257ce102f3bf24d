"""The event types of `event_types.toml`, in the codebook's order."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class EventType:
    """One event type: its code in the record, its label, family, and what other ontologies call it."""

    code: str
    label: str
    family: str
    acled_event: str
    acled_sub_event: str
    plover: str
    general: bool = False  # gives way to a more specific type that is likely as well


def _load() -> dict[str, EventType]:
    table = tomllib.loads(Path(__file__).with_name("event_types.toml").read_text(encoding="utf-8"))
    return {
        code: EventType(
            code,
            row["label"],
            row["family"],
            row["acled"][0],
            row["acled"][1],
            row["plover"],
            row.get("general", False),
        )
        for code, row in table.items()
    }


EVENT_TYPES: dict[str, EventType] = _load()
