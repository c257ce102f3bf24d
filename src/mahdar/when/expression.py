"""The type that reading returns: a time expression of a text, with its TIMEX3 value and the interval it stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mahdar.when.days import interval_of

Kind = Literal["DATE", "TIME", "DURATION", "SET"]
Anchor = Literal["text", "publication", "story", "agreement"]
Opening = Literal["since", "until", "began"]


@dataclass(frozen=True, slots=True)
class TimeExpression:
    """A time expression: `text` stands at `start..end` (character offsets into the text read).

    `value` and `mod` follow TIMEX3 (TimeML annotation guidelines 1.2.1); `value` is None where nothing fixes it (no
    publication date). `interval_start` and `interval_end` are ISO days, months or years, both None where the words
    name no stretch of the calendar; one of them is None where the words leave that side open ("until May"). The two
    ends of "between X and Y" both carry the joint interval. `opening` says how the words open the interval: `since`
    (it runs to publication), `until` (its start is open), `began` (the words only say when something began: the
    interval is theirs, but a total counted over it runs on to publication). `told` is the stretch of the text that says
    what happened at the named time itself, as the clause after "since" does. `precision` is the codebook's (1 day, 2
    week, 3 month, 4 year or longer). `anchor` says what the interval was computed from and `anchored_to` names it:
    the publication day, the earlier expression's value, or the agreement.
    """

    start: int
    end: int
    text: str
    kind: Kind
    value: str | None
    mod: str | None = None
    interval_start: str | None = None
    interval_end: str | None = None
    precision: int | None = None
    anchor: Anchor = "text"
    anchored_to: str | None = None
    opening: Opening | None = None
    told: tuple[int, int] | None = None

    @property
    def named(self) -> tuple[str | None, str | None]:
        """The interval the words name by themselves, before "since", "until" or "between … and …" stretched it."""
        return interval_of(self.value, self.mod) if self.value else (None, None)

    def tells(self, offset: int) -> bool:
        """Whether what stands at an offset of the text happened at the named time itself.

        "Shelled ever since rebels seized it in 2012": the shelling runs to publication, the seizure was in 2012.
        """
        return self.told is not None and self.told[0] <= offset < self.told[1] and self.named != (None, None)
