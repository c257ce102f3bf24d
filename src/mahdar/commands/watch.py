"""`mahdar watch`: feeds and folders looked at again and again; what is new there goes into the record."""

from __future__ import annotations

import re
import signal
from typing import TYPE_CHECKING, Annotated

import typer

from mahdar.commands.record import AllowPrivate, Archive, Where
from mahdar.model import MahdarError

if TYPE_CHECKING:
    from mahdar.record.watch import Seen

REFUSED = 2
INTERRUPTED = 130
SHORTEST = 60.0  # seconds between two looks: no news is that new
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def watch(
    sources: Annotated[list[str], typer.Argument(metavar="FEED|FOLDER…", help="Addresses of feeds, and folders.")],
    record: Where,
    archive: Archive = None,
    every: Annotated[str, typer.Option(metavar="TIME", help="How often to look: 90s, 15m, 6h or 1d.")] = "15m",
    once: Annotated[bool, typer.Option("--once", help="Look once and leave, for cron and the like.")] = False,
    allow_private: AllowPrivate = False,
) -> None:
    """Add what is new in feeds and folders to the record, until stopped. Begun again, it goes on where it was."""
    seconds = _seconds(every)
    from mahdar.intake.polite import Polite
    from mahdar.record import Record
    from mahdar.record.watch import Watch

    before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # a service that is stopped ends like Ctrl-C
    refused = False
    try:
        with Record.open(record, archive=archive) as opened:
            if not once:
                typer.echo(f"mahdar: watching, every {every}, for {opened.where} (Ctrl-C ends it)", err=True)
            watching = Watch(opened, sources, every=seconds, polite=Polite(allow_private=allow_private))
            for seen in watching.once() if once else watching.forever():
                refused |= _tell(seen)
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    finally:
        signal.signal(signal.SIGTERM, before)
    if refused:
        raise typer.Exit(REFUSED)


def _seconds(words: str) -> float:
    match = re.fullmatch(r"(\d{1,6})([smhd])", words.strip())
    seconds = int(match[1]) * _UNITS[match[2]] if match else 0.0
    if seconds < SHORTEST:
        raise MahdarError(f"--every {words}: is a number and a unit, such as 15m or 6h, and at least one minute")
    return seconds


def _tell(seen: Seen) -> bool:
    """Print what was met; whether it is a refusal. What the record knows already is not worth a line."""
    from mahdar.publish.wording import safe

    added = seen.added
    if added is None:
        typer.echo(f"mahdar: {safe(seen.source)}: {safe(seen.failure)}", err=True)
    elif added.state == "refused":
        typer.echo(f"mahdar: {safe(added.name)}: {safe(added.reason)}", err=True)
    elif added.state == "added":
        typer.echo(f"{added.report}  {added.claims:3} claims  {safe(added.name)}")
    return added is None or added.state == "refused"
