"""How a claim was made: every stage that had a part in it, what it decided and on which words."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from mahdar.model import Claim
from mahdar.publish.wording import safe


def steps(claim: Claim) -> RenderableType:
    """The claim's steps in the order in which they were taken, then what each place name could also have meant."""
    table = Table.grid(padding=(0, 2), expand=True)
    for ratio in (None, None, 3, 2):
        table.add_column(ratio=ratio, overflow="fold")
    for step in claim.steps:
        decided = safe(step.value)
        if step.words:
            said = f"“{safe(step.words.text)}” [{step.words.span.start}:{step.words.span.end}]"
            # The value often is the words themselves: once is enough.
            decided = said if step.value == step.words.text else f"{decided}  {said}"
        table.add_row(step.stage, step.slot, decided, safe(step.note))
    parts: list[RenderableType] = [Text(f"how it was made (claim {claim.id})", style="italic"), table]
    for place in claim.places:
        if len(place.candidates) > 1:
            could = "; ".join(
                f"{c.name}, {c.country or '?'} ({c.kind}, {c.gazetteer_id}) {c.score:.2f}" for c in place.candidates
            )
            parts.append(Text(safe(f"“{place.words.text}” could be {could}")))
    return Group(*parts)
