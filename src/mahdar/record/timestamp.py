"""A time stamp for the log (RFC 3161): an authority that the user names signs the head hash with the time.

Only the hash leaves this machine. The authority's answer is kept in the log as it came; whoever doubts it checks it with
`openssl ts -verify` and the authority's certificate.
"""

from __future__ import annotations

import base64
import http.client
import secrets
import urllib.error
import urllib.request
from dataclasses import dataclass

from mahdar.model import MahdarError
from mahdar.record.log import Head

SECONDS = 30
LARGEST = 1_000_000  # bytes of an answer
_SHA256 = bytes.fromhex("300d06096086480165030402010500")  # AlgorithmIdentifier, RFC 5754 section 2.2
_GRANTED = (0, 1)  # RFC 3161 section 2.4.2: granted, granted with changes


@dataclass(frozen=True, slots=True)
class Stamp:
    """An authority's answer (`token`, DER of TimeStampResp) on a head of the log."""

    authority: str
    head: Head
    token: bytes

    def values(self) -> dict[str, object]:
        """As the log keeps it."""
        return {
            "authority": self.authority,
            "seq": self.head.seq,
            "hash": self.head.hash,
            "token": base64.b64encode(self.token).decode(),
        }


def stamp(head: Head, authority: str) -> Stamp:
    """Ask an authority (its http or https address) to stamp a head. Raises MahdarError where it does not."""
    hash = bytes.fromhex(head.hash)  # what the log calls it
    nonce = secrets.randbits(63)
    if not authority.lower().startswith(("https://", "http://")):
        raise MahdarError(f"{authority}: is not an http or https address")
    request = urllib.request.Request(
        authority,
        data=request_for(hash, nonce),
        headers={"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"},
    )
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            token = answer.read(LARGEST)
    except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError) as error:
        raise MahdarError(f"{authority}: gave no time stamp ({getattr(error, 'reason', None) or error})") from error
    if _status(token) not in _GRANTED or hash not in token or _integer(nonce) not in token:
        raise MahdarError(f"{authority}: refused to stamp, or stamped something else")
    return Stamp(authority, head, token)


def request_for(hash: bytes, nonce: int) -> bytes:
    """DER of a TimeStampReq (RFC 3161 section 2.4.1): version 1, the SHA-256, a nonce, certificate wanted."""
    imprint = _der(0x30, _SHA256 + _der(0x04, hash))
    return _der(0x30, _integer(1) + imprint + _integer(nonce) + _der(0x01, b"\xff"))


def _status(answer: bytes) -> int | None:
    """The PKIStatus of a TimeStampResp: the first integer of the first sequence in it."""
    inner = _content(answer, 0x30)
    status = _content(_content(inner, 0x30), 0x02)
    return int.from_bytes(status, "big") if status else None


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def _integer(value: int) -> bytes:
    return _der(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _content(der: bytes, tag: int) -> bytes:
    """What the first element of `der` holds, if it has this tag."""
    if len(der) < 2 or der[0] != tag:
        return b""
    size, start = der[1], 2
    if size & 0x80:
        start += size & 0x7F
        size = int.from_bytes(der[2:start], "big")
    return der[start : start + size]
