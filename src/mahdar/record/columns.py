"""What one can search by, as columns of numbers: a row a claim (or incident, or report), a column a property.

A million claims are some 60 MB. Filters are comparisons over whole columns and facets are counts of codes, so every
answer is exact and any filters combine; a database would have to walk a million rows for each facet. The columns are
derived from the tables, never the other way round: they follow the log (`index.py`), and may be thrown away at any time.

Texts are kept as codes into `values`; code 0 means that there is none. Of a property of which a row may have several
(countries, actors) the first is a column as any other, and the further ones are listed with the row they belong to:
most rows have one, and are counted as quickly as if none could have more. A `Columns` is never changed: to add or drop
rows makes a new one that shares what stays.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from mahdar.when.days import day_of

Array = NDArray[Any]

MISSING = np.iinfo(np.int32).min
"""No day, no coordinate."""
FAR = np.iinfo(np.int32).max
DEGREE = 1_000_000
"""Coordinates are kept in millionths of a degree, about 0.1 m."""
SURE = 10_000
"""Confidence is kept in ten-thousandths."""
_FEW = 4  # codes that are compared one by one, which is quicker than a table of all
_REACH = {1: 0, 2: 6, 3: 30}  # days before its end that an event dated to the day, week, month may have begun
_EPOCH = day_of("1970").toordinal()
_MAGIC = b"mahdar columns 2\n"


@dataclass(frozen=True, slots=True)
class Shape:
    """The columns of one unit: `numbers` and `coded` have one value a row, each of `several` any number.

    Names after the first of a tuple in `several` are numbers that go along with its codes.
    """

    numbers: tuple[str, ...]
    coded: tuple[str, ...]
    several: tuple[tuple[str, ...], ...]


_PLACES = (("country",), ("area",), ("place", "lat", "lon"))
SHAPES = {
    "claims": Shape(
        ("n", "report", "incident", "first", "last", "day", "month", "precision", "geo", "published", "sure"),
        ("type", "scope", "status", "review", "outlet", "grade"),
        (*_PLACES, ("actor",), ("target",), ("source",)),
    ),
    "incidents": Shape(
        ("n", "first", "last", "day", "month", "precision", "geo"),
        ("type", "status", "review", "grade"),
        (*_PLACES, ("actor",), ("target",)),
    ),
    "reports": Shape(("n", "first", "last", "day", "month", "precision"), ("outlet",), ()),
}
_TYPES: dict[str, type] = {"month": np.int16, "precision": np.uint8, "geo": np.uint8, "sure": np.uint16}
_SMALL = frozenset(("type", "scope", "status", "review", "grade"))  # never more than 255 values


def _type(name: str) -> type:
    return np.uint8 if name in _SMALL else _TYPES.get(name, np.int32)


def _further(group: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{name}+" for name in group)


@dataclass(frozen=True)
class Columns:
    """`arrays` holds every column by name; of `several`, further values under the name with a `+` and their rows under
    that of the group with a `@`."""

    shape: Shape
    arrays: dict[str, Array]
    values: dict[str, list[str]]

    @classmethod
    def empty(cls, shape: Shape) -> Self:
        several = [name for group in shape.several for name in (*group, *_further(group), f"{group[0]}@")]
        names = (*shape.numbers, *shape.coded, *several)
        dictionaries = (*shape.coded, *(group[0] for group in shape.several))
        return cls(shape, {name: np.empty(0, _type(name)) for name in names}, {name: [""] for name in dictionaries})

    def __len__(self) -> int:
        return len(self.arrays["n"])

    def __getitem__(self, name: str) -> Array:
        return self.arrays[name]

    @cached_property
    def row_of(self) -> Array:
        """Row by `n`; -1 where there is none."""
        out = np.full(int(self["n"].max(initial=0)) + 1, -1, np.int32)
        out[self["n"]] = np.arange(len(self), dtype=np.int32)
        return out

    @cached_property
    def codes(self) -> dict[str, dict[str, int]]:
        """Code by value, for each property kept as codes."""
        return {name: {value: code for code, value in enumerate(known)} for name, known in self.values.items()}

    @cached_property
    def totals(self) -> dict[str, Array]:
        """How many rows have each code, by property, and each month: the facets of an empty query."""
        everything = Chosen(np.ones(len(self), bool))
        names = ("month", *self.shape.coded, *(group[0] for group in self.shape.several))
        return {name: self._counted(name, everything) for name in names}

    def numbered(self, numbers: Array) -> Array:
        """A mask of the rows with these `n`; numbers that there are not are passed over."""
        mask = np.zeros(len(self), bool)
        known = numbers[(numbers >= 0) & (numbers < len(self.row_of))]
        rows = self.row_of[known]
        mask[rows[rows >= 0]] = True
        return mask

    def having(self, name: str, codes: Sequence[int]) -> Array:
        """A mask of the rows that have one of these codes."""

        def wanted(column: Array, *_: Array) -> Array:
            if len(codes) > _FEW:
                table = np.zeros(len(self.values[name]), bool)
                table[codes] = True
                return table[column]
            mask = np.zeros(len(column), bool)
            for code in codes:
                mask |= column == code
            return mask

        return wanted(self[name]) if name in self.shape.coded else self.holding(name, wanted)

    def holding(self, name: str, test: Callable[..., Array]) -> Array:
        """A mask of the rows of which one value of a property passes a test; `test` gets the columns of its group."""
        group = next(group for group in self.shape.several if group[0] == name)
        mask = test(*(self[column] for column in group))
        mask[self[f"{name}@"][test(*(self[column] for column in _further(group)))]] = True
        return mask

    def counts(self, name: str, chosen: Chosen) -> Array:
        """How many of the chosen rows have each code. What is left out is counted where that is less."""
        if chosen.count == len(self):
            return self.totals[name]
        if chosen.count > len(self) // 2:
            return self.totals[name] - self._counted(name, chosen.others)
        return self._counted(name, chosen)

    def _counted(self, name: str, chosen: Chosen) -> Array:
        length = int(self[name].max(initial=0)) + 1 if name not in self.values else len(self.values[name])
        counts = np.bincount(self[name][chosen.rows], minlength=length)
        if f"{name}@" in self.arrays:
            counts += np.bincount(self[f"{name}+"][chosen.mask[self[f"{name}@"]]], minlength=length)
        return counts

    def without(self, rows: Array) -> Columns:
        """The columns without the rows of a mask."""
        if not rows.any():
            return self
        keep = ~rows
        arrays = dict(self.arrays)
        for name in (*self.shape.numbers, *self.shape.coded):
            arrays[name] = self[name][keep]
        number = np.cumsum(keep, dtype=np.int32) - 1  # of what stays, in its new order
        for group in self.shape.several:
            owner = self[f"{group[0]}@"]
            stays = keep[owner]
            arrays |= {name: self[name][keep] for name in group}
            arrays |= {name: self[name][stays] for name in _further(group)}
            arrays[f"{group[0]}@"] = number[owner[stays]]
        return Columns(self.shape, arrays, self.values)

    def plus(self, batches: Sequence[Columns]) -> Columns:
        """The columns with the rows of `batches` after them, whose codes are those of these columns (`Batch`)."""
        if not batches:
            return self
        arrays = {name: np.concatenate([array, *(b[name] for b in batches)]) for name, array in self.arrays.items()}
        begins = np.cumsum([len(self), *(len(batch) for batch in batches)])
        for name in (name for name in arrays if name.endswith("@")):
            moved = (b[name] + begin for b, begin in zip(batches, begins, strict=False))
            arrays[name] = np.concatenate([self[name], *moved]).astype(np.int32)
        return Columns(self.shape, arrays, batches[-1].values)

    def save(self, path: Path, about: Mapping[str, Any]) -> None:
        """Write a file that `load` maps into memory; it is there whole or not at all."""
        arrays, at = [], 0
        for name, array in self.arrays.items():
            arrays.append([name, array.dtype.str, len(array), at])
            at += -(-array.nbytes // 64) * 64
        head = json.dumps({"about": about, "values": self.values, "arrays": arrays}).encode()
        temporary = path.with_name(f"{path.name}.{os.getpid()}")
        try:
            with temporary.open("wb") as file:
                file.write(_MAGIC + b"%020d\n" % len(head) + head)
                file.write(b"\0" * (-file.tell() % 64))
                for array in self.arrays.values():
                    file.write(np.ascontiguousarray(array).data)
                    file.write(b"\0" * (-file.tell() % 64))
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)

    @classmethod
    def load(cls, path: Path, shape: Shape) -> tuple[Self, dict[str, Any]]:
        """What `save` wrote, mapped and not read. Raises OSError or ValueError where there is no such file."""
        with path.open("rb") as file:
            if file.read(len(_MAGIC)) != _MAGIC:
                raise ValueError(f"{path}: no columns")
            head = json.loads(file.read(int(file.read(21))))
            begin = -(-file.tell() // 64) * 64
        whole = np.memmap(path, np.uint8, "r")
        arrays: dict[str, Array] = {}
        for name, dtype, length, at in head["arrays"]:
            size = np.dtype(dtype).itemsize * length
            if begin + at + size > len(whole):
                raise ValueError(f"{path}: cut short")
            arrays[name] = whole[begin + at : begin + at + size].view(dtype).view(np.ndarray)
        columns = cls(shape, arrays, head["values"])
        if arrays.keys() != cls.empty(shape).arrays.keys():
            raise ValueError(f"{path}: other columns")
        return columns, head["about"]


class Chosen:
    """Rows that a mask chooses, counted and listed once however many facets ask."""

    def __init__(self, mask: Array) -> None:
        self.mask = mask

    @cached_property
    def rows(self) -> Array:
        return np.flatnonzero(self.mask)

    @cached_property
    def count(self) -> int:
        return int(np.count_nonzero(self.mask))

    @cached_property
    def others(self) -> Chosen:
        return Chosen(~self.mask)


class Batch:
    """Rows to come, told in Python's values; `columns` makes columns of them that `Columns.plus` takes."""

    def __init__(self, after: Columns) -> None:
        self.shape = after.shape
        self._values = {name: list(known) for name, known in after.values.items()}
        self._codes = {name: dict(codes) for name, codes in after.codes.items()}

    def code(self, name: str, value: str | None) -> int:
        if not value:
            return 0
        codes = self._codes[name]
        found = codes.get(value)
        if found is None:
            found = codes[value] = len(codes)
            self._values[name].append(value)
        return found

    def columns(
        self, rows: Mapping[str, Sequence[Any]], several: Mapping[str, Mapping[int, Sequence[tuple[Any, ...]]]]
    ) -> Columns:
        """Columns of `rows` (a sequence a column) and `several` (property -> `n` -> tuples, the value first).

        Equal values of one row count once.
        """
        arrays: dict[str, Array] = {}
        for name in self.shape.numbers:
            arrays[name] = np.array(rows[name], _type(name))
        for name in self.shape.coded:
            code = self.code
            arrays[name] = np.array([code(name, value) for value in rows[name]], _type(name))
        for group in self.shape.several:
            held = several.get(group[0], {})
            nothing = (None, *(MISSING for _ in group[1:]))
            first, further, owner = [], [], []
            for row, n in enumerate(rows["n"]):
                entries = held.get(n) or (nothing,)
                first.append(entries[0])
                if len(entries) > 1:
                    distinct: dict[Any, tuple[Any, ...]] = {}
                    for entry in entries:
                        distinct.setdefault(entry[0] or entry, entry)
                    further += list(distinct.values())[1:]
                    owner += [row] * (len(distinct) - 1)
            arrays |= self._group(group, first) | self._group(_further(group), further)
            arrays[f"{group[0]}@"] = np.array(owner, np.int32)
        return Columns(self.shape, arrays, self._values)

    def _group(self, names: tuple[str, ...], entries: Sequence[tuple[Any, ...]]) -> dict[str, Array]:
        values = zip(*entries, strict=True) if entries else [()] * len(names)
        property = names[0].removesuffix("+")
        arrays: dict[str, Array] = {}
        for name, column in zip(names, values, strict=True):
            arrays[name] = np.array(column if arrays else [self.code(property, value) for value in column], np.int32)
        return arrays


@lru_cache(maxsize=65536)
def interval(start: str | None, end: str | None, precision: int | None, published: str | None) -> tuple[int, ...]:
    """`first`, `last`, `day` and `month` of what is dated so.

    `first` to `last` is when it may have been: without a start, the week or month before its end if it is dated to the
    week or month, else any time before; without an end, up to the day of publication. Undated, it is never. `day` is
    the last day known, for sorting; `month` its year times twelve plus its month, for counting.
    """
    first, final = _number(start, last=False), _number(end, last=True)
    day = final if final is not None else first
    if day is None:
        return FAR, MISSING, MISSING, 0
    if first is None:
        first = day - _REACH[precision] if precision in _REACH else MISSING + 1
    if final is None:
        told = _number(published, last=True)
        final = FAR if told is None else max(first, told)
    return first, final, day, _month(end or start)


def day_number(iso: str | None) -> int:
    """An ISO day as days since 1970-01-01; `MISSING` for none."""
    number = _number(iso, last=True)
    return MISSING if number is None else number


@lru_cache(maxsize=65536)
def _number(iso: str | None, *, last: bool) -> int | None:
    if not iso:
        return None
    try:
        return day_of(iso, last=last).toordinal() - _EPOCH
    except ValueError:
        return None  # what is no day cannot be searched by day


def _month(iso: str | None) -> int:
    number = _number(iso, last=True)
    if number is None or iso is None:
        return 0
    return int(iso[:4]) * 12 + (int(iso[5:7]) - 1 if len(iso) >= 7 else 11)


def degrees(number: float | None) -> int:
    """Degrees as they are kept; `MISSING` for none."""
    return MISSING if number is None else round(number * DEGREE)
