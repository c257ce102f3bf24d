"""Bytes -> text, the encoding told from the bytes themselves where they tell it, and guessed where they do not.

Nothing is repaired: text that was already garbled when it was saved stays as it is, and bytes that no encoding
explains become U+FFFD.
"""

from __future__ import annotations

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(
    rb"""<(?:meta\b[^>]{0,200}?charset|\?xml[^>]{0,80}?encoding)\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE
)
_SAMPLE = 100_000
_MAGIC = (
    (b"%PDF", "a PDF file"),
    (b"PK\x03\x04", "a ZIP archive or office document"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"RIFF", "a media file"),
    (b"SQLite format 3", "a database"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"7z\xbc\xaf", "an archive"),
    (b"Rar!", "an archive"),
    (b"BZh", "an archive"),
    (b"\xfd7zXZ", "an archive"),
    (b"{\\rtf", "an RTF document"),
)


def what_else(data: bytes) -> str | None:
    """What the bytes are if they are no text ("a PDF file"), or None. UTF-16 and UTF-32 with their mark are text."""
    if any(data.startswith(mark) for mark, _ in _MARKS):
        return None
    for magic, name in _MAGIC:
        if data.startswith(magic) and (len(magic) > 2 or b"\x00" in data[:512]):
            return name
    head = data[:8192]
    # Text holds next to no control bytes; a page may carry a stray NUL or two.
    control = sum(byte < 9 or 13 < byte < 27 or 27 < byte < 32 for byte in head)
    return "binary data" if control > max(4, len(head) // 50) else None


def decode(data: bytes, declared: str | None = None, *, html: bool = False) -> str:
    """The text of `data`. Order: byte order mark, UTF-8 if it is valid, the declared encoding (transport, then page),
    a guess.

    `declared` is what the transport said. Valid UTF-8 goes before the page's own word because pages are often saved in
    UTF-8 under an old declaration, while text in another encoding is hardly ever valid UTF-8.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        # A few damaged bytes in long UTF-8 (a page cut in mid-character) do not make it another encoding.
        mostly_utf8 = _mostly_utf8(data, error)
    page = _DECLARED.search(data[:4096]) if html else None
    for name in (declared, page[1].decode("ascii", "replace") if page else None):
        if name and not (mostly_utf8 and _is_utf8(name)):
            try:
                # Browsers read Latin-1 as Windows-1252, and so do pages that declare it.
                return data.decode("cp1252" if _is_latin1(name) else name)
            except (LookupError, UnicodeDecodeError):
                continue
    if mostly_utf8:
        return data.decode("utf-8", errors="replace")
    return data.decode(_guess(data), errors="replace")


def _mostly_utf8(data: bytes, error: UnicodeDecodeError) -> bool:
    sample = data[:_SAMPLE]
    text = sample.decode("utf-8", errors="replace")
    good = sum(char > "\x7f" and char != "\ufffd" for char in text)
    return text.count("\ufffd") <= good // 10 or error.start >= len(data) - 3


def _guess(data: bytes) -> str:
    from charset_normalizer import from_bytes  # slow to import, rarely needed

    best = from_bytes(
        data[:_SAMPLE],
        cp_isolation=[
            "cp1252",
            "cp1250",
            "cp1251",
            "cp1254",
            "cp1256",
            "iso8859_9",
            "koi8_r",
            "gb18030",
            "big5",
            "shift_jis",
            "euc_kr",
        ],
    ).best()
    return best.encoding if best else "cp1252"


def _is_utf8(name: str) -> bool:
    return name.lower().replace("_", "-") in ("utf-8", "utf8")


def _is_latin1(name: str) -> bool:
    return name.lower().replace("_", "-") in ("iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii")
