"""Reading without the model: mentions by the lexicon and the words around them. Assembly takes it from there as usual.

`triggers.py` finds what may be told, `roles.py` who, where, when and how many; `scores.json` weighs both (`training/rules.py`).
"""

from __future__ import annotations

from mahdar.reading.rules.triggers import HERE, fill, find_mentions, topics_of

__all__ = ["HERE", "fill", "find_mentions", "topics_of"]
