"""Comparison keys of addresses and of what goes with them: postal codes and telephone numbers.

An address is parted at its first block number: before it the town, then up to three numbers (丁目, 番 and 号, or a 番地
with its branches), then building and room. 1丁目2番3号, 一丁目２－３ and 1-2-3 give one block.
"""

import re
import unicodedata
from typing import NamedTuple

from linkage.names import fold
from linkage.numerals import NUMERAL, value_of

_HYPHEN = "[‐‑‒–—―−ー~〜-]"
_PREFECTURE = re.compile(r"^\s*(?:北海道|東京都|(?:大阪|京都)府|(?:神奈川|和歌山|鹿児島|\w\w)県)")
_KANJI_NUMBER = re.compile(
    rf"{NUMERAL}+(?=丁目|番地|番(?![町丁])(?!{NUMERAL}+丁目|\d+丁目)|号|条|{_HYPHEN}(?:{NUMERAL}|\d))"
    rf"|(?<=[目番地号のノ]){NUMERAL}+(?=$|[\s\d]|{_HYPHEN})"
    rf"|(?<={_HYPHEN}){NUMERAL}+"
)
_HYPHEN_BETWEEN = re.compile(rf"(?<=\d)\s*{_HYPHEN}+\s*(?=\d)")
_UNIT = "(?:丁目|丁(?!町)|番地|番(?![町丁])|号(?![室棟館]))"
_UNIT_BETWEEN = re.compile(rf"(?<=\d)\s*(?:{_UNIT}\s*[のノ之-]?|[のノ之])\s*(?=\d)")
_UNIT_AFTER = re.compile(rf"(?<=\d){_UNIT}")
_BLOCK = re.compile(r"\d+(?![\d条線区町村]|番[町丁]|地割)(?:-\d+)*")
_AZA = re.compile("[大小]字|(?<!文)字")
_OF = re.compile(r"(?<=\w)[のノ之](?=\w)")
_GA = re.compile(r"(?<=\w)[ヶがガ](?=\w)")
_ROOM_NOISE = re.compile(r"[\s,.・、#-]|号室|号$|室$")


class Address(NamedTuple):
    """The comparison keys of one address; "" where it has no such part."""

    town: str
    block: str
    room: str


def address_key(address: str) -> Address:
    """Town, block and room of an address in any of its spellings.

    The prefecture, 大字 and 字 are left out, ヶ/が and の/之 written one way; the city stays where it was written (see
    `standardise`). Numbers in kanji count as numbers only with a unit or a hyphen, so 三田 and 一番町 stay names.
    """
    text = _KANJI_NUMBER.sub(lambda found: str(value_of(found[0])), _PREFECTURE.sub("", fold(address)))
    text = _UNIT_BETWEEN.sub("-", _HYPHEN_BETWEEN.sub("-", text))
    text = _UNIT_AFTER.sub(" ", text)
    block = _BLOCK.search(text)
    if block is None:
        return Address(_town(text), "", "")
    numbers = [number.lstrip("0") or "0" for number in block[0].split("-")]
    room = "-".join(numbers[3:]) + text[block.end() :]
    return Address(_town(text[: block.start()]), "-".join(numbers[:3]), _ROOM_NOISE.sub("", room).upper())


def postal_key(code: str) -> str:
    """Seven digits of a postal code, "" for anything else."""
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", code))
    return digits if len(digits) == 7 and len(set(digits)) > 1 else ""


def phone_key(number: str) -> str:
    """Digits of a telephone number, the first where several stand: +81 90-1234-5678 → 09012345678.

    A number that begins without its 0 (read from a numeric column) gets it back. Fewer than nine digits, or one
    digit repeated, is no number ("").
    """
    text = re.split(r"[/,;、]", unicodedata.normalize("NFKC", number))[0]
    digits = re.sub(r"\D", "", re.sub(r"^\s*\+\s*81[\s-]*(?:\(0\))?", "0", text))
    if len(digits) < 9 or len(set(digits)) == 1:
        return ""
    return digits if digits.startswith("0") or len(digits) > 10 else f"0{digits}"


def _town(text: str) -> str:
    """Name of the town with its spellings made one."""
    town = _GA.sub("ケ", _OF.sub("ノ", _AZA.sub("", re.sub(r"[\s,.・、-]", "", text))))
    return town.replace("ッ", "ツ").upper()
