"""`mahdar serve`: the review page in a browser; `mahdar user`: who may log in."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mahdar.commands.record import Archive, Where
from mahdar.model import MahdarError

if TYPE_CHECKING:
    from mahdar.review.people import People, Role

LOOPBACK = ("127.0.0.1", "::1", "localhost")

user = typer.Typer(help="Accounts of a record: who may log in, and what they may do.", no_args_is_help=True)


def serve(
    record: Where,
    host: Annotated[str, typer.Option(help="The address to listen on; by default this machine only.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port.")] = 8400,
    accounts: Annotated[bool, typer.Option("--accounts", help="Ask everybody to log in (`mahdar user add`).")] = False,
    name: Annotated[
        list[str] | None, typer.Option(metavar="HOST", help="A name that people reach this server by, behind a proxy.")
    ] = None,
    https: Annotated[bool, typer.Option("--https", help="People reach it by https, through a proxy of yours.")] = False,
    tiles: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Map tiles (https://…/{z}/{x}/{y}.png); without it no page asks the net."),
    ] = None,
    releases: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Where releases are kept (`mahdar release make --to`).")
    ] = Path("releases"),
    archive: Archive = None,
) -> None:
    """Open a record in the browser: code, review, explore."""
    if host not in LOOPBACK and not accounts:
        raise MahdarError(f"{host}: others could reach it, and write; start it with --accounts")
    if tiles is not None and not (tiles.startswith(("https://", "http://")) and "{z}" in tiles):
        raise MahdarError(
            f"{tiles}: not an address of map tiles, such as https://tiles.example.org/{{z}}/{{x}}/{{y}}.png"
        )
    import uvicorn

    from mahdar.record import Record
    from mahdar.web import Settings, create_app
    from mahdar.web.security import LOOPBACK as OWN_NAMES

    with Record.open(record, archive=archive) as opened:
        own = None if accounts else who()
        names = (
            OWN_NAMES | {n.lower() for n in name or ()} | ({host.lower()} if host not in ("0.0.0.0", "::") else set())
        )
        open_to_all = accounts and not name and host in ("0.0.0.0", "::")
        settings = Settings(own, frozenset() if open_to_all else frozenset(names), https, tiles, releases)
        app = create_app(opened, settings)
        app.state.site.desk.ready(lambda told: typer.echo(f"mahdar: {told}", err=True))
        typer.echo(
            f"mahdar: {opened.where} at http://{f'[{host}]' if ':' in host else host}:{port} (Ctrl-C ends it)", err=True
        )
        uvicorn.run(
            app, host=host, port=port, log_level="warning", access_log=False, server_header=False, proxy_headers=https
        )


@user.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Small letters, digits, dots, dashes.")],
    record: Where,
    role: Annotated[str, typer.Option(help="viewer, coder, reviewer or admin.")] = "coder",
) -> None:
    """Add an account; the password is asked for (or read from standard input)."""
    with _people(record) as people:
        people.add(name, _role(role), _password(), by=who())
    typer.echo(f"{name} may log in as {role}")


@user.command("change")
def change(
    name: Annotated[str, typer.Argument(help="Whose account.")],
    record: Where,
    role: Annotated[str | None, typer.Option(help="viewer, coder, reviewer or admin.")] = None,
    password: Annotated[bool, typer.Option("--password", help="Ask for a new password.")] = False,
    close: Annotated[bool, typer.Option("--close", help="No longer let them in.")] = False,
    reopen: Annotated[bool, typer.Option("--open", help="Let them in again.")] = False,
) -> None:
    """Change an account. Nobody is removed: a name in the log means one person for good."""
    active = False if close else True if reopen else None
    with _people(record) as people:
        new = _password() if password else None
        people.change(name, by=who(), role=_role(role) if role else None, active=active, password=new)
    typer.echo(f"{name} is changed")


@user.command("list")
def show(record: Where) -> None:
    """Who may log in."""
    with _people(record) as people:
        for one in people.all():
            typer.echo(f"{one.name}  {one.role}{'' if one.active else '  closed'}")


@contextmanager
def _people(where: str) -> Iterator[People]:
    from mahdar.record import Record
    from mahdar.review.people import People

    with Record.open(where) as record:
        yield People(record)


def _role(word: str) -> Role:
    from mahdar.review.people import Role

    try:
        return Role(word)
    except ValueError:
        raise MahdarError(f"{word!r} is no role; {', '.join(Role)} are") from None


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != first:
        raise MahdarError("the two passwords differ")
    return first


def who() -> str:
    """The name that decisions of this machine's user carry."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no name in this environment
        return "local"
