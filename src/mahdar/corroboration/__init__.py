"""Corroboration: how many independent origins carry an incident, where they disagree, and how well it is carried."""

from mahdar.corroboration.copies import Copy, find_copies
from mahdar.corroboration.disagreements import find_disagreements
from mahdar.corroboration.grades import PRESETS, grade
from mahdar.corroboration.incidents import make_incident
from mahdar.corroboration.linking import Joined, join, link
from mahdar.corroboration.origins import find_origins
from mahdar.corroboration.stories import find_stories

__all__ = [
    "PRESETS",
    "Copy",
    "Joined",
    "find_copies",
    "find_disagreements",
    "find_origins",
    "find_stories",
    "grade",
    "join",
    "link",
    "make_incident",
]
