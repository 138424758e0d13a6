"""Comparison keys of addresses and of what goes with them: postal codes and telephone numbers.

An address is parted at its first block number: before it the town, then up to three numbers (丁目, 番 and 号, or a 番地
with its branches), then building and room. 1丁目2番3号, 一丁目２－３ and 1-2-3 give one block.
"""

import re
import tomllib
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from linkage.names import TO_KATAKANA, fold
from linkage.numerals import NUMERAL, value_of

_HYPHEN = "[‐‑‒–—―−ー~〜・.-]"
_LOT = "イロハニホヘトチリヌルヲワカ甲乙丙丁戊己庚辛"
"""Letters that part a lot number in two, or many lots in groups: 12番地イ, ロ12番地, 甲3番地."""

_UNIT = "(?:丁目|丁(?!町)|番地|番(?![町丁])|地割|号?[棟館]|号(?![室東西南北]))"
_PREFECTURE = re.compile(r"^\s*(?:北海道|東京都|(?:大阪|京都)府|(?:神奈川|和歌山|鹿児島|\w\w)県)")
_KANJI_NUMBER = re.compile(  # begins with a character, not with what stands before it: found many times faster
    rf"{NUMERAL}(?:{NUMERAL}*"
    rf"(?=丁目|番地|番[町丁]|番(?!{NUMERAL}+丁目|\d+丁目)|号|条|線|地割|[のノ之]町|{_HYPHEN}(?:{NUMERAL}|\d))"
    rf"|{NUMERAL}+(?=[のノ之](?:{NUMERAL}|\d))"
    rf"|(?<=[目番地割].){NUMERAL}*(?=[のノ之](?:{NUMERAL}|\d))"
    rf"|(?<=[目番地割号のノ之].){NUMERAL}*(?=$|[\s\d号]|{_HYPHEN})"
    rf"|(?<={_HYPHEN}.|第.){NUMERAL}*)"
)
_LEFT_OUT = re.compile(r"[()\[\]【】第部]")
_BRACKETS = re.compile(r"[()\[\]【】]")
_ORDINAL = re.compile(rf"第(?=\d+{_UNIT})")
_PART = re.compile(rf"部(?<=[{_LOT}].)(?=\d)")
_AFTER_DIGIT = re.compile(r"(\d)(?!-\d)(\D+)")
_REWRITTEN = tuple(
    (re.compile(pattern), spelling)
    for pattern, spelling in (
        # What stands between two numbers, in words or signs, becomes one hyphen; a lot's letter stands between hyphens.
        (rf"(?<=\d)\s*{_HYPHEN}+\s*(?=\d)", "-"),
        (rf"(?<=\d)\s*(?:{_UNIT}\s*[のノ之-]?|[のノ之])\s*(?=\d)", "-"),
        (rf"(?<=\d)(?:{_UNIT})?[\sのノ之]?{_HYPHEN}?([{_LOT}])(?:番地?)?[のノ之-]?(?=\d)", r"-\1-"),
        (rf"(?<=\d)(?:{_UNIT})?[のノ之]?{_HYPHEN}?([{_LOT}])(?![\w・])(?:番地?|号)?", r"-\1"),
        (rf"(?<=\d){_UNIT}", " "),
    )
)
_BLOCK = re.compile(rf"\d+(?![\d条線区町村]|番[町丁]|[のノ之]町|号[東西南北])(?:-(?:\d+|[{_LOT}](?!\w)))*")
# Kyoto: above and below a crossing, east and west of it
_VERTICAL = re.compile("([上下])[がガヶケ]?[るル]")
_SIDEWAYS = re.compile("([東西])入[るルりリ]?")
_AZA = re.compile("[大小]字|(?<!文)字")
_OF = re.compile(r"(?<=\w)[のノ之](?=\w)")
_GA = re.compile(r"(?<=\w)[ヶがガ](?=\w)")
_KANJI = "々㐀-\u9fff"
_TSU = re.compile(f"(?<=[{_KANJI}])[つッ](?=[{_KANJI}])")
_TOWN_NOISE = dict.fromkeys(map(ord, " \t\n\r,.・、-"))
_CARE_OF = re.compile("様?方$")
_ROOM_NOISE = re.compile(r"[\s,.・、#-]|^号|号室|号$|室$|(?<=[A-Z])棟")
_SEVERAL = re.compile(r"[/,;、]|(?<=\d{4})\D*[^\W\d_ーのノ]\D*(?=0\d)")  # a word between, not a hyphen of any kind
_OF_JAPAN = re.compile(r"^\s*\+\s*81[\s-]*(?:\(0\))?")
_NOT_DIGITS = re.compile(r"\D")
_POSTAL_CODE = re.compile(r"\d{4}|\d{5}|\d{7}|\d{9}|(?=.*[A-Z])[0-9A-Z]{5,8}")


class Address(NamedTuple):
    """The comparison keys of one address; "" where it has no such part."""

    town: str
    block: str
    room: str


def address_key(address: str) -> Address:
    """Town, block and room of an address in any of its spellings.

    The prefecture, 大字 and 字 are left out, ヶ/が and の/之 written one way; the city stays where it was written (see
    `standardise`). Numbers in kanji count as numbers only with a unit or a hyphen, so 三田 stays a name; before 条,
    線, 番町 and 番丁 they are written as digits.
    """
    text = _KANJI_NUMBER.sub(lambda found: str(value_of(found[0])), _PREFECTURE.sub("", fold(address)))
    if _LEFT_OUT.search(text):
        text = _PART.sub("", _ORDINAL.sub("", _BRACKETS.sub(" ", text)))
    text = _AFTER_DIGIT.sub(lambda found: found[1] + _rewritten(found[2], found.end() < len(text)), text)
    block = _BLOCK.search(text)
    if block is None:
        return Address(_town(text), "", "")
    numbers = [number.lstrip("0") or "0" for number in block[0].split("-")]
    room = "-".join(numbers[3:]) + text[block.end() :]
    return Address(_town(text[: block.start()]), "-".join(numbers[:3]), _room(room))


def postal_key(code: str) -> str:
    """Digits and capitals of a postal code; "" for a length no country has, or one digit repeated."""
    key = re.sub("[^0-9A-Z]", "", unicodedata.normalize("NFKC", code).upper())
    return key if _POSTAL_CODE.fullmatch(key) and len(set(key)) > 1 else ""


def phone_key(number: str) -> str:
    """Digits of a telephone number, the first where several stand: +81 90-1234-5678 → 09012345678.

    A number that begins without its 0 (read from a numeric column) gets it back. Fewer than nine digits, or one
    digit repeated, is no number ("").
    """
    digits = number.replace("-", "")
    if not (digits.isascii() and digits.isdecimal()):
        text = _SEVERAL.split(unicodedata.normalize("NFKC", number))[0]
        digits = _NOT_DIGITS.sub("", _OF_JAPAN.sub("0", text))
    if len(digits) < 9 or len(set(digits)) == 1:
        return ""
    return digits if digits.startswith("0") or len(digits) > 10 else f"0{digits}"


@lru_cache(maxsize=100_000)
def _rewritten(after: str, before_digit: bool) -> str:
    """What stands between a number and the next one, or the end, with units and signs written one way."""
    text = f"0{after}0" if before_digit else f"0{after}"
    for pattern, spelling in _REWRITTEN:
        text = pattern.sub(spelling, text)
    return text[1:-1] if before_digit else text[1:]


@lru_cache(maxsize=100_000)
def _town(text: str) -> str:
    """Name of the town with its spellings made one."""
    town = _AZA.sub("", text.translate(_TOWN_NOISE))
    town = _SIDEWAYS.sub(r"\1入ル", _VERTICAL.sub(r"\1ル", town))
    town = _GA.sub("ケ", _OF.sub("ノ", town))
    return _TSU.sub("ツ", town).replace("ッ", "ツ").upper()


@lru_cache(maxsize=100_000)
def _room(text: str) -> str:
    """Building and room with their spellings made one."""
    if not text:
        return ""
    words, katakana = _building_words()
    building = words.sub(lambda word: katakana[word[0]], text.upper().translate(TO_KATAKANA).replace("階", "F").strip())
    return _ROOM_NOISE.sub("", _CARE_OF.sub("", building))


@cache
def _building_words() -> tuple[re.Pattern[str], dict[str, str]]:
    """Words of building names and their katakana, and a pattern that finds them, the longest first."""
    katakana = tomllib.loads((files("linkage") / "buildings.toml").read_text(encoding="utf-8"))["words"]
    return re.compile("|".join(sorted(katakana, key=len, reverse=True))), katakana
