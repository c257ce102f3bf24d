"""What intake yields in place of a report that it cannot take."""

from __future__ import annotations

from mahdar.model import MahdarError


class Refusal(MahdarError):  # noqa: N818  # the design's word for what it is
    """Why one report was not taken: `name` is the input (file, line, address), `reason` a sentence's end.

    Yielded, not raised, so that one bad report never stops the batch; whoever wants to stop may raise it.
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name
        self.reason = reason
