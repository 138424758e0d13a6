"""From the bytes of a delivered CSV file to text, with every character that could not be read marked as such.

CP932 is read as Windows does; what Python's codec turns into control characters without a word (80, A0, FD–FF) is
marked too. Characters of a vendor's own range (外字, F040–F9FC) become private-use characters: readable rows with a
character lost, which `acceptance` reports.
"""

import codecs
import re

from vocabulary.errors import DeliveryError

UNREADABLE = "\uffff"
"""Stands where a byte was no character of the file's encoding. Unicode assigns it to no character, ever."""

MOST_UNREADABLE = 0.1  # share of the characters beyond ASCII above which another encoding was meant

_ESCAPED_BYTES = re.compile("[\udc80-\udcff]")
_CP932_SILENT = re.compile("[\x80\uf8f0-\uf8f3]")


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
    candidates = ("utf-8", "cp932") if encoding == "auto" else (encoding,)
    texts = []
    for candidate in candidates:
        texts.append(_one_line_end(_marked(data, candidate)))
        if _unreadable_share(texts[-1]) <= MOST_UNREADABLE:
            return texts[-1]
    best = min(texts, key=_unreadable_share)
    raise DeliveryError("delivery.undecodable", file=file, line=best.count("\n", 0, best.index(UNREADABLE)) + 1)


def _marked(data: bytes, encoding: str) -> str:
    """`data` decoded, a mark for each byte that is no character."""
    text = data.decode(encoding, "surrogateescape")
    text = _ESCAPED_BYTES.sub(UNREADABLE, text)
    return _CP932_SILENT.sub(UNREADABLE, text) if encoding == "cp932" else text


def _unreadable_share(text: str) -> float:
    """Share of marks among the characters beyond ASCII."""
    marks = text.count(UNREADABLE)
    return marks / (len(text) - len(text.encode("ascii", "ignore"))) if marks else 0.0


def _one_line_end(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
