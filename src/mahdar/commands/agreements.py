"""`mahdar agreements`: which ceasefires, truces and zones hold where and when; one of them; your own."""

from __future__ import annotations

import json
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mahdar.model import MahdarError

if TYPE_CHECKING:
    from mahdar.agreements import Agreement
    from mahdar.model import Place, Words
    from mahdar.where import Gazetteer

app = typer.Typer(
    help="Agreements: ceasefires, truces, zones and peace deals, and which of them hold.", invoke_without_command=True
)


class Form(StrEnum):
    table = "table"
    json = "json"


@app.callback()
def listed(
    context: typer.Context,
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="A day, month or year: 2020-04-02.")] = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="PLACE", help="A place name, a country code, or latitude,longitude.")
    ] = None,
    country: Annotated[
        str | None, typer.Option("--country", metavar="CODE", help="Two-letter code of the country that --at lies in.")
    ] = None,
    format: Annotated[Form, typer.Option("--format", "-f", help="How to print.")] = Form.table,
) -> None:
    """List the register, or with --on (and --at) what holds then (and there), with the reason."""
    if context.invoked_subcommand is not None:
        return
    from mahdar.agreements import Agreements, holding

    if at and not on:
        raise MahdarError("--at goes with --on DATE: an agreement holds at a place for a time")
    if country and not at:
        raise MahdarError("--country goes with --at PLACE")
    if on is None:
        _print_all(list(Agreements.load()), format)
        return
    found = holding(_place(at, country.upper() if country else None) if at else None, _time(on))
    if format is Form.json:
        fields = ("agreement", "name", "answer", "reason")
        typer.echo(json.dumps([{f: getattr(x, f) for f in fields} for x in found], ensure_ascii=False, indent=2))
    elif not found:
        typer.echo("no agreement of the register")
    else:
        for x in found:
            typer.echo(f"{x.answer:8}{_safe(x.name)}  [{x.agreement}]\n        {_safe(x.reason)}")


@app.command("show")
def show(
    agreement_id: Annotated[str, typer.Argument(metavar="ID", help="An id of the list: sy-moscow-2020.")],
    format: Annotated[Form, typer.Option("--format", "-f", help="How to print.")] = Form.table,
) -> None:
    """All that the register says of one agreement."""
    from mahdar.agreements import Agreements

    found = Agreements.load().get(agreement_id)
    if found is None:
        raise MahdarError(f"{agreement_id!r} is not in the register of agreements; `mahdar agreements` lists it")
    if format is Form.json:
        typer.echo(json.dumps(_plain(found), ensure_ascii=False, indent=2))
        return
    typer.echo(_safe(found.name))
    for head, text in _lines(found):
        if text:
            typer.echo(f"  {head:13}{_safe(text)}")


@app.command("import")
def take(
    file: Annotated[Path, typer.Argument(help="A CSV table of the PA-X Peace Agreements Database.")],
    since: Annotated[
        str, typer.Option("--since", metavar="DATE", help="Leave out what was signed before that day.")
    ] = "2004-01-01",
) -> None:
    """Add agreements of your own; what the register has already stays as it is."""
    from mahdar.agreements.imports import import_file
    from mahdar.intake.dates import iso_day

    day = iso_day(since)
    if day is None:
        raise MahdarError(f"{since!r} is not a day; write it as in 2004-01-01")
    done = import_file(file, since=day)
    typer.echo(
        f"{done.taken:,} agreements taken from {file}; {done.shipped:,} are in the register already, "
        f"{done.older:,} are from before {day}"
    )


def _time(on: str) -> Any:
    from mahdar.model import Time
    from mahdar.when import days

    try:
        days(on, on)
    except ValueError:
        raise MahdarError(f"{on!r} is not a day, month or year; write it as in 2020-04-02") from None
    return Time(on, on, {10: 1, 7: 3}.get(len(on), 4))


def _place(at: str, country: str | None) -> Place:
    """The place asked for: a point, a country by its code, or a name of the gazetteer (the likeliest of that name)."""
    from mahdar.model import Place, Span, Words
    from mahdar.where import Gazetteer

    words = Words(Span(0, len(at)), at)
    latitude, comma, longitude = at.partition(",")
    with Gazetteer.open() as gazetteer:
        if comma and (point := _point(latitude, longitude)):
            return _at_point(words, point, country, gazetteer)
        entry = gazetteer.area(at.upper()) if len(at) == 2 else next(iter(gazetteer.find(at, country)), None)
        if entry is None:
            raise MahdarError(f"{at!r} is not in the gazetteer{f' for {country}' if country else ''}")
    return Place(
        words,
        name=entry.name,
        country=entry.country or None,
        lat=entry.lat,
        lon=entry.lon,
        kind=entry.kind,
        gazetteer_id=entry.ref,
        admin1=entry.admin1 or None,
        admin2=entry.admin2 or None,
    )


def _at_point(words: Words, point: tuple[float, float], country: str | None, gazetteer: Gazetteer) -> Place:
    """A point lies where the nearest town does, within 60 km; borders are not drawn."""
    from mahdar.model import Place
    from mahdar.where.gazetteer import distance

    lat, lon = point
    towns = [e for e in gazetteer.inside(lat - 0.5, lon - 0.5, lat + 0.5, lon + 0.5) if country in (None, e.country)]
    near = min(towns, key=lambda e: distance(lat, lon, e.lat, e.lon), default=None)
    if near is None and country is None:
        raise MahdarError(f"no town is near {words.text}; name its country with --country CODE")
    where, admin1 = (near.country, near.admin1) if near else (country, "")
    return Place(words, name=words.text, country=where, lat=lat, lon=lon, kind="point", admin1=admin1 or None)


def _point(latitude: str, longitude: str) -> tuple[float, float] | None:
    try:
        lat, lon = float(latitude), float(longitude)
    except ValueError:
        return None
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise MahdarError(f"{latitude},{longitude} is not on the globe (latitude first)")
    return lat, lon


def _print_all(all_of_them: list[Agreement], format: Form) -> None:
    if format is Form.json:
        typer.echo(json.dumps([_plain(a) for a in all_of_them], ensure_ascii=False, indent=2))
        return
    width = max(len(a.id) for a in all_of_them)
    for a in all_of_them:
        period = f"{a.began} to {a.ended[:10] or '…'}"
        typer.echo(f"{a.id:{width}}  {a.kind:11}  {period:24}  {_safe(a.name)}")


def _plain(a: Agreement) -> dict[str, Any]:
    return {**asdict(a), "forbids": sorted(a.forbids)}


def _lines(a: Agreement) -> list[tuple[str, str]]:
    from mahdar.agreements.dates import moment
    from mahdar.agreements.parties import name_of
    from mahdar.who import Register

    register = Register.load()

    def named(parties: tuple[str, ...]) -> str:
        return "; ".join(name_of(p, register) for p in parties)

    area = ", ".join(a.area.units.values()) or ", ".join(a.countries)
    outline = "an outline" if a.area.polygon else "circles around towns" if a.area.circles else ""
    return [
        ("id", a.id),
        ("kind", f"{a.kind}, part of {a.within}" if a.within else a.kind),
        ("also called", "; ".join(a.aliases)),
        ("parties", named(a.parties) or a.parties_text),
        ("guarantors", named(a.guarantors)),
        ("mediators", named(a.mediators)),
        ("excluded", named(a.excluded)),
        ("area", f"{area}, by {outline}" if outline else area),
        ("partly", ", ".join(a.area.partly.values())),
        ("signed", moment(a.signed) if a.signed else ""),
        ("in effect", moment(a.in_effect) if a.in_effect else "not known"),
        ("in doubt", f"from {moment(a.doubt_from)}: {a.doubt}" if a.doubt_from else ""),
        ("ended", f"{moment(a.ended)}: {a.how_ended}" if a.ended else "no end recorded"),
        ("forbids", ", ".join(a.terms) + (f" ({a.depends})" if a.depends else "")),
        ("sources", "; ".join(a.sources)),
        ("note", " ".join(filter(None, (a.note, a.area.note)))),
    ]


def _safe(text: str) -> str:
    from mahdar.publish.wording import safe

    return safe(text)
