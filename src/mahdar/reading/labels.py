"""What the model's outputs mean, in order. Training and reading share these lists; the model's card repeats them."""

from __future__ import annotations

from mahdar.codebook import EVENT_TYPES
from mahdar.model import FigureKind, PlaceRole, Status

TYPES: tuple[str, ...] = tuple(EVENT_TYPES)
TYPE_NUMBER = {code: i for i, code in enumerate(TYPES)}

ROLES = (
    "actor",
    "target",
    "at",
    "from",
    "to",
    "time",
    "killed",
    "injured",
    "displaced",
    "other_figure",
    "source",
    "agreement",
)

PLACE_ROLES: tuple[PlaceRole, ...] = ("at", "from", "to")

# Who says what is asked of the network as it is asked of events: a word of speech is a trigger, with a source and a content.
SPEECH, CONTENT = "speech", "content"
FACTUAL = "factual"  # of every word: does what it names happen, as far as the sentence says
TRIGGERS = (*TYPES, SPEECH, FACTUAL)
TRIGGER_NUMBER = {code: i for i, code in enumerate(TRIGGERS)}
FILLED = (*ROLES, CONTENT)
FILLED_NUMBER = {role: i for i, role in enumerate(FILLED)}

STATUSES: tuple[Status, ...] = ("asserted", "denied", "intended", "uncertain")

FIGURE_ROLES: dict[str, FigureKind] = {"killed": "killed", "injured": "injured", "displaced": "displaced"}
COUNTS = (*FIGURE_ROLES, "other_figure")

# What a figure counts that is neither dead, injured nor displaced: it follows from the type of the event.
OTHER_FIGURE: dict[str, FigureKind] = {
    "abduction_forced_disappearance": "abducted",
    "arrests": "detained",
    "return_of_displaced": "returned",
    "looting_property_destruction": "homes",
}
