"""Where: the gazetteer, the place names of a report, and what they mean."""

from mahdar.where.gazetteer import Entry, Gazetteer, user_path
from mahdar.where.imports import import_file
from mahdar.where.places import Places, Toponym, nationality

__all__ = ["Entry", "Gazetteer", "Places", "Toponym", "import_file", "nationality", "user_path"]
