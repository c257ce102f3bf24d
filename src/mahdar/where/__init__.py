"""Where: the gazetteer, the place names of a report, and what they mean. A user's own places: `mahdar.where.imports`."""

from mahdar.where.gazetteer import Entry, Gazetteer, user_path
from mahdar.where.places import Places, Toponym, nationality

__all__ = ["Entry", "Gazetteer", "Places", "Toponym", "nationality", "user_path"]
