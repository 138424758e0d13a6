"""The sound key of a word: one string for a foreign name in Latin letters and for the katakana written after it.

Katakana cannot be turned back into the letters it was written after: it adds vowels (スミス), leaves out r (マーク) and
has one sign for several sounds (ビ: bi, vi). What both spellings keep is the order of the consonants, in classes. So
the key is that skeleton, as in Soundex (Russell 1918) but with classes that katakana keeps; short words, of which a
skeleton says little, keep the kind of their vowel too. Names that are not read as they are spelled are in
`sounds.toml`.
"""

import re
import tomllib
from functools import cache, lru_cache
from importlib.resources import files

import jaconv

from linkage.names import fold

SHORT = 2
"""Words of up to this many consonants keep the kind of their vowel."""

_KATAKANA = re.compile("[ァ-ヺーヽヾ]+")
_FROM_KATAKANA = (
    ("(?<=.)ル(?=[カ-ヂツ-モヤユヨラ-ロワヴ])", ""),  # r before a consonant, dropped from Latin below
    ("ティ|テュ", "チ"),
    ("ディ|デュ", "ヂ"),
    ("トゥ", "ト"),
    ("ドゥ", "ド"),
    ("ウィ|^ウイ", "ヰ"),
    ("ウェ|^ウエ", "ヱ"),
    ("ウォ|^ウオ", "ヲ"),
    ("[ーッ]", ""),
)
_FROM_LATIN = (
    ("(?<=[jqtx])ian(?![aeioug])", "ien"),  # pinyin
    ("^zi(?![ae])", "zu"),  # pinyin
    ("^ng(?=[aeiouy])", "g"),
    ("ch(?=r)|ck", "k"),
    ("s?ch|tch", "j"),
    ("c(?=[eiy])", "s"),
    ("c", "k"),
    ("g(?=[ei])", "j"),
    ("gu(?=[ei])", "g"),
    ("qu(?=[ei])", "k"),
    ("q(?=i)", "j"),
    ("q", "k"),
    ("ph|^hw", "f"),
    ("^x|(?<=ei)x|x(?=u|i$|ia|in)", "s"),
    ("x", "ks"),
    ("zh", "j"),
    ("th$", "s"),
    ("^tr(?=[aiou]+(?:n|ng|nh|c|m|p)?$)", "j"),  # a Vietnamese syllable
    ("(?<=.)er$", "a"),
    ("(?<![lt])(?<!th)eo", "o"),  # Korean, like the next
    ("eu(?=[kmn])", "u"),
    ("ae|ay$", "e"),
    ("oo", "u"),
    ("^w(?=u)|^y(?=[ei])", ""),
    ("(?<=[bdgknlrtw])h", ""),
)
_ALIKE = (
    (r"([^aeiou])\1", r"\1"),
    ("sh", "s"),
    ("ch", "j"),
    ("v", "b"),
    ("l", "r"),
    ("(?:^|(?<=[aeioun]))hu|fu", "f"),
    ("[td][sz]", "s"),
    ("[dtz](?=[iy])", "j"),
    ("z", "s"),
    ("m(?=[bpf])|ngu?$|ng(?![aeiou])", "n"),
    ("n(?=m)", ""),
    ("(?<=.)y(?=[aeiou])", ""),
    ("y(?![aeiou])", "i"),
    ("i(?=[aou])", ""),
    ("(?<=.)[hw]", ""),
    ("(?<=.)r(?=[^aeiour])", ""),
    (r"([^aeiou])\1", r"\1"),
)


@lru_cache(maxsize=100_000)
def sound_key(word: str) -> str:
    """Sound key of one word in katakana or in Latin letters without accents; "" for anything else.

    JOHN, ジョン → JNU; FERNANDEZ, フェルナンデス → FNNDS; NGUYEN, グエン → GNI.
    """
    if _KATAKANA.fullmatch(word):
        latin = _irregular().get(word)
        letters = _rewritten(latin.lower(), _FROM_LATIN) if latin else _from_katakana(word)
    else:
        letters = _rewritten(word.lower(), _FROM_LATIN)
    return _skeleton(_rewritten(letters, _ALIKE)) if letters.isascii() and letters.isalpha() else ""


def _from_katakana(word: str) -> str:
    return str(jaconv.kana2alphabet(jaconv.kata2hira(_rewritten(word, _FROM_KATAKANA))))


def _skeleton(letters: str) -> str:
    """Consonants, marked where a vowel comes first; of a short word the kind of its first vowel that is not u or o."""
    consonants = re.sub("[aeiou]", "", letters)
    first = "'" if letters[0] in "aeiou" else ""
    if len(consonants) > SHORT:
        return (first + consonants).upper()
    vowels = letters.replace("e", "i").replace("o", "u")
    if not consonants:
        return re.sub(r"(.)\1+", r"\1", vowels).upper()
    kind = re.search("[ai]", vowels)
    return (first + consonants + (kind[0] if kind else "u")).upper()


def _rewritten(word: str, rules: tuple[tuple[str, str], ...]) -> str:
    for pattern, sound in rules:
        word = re.sub(pattern, sound, word)
    return word


@cache
def surnames() -> dict[str, frozenset[str]]:
    """Chinese and Korean surnames in kanji and how they are read, in katakana."""
    table = _table()["surnames"]
    return {fold(kanji): frozenset(readings.split()) for forms, readings in table.items() for kanji in forms}


@cache
def _irregular() -> dict[str, str]:
    """Katakana and the Latin spelling it stands for where the rules do not lead from one to the other."""
    return {katakana: latin for latin, spellings in _table()["read"].items() for katakana in spellings.split()}


@cache
def particles() -> frozenset[str]:
    """Words that belong to the one after them (DELA, デラ)."""
    return frozenset(_table()["words"]["particles"].split())


@cache
def titles() -> frozenset[str]:
    """Words that are no names (JR)."""
    return frozenset(_table()["words"]["titles"].split())


@cache
def _table() -> dict[str, dict[str, str]]:
    return tomllib.loads((files("linkage") / "sounds.toml").read_text(encoding="utf-8"))
