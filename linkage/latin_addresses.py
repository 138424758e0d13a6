"""Comparison keys of addresses in Latin letters, and of addresses delivered in lines (town, house, room).

There the house number stands before the street, and both before the town: 12 Foo Street, Kaleen. Number and street
together are the block, as the numbers of a Japanese block are.
"""

import re
import unicodedata

from linkage.addresses import Address, address_key

_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|^\s*\d+(?:-\d+){2}")  # the latter: 1-2-3 GREEN HILL
_KANA_OR_KANJI = re.compile(r"[\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff]")  # as they are in half width, too
_LATIN = re.compile(r"[^\W\d_]{3}")
_ROOM = re.compile(
    r"(?:\b(?:FLAT|UNIT|APT|APARTMENT|SUITE|STE|ROOM|RM)\b\.?\s*(?:NO\.?\s*)?#?|#)\s*([A-Z]?\d\w*|[A-Z]\b)|^\s*(\d+)\s*/"
)
_ROOM_WORD = re.compile(r"\b(?:FLAT|UNIT|APT|APARTMENT|SUITE|STE|ROOM|RM|NO)\b")
_POSTAL = re.compile(r"\b\d{4,}(?:-\d+)?\b")
_WORD = re.compile(r"[\w-]+")
_SHORT = {
    word: short
    for short, words in {
        "ST": "STREET STR", "RD": "ROAD", "AVE": "AVENUE AV", "DR": "DRIVE", "CT": "COURT CRT", "PL": "PLACE",
        "LN": "LANE", "BLVD": "BOULEVARD", "CRES": "CRESCENT CR", "CCT": "CIRCUIT CIRT", "CIR": "CIRCLE",
        "TCE": "TERRACE TERR TER", "CL": "CLOSE", "HWY": "HIGHWAY", "PDE": "PARADE", "SQ": "SQUARE", "WAY": "WY",
        "N": "NORTH", "S": "SOUTH", "E": "EAST", "W": "WEST",
    }.items()
    for word in words.split()
}  # fmt: skip
"""Usual ways to write parts of a street's name, after USPS Publication 28 (appendices B and C1) and AS 4590."""


def any_address_key(address: str) -> Address:
    """Town, block and room of an address, Japanese or in Latin letters, in one line or in the lines of its parts."""
    if _KANA_OR_KANJI.search(address):
        return address_key(address.replace("\n", " "))
    parts = address.split("\n")
    text = unicodedata.normalize("NFKC", address)
    if _JAPANESE.search(text) or not _LATIN.search(text):
        return address_key(" ".join(parts))
    if len(parts) == 3:
        town, house, room = (_capitals(part) for part in parts)
        house, with_house = _without_room(house)
        return Address(_together(town), _block(house), "".join(_words(_ROOM_WORD.sub(" ", room))) or with_house)
    return _in_one_line(_capitals(text))


def _in_one_line(text: str) -> Address:
    """Keys of `12 FOO STREET, KALEEN`: the first part is the house, or the first that begins with a number."""
    text, room = _without_room(text)
    parts = [part for part in re.split(r"[,;\n]", text) if _WORD.search(part)]
    if len(parts) == 1 and not re.search(r"\d", text):
        return Address(_together(text), "", room)
    numbered = [place for place, part in enumerate(parts) if re.match(r"\s*\d", part)]
    house = numbered[0] if numbered else 0
    town = " ".join(parts[house + 1 :])
    return Address(_together(_POSTAL.sub(" ", town)), _block("".join(parts[house : house + 1])), room)


def _without_room(text: str) -> tuple[str, str]:
    """`text` without its room, and the room: 4 of APT 4, 3 of 3/12 FOO STREET."""
    found = _ROOM.search(text)
    if found is None:
        return text, ""
    return f"{text[: found.start()]} {text[found.end() :]}", found[1] or found[2]


def _block(house: str) -> str:
    """House number, a space, and the street in short form; a house without a number is named whole."""
    words = _words(house)
    if words and words[0][0].isdigit():
        return f"{words[0].lstrip('0') or '0'} {''.join(words[1:])}".strip()
    return "".join(words)


def _words(text: str) -> list[str]:
    """Words, each in short form: a street may stand where the room should."""
    return [_SHORT.get(word, word) for word in _WORD.findall(text)]


def _together(text: str) -> str:
    return "".join(_WORD.findall(text))


def _capitals(text: str) -> str:
    """Capitals without accents and apostrophes: d'Évora → DEVORA."""
    plain = unicodedata.normalize("NFKD", text).upper()
    return "".join(letter for letter in plain if not unicodedata.combining(letter) and letter not in "'’‘`")
