"""Bodies that a server sent zipped (Content-Encoding), unzipped with a limit."""

from __future__ import annotations

import zlib
from typing import Protocol


class Unzips(Protocol):
    """A decompressor of zlib: `eof` once the zipped body is complete."""

    @property
    def eof(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


def unzipper(encoding: str | None) -> Unzips | None:
    """What undoes a Content-Encoding; None where there is nothing to undo. Raises ValueError for one not known."""
    match (encoding or "identity").strip().lower():
        case "identity" | "none" | "":
            return None
        case "gzip" | "x-gzip":
            return zlib.decompressobj(zlib.MAX_WBITS | 16)
        case "deflate":
            return _Deflate()
        case other:
            raise ValueError(f"zipped in a way that cannot be undone here ({other})")


class _Deflate:
    """ "deflate" is zlib by the standard, and bare on some servers: told by its first bytes."""

    def __init__(self) -> None:
        self._inner: Unzips | None = None

    @property
    def eof(self) -> bool:
        return self._inner is not None and self._inner.eof

    def decompress(self, data: bytes, max_length: int = 0, /) -> bytes:
        if self._inner is None:
            with_head = len(data) > 1 and data[0] & 0x0F == 8 and int.from_bytes(data[:2]) % 31 == 0
            self._inner = zlib.decompressobj(zlib.MAX_WBITS if with_head else -zlib.MAX_WBITS)
        return self._inner.decompress(data, max_length)
