"""A report together with the bytes it was made of and how they were come by: what a record keeps as evidence."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from functools import cache
from importlib.metadata import version
from typing import Literal

from mahdar.model import Report

Method = Literal["file", "stream", "address", "archive"]

# What the Berkeley Protocol wants collected with a page, as words for what we do not have.
NO_ADDRESS = "the address"
NO_ANSWER = "status and headers of the answer"
NO_CAPTURE = "a capture of the full page"
NO_TOOL = "the tool that retrieved it"


@cache
def tool(*more: str) -> str:
    """This software with its version, and that of the libraries `more` that did part of the work."""
    # Not imported: the package's head imports the rooms to the right of this one.
    own = str(sys.modules["mahdar"].__version__)
    return " + ".join([f"mahdar {own}", *(f"{name} {version(name)}" for name in more)])


def now() -> str:
    """The time in UTC to the second, as in `2021-03-04T05:06:07Z`."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True)
class Retrieval:
    """How a document was come by, as the Berkeley Protocol asks; what does not apply to its kind of source is None.

    `requested_url` is what was asked for: an address, a path, `standard input`. `final_url` is the address of the
    document itself, after `redirects` (those passed through, in order). `status`, `headers` (in their order) and
    `server` (its IP address) are the answer's. `retrieved_at` is an ISO time in UTC; `tool` did the retrieving.
    `absent` names what is not known or was not kept. `given` is what a feed said of the page it led to: `feed` (its
    address), `title`, `published`, `outlet`, each where it did. `original` is the SHA-256 of the bytes that another record
    archived, where this one took the report over from that record's export and holds only what the export says.
    """

    requested_url: str | None = None
    final_url: str | None = None
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    retrieved_at: str | None = None
    tool: str = field(default_factory=tool)
    method: Method = "stream"
    redirects: tuple[str, ...] = ()
    server: str | None = None
    absent: tuple[str, ...] = ()
    given: tuple[tuple[str, str], ...] = ()
    original: str | None = None

    def header(self, name: str) -> str | None:
        """The first header of that name, in any case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def charset(self) -> str | None:
        """The encoding that the server declared."""
        message = Message()
        message["Content-Type"] = " ".join((self.header("Content-Type") or "").split())
        return message.get_content_charset()


@dataclass(frozen=True, slots=True)
class Document:
    """A report and the original bytes (`data`) that its clean text was made of by `extractor`.

    `data` is the whole file or answer, unzipped; one line of JSON lines; or one item of a JSON list. Only for an entry
    that is read from a feed as it stands is it the whole feed, and `part` the entry's id. `media_type` is told from
    the bytes. `mahdar.intake.reopen` makes the document anew from `data` and `retrieval`.
    """

    report: Report
    data: bytes
    retrieval: Retrieval = field(default_factory=Retrieval)
    part: str | None = None
    extractor: str = field(default_factory=tool)
    media_type: str = "text/plain"


def taken(method: Method, source: str) -> Retrieval:
    """The retrieval of bytes that the user brought (a file, a stream), now."""
    return Retrieval(source, None, retrieved_at=now(), method=method, absent=(NO_ADDRESS, NO_ANSWER, NO_CAPTURE))
