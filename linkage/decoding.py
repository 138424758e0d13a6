"""From the bytes of a delivered CSV file to text, with every character that could not be read marked as such.

CP932 is read as Windows does; what Python's codec turns into control characters without a word (80, A0, FD–FF) is
marked too. Characters of a vendor's own range (外字, F040–F9FC) become private-use characters: readable rows with a
character lost, which `acceptance` reports.
"""

import codecs
import re
from operator import itemgetter

from vocabulary.errors import DeliveryError

UNREADABLE = "\uffff"
"""Stands where a byte was no character of the file's encoding. Unicode assigns it to no character, ever."""

MOST_UNREADABLE = 0.1  # share of the characters beyond ASCII above which another encoding was meant

_ESCAPED_BYTES = re.compile("[\udc80-\udcff]")
_CP932_SILENT = "\x80\uf8f0\uf8f1\uf8f2\uf8f3"


def decode(data: bytes, encoding: str, file: str) -> str:
    """Text of a file, its line ends made one (LF).

    Parameters
    ----------
    data
        The file's bytes.
    encoding
        `utf-8`, `cp932`, or `auto`: UTF-8, or CP932 where more than `MOST_UNREADABLE` is no UTF-8. A byte order mark of
        UTF-8 decides before it.
    file
        The file's name, for the error.

    Raises
    ------
    DeliveryError
        It holds a null byte, or more than `MOST_UNREADABLE` is unreadable in every encoding tried.
    """
    if b"\0" in data:  # UTF-16, or no text at all
        raise DeliveryError("delivery.undecodable", file=file, line=data.count(b"\n", 0, data.index(b"\0")) + 1)
    if data.startswith(codecs.BOM_UTF8):
        data, encoding = data[len(codecs.BOM_UTF8) :], "utf-8"
    data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")  # neither is part of a character
    found = []
    for candidate in ("utf-8", "cp932") if encoding == "auto" else (encoding,):
        text, escaped = _decoded(data, candidate)
        unreadable = escaped + text.count(UNREADABLE)
        share = unreadable / (len(text) - len(text.encode("ascii", "ignore"))) if unreadable else 0.0
        if share <= MOST_UNREADABLE:
            return _marked(text) if escaped else text
        found.append((share, text))
    best = _marked(min(found, key=itemgetter(0))[1])
    raise DeliveryError("delivery.undecodable", file=file, line=best.count("\n", 0, best.index(UNREADABLE)) + 1)


def _decoded(data: bytes, encoding: str) -> tuple[str, int]:
    """`data` decoded, marked where the codec says nothing, and how many bytes are no character; these stay escaped."""
    escaped = 0
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode(encoding, "surrogateescape")
        escaped = len(text) - len(text.encode("utf-8", "ignore").decode("utf-8"))
    if encoding == "cp932":
        for sign in _CP932_SILENT:
            text = text.replace(sign, UNREADABLE)
    return text, escaped


def _marked(text: str) -> str:
    return _ESCAPED_BYTES.sub(UNREADABLE, text)
