"""Comparison keys of names: what two departments wrote of one person should give one string.

Kanji are folded to one variant (`variants.toml`), characters lost on the way are `〓`, kana become large full-width
katakana with one spelling of each long vowel. Keys are compared, never shown.
"""

import re
import tomllib
import unicodedata
from collections import defaultdict
from functools import cache
from importlib.resources import files

LOST = "〓"
LOST_MARKS = "[?？*＊●〓\ufffd☐□■▢\ue000-\uf8ff\U000f0000-\U0010fffd]"
"""What stands in files where a character was lost (a pattern): substitutes, and the ranges vendors put their own in."""

_LOST_MARKS = re.compile(rf"(?!\*(?:(?<=[A-Za-z].)|[A-Za-z])){LOST_MARKS}")  # but * beside a Latin letter parts words
_ASIDE = re.compile(r"[(\[【].*?(?:[)\]】]|$)")
_BETWEEN_PARTS = re.compile(r"[\s・·=‐–—−,.'’`*-]+")
_KANA_ONLY = re.compile("[ぁ-ゖゝゞァ-ヺーヽヾ]+")
_LATIN = re.compile("[A-Za-zÀ-ɏḀ-ỿ]")
_KANJI = "〓㐀-\u9fff\U00020000-\U0003ffff"
_HAN = re.compile("[\u4e00-\u9fff]")
_KANJI_ALONE = re.compile("[\u4e00-\u9fff]+[ \u3000]?[\u4e00-\u9fff]*")
_REPEATED = re.compile(f"([{_KANJI}])(々+)")
_TSU = re.compile(f"ッ(?<=[々{_KANJI}].)(?=[{_KANJI}])")
_GA = re.compile(f"[ヶガ](?<=[々{_KANJI}].)(?=[{_KANJI}])")

TO_KATAKANA = {code: code + 0x60 for code in (*range(0x3041, 0x3097), 0x309D, 0x309E)}
"""Each hiragana's katakana, for `str.translate`."""

_SOUNDS = defaultdict[int, int | None](
    lambda: None, {code: code for code in (*range(0x30A1, 0x30FB), *map(ord, "ーヽ"))}
)
_SOUNDS |= str.maketrans("ァィゥェォッャュョヮヵヶヂヅヲヰヱヴヷヸヹヺ", "アイウエオツヤユヨワカケジズオイエブバビベボ")
_SOUNDS |= {hiragana: _SOUNDS[katakana] for hiragana, katakana in TO_KATAKANA.items()}
"""Each kana's large katakana, one where two sound the same; what is no kana is left out."""
_V_SOUNDS = (("ヴァ", "バ"), ("ヴィ", "ビ"), ("ヴェ", "ベ"), ("ヴォ", "ボ"))
_VOWEL_OF = {
    kana: vowel
    for vowel, row in {
        "ア": "アカサタナハマヤラワガザダバパ",
        "イ": "イキシチニヒミリギジビピ",
        "ウ": "ウクスツヌフムユルグズブプ",
        "エ": "エケセテネヘメレゲゼデベペ",
        "オ": "オコソトノホモヨロゴゾドボポ",
    }.items()
    for kana in row
}
_LENGTHENED_BY = {"ア": "ア", "イ": "イ", "ウ": "ウ", "エ": "イ", "オ": "ウ"}
_LONG = re.compile("[ーヽ]|[エケセテネヘメレゲゼデベペ]エ|[オコソトノホモヨロゴゾドボポ]オ")
"""A sound that lengthens or repeats the one before it."""
_LATIN_LETTERS = str.maketrans(
    {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE"}
)


@cache
def variants() -> dict[int, str]:
    """Kanji by code point and the variant each is compared as."""
    table = tomllib.loads((files("linkage") / "variants.toml").read_text(encoding="utf-8"))["fold"]
    return {ord(variant): kept for kept, folded in table.items() for variant in folded}


@cache
def _folding() -> dict[int, str | None]:
    """`variants`, and the variation selectors, which are left out."""
    return variants() | dict.fromkeys((*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))


@cache
def _foldable() -> re.Pattern[str]:
    """Finds what `_folding` may change, many times faster than translating; kanji beyond 16 bits always count."""
    short = "".join(chr(code) for code in _folding() if code < 0x10000)
    return re.compile(f"[{short}]|[\U00010000-\U0010ffff]")


def fold(text: str) -> str:
    """NFKC, kanji variants as one, variation selectors gone, characters lost on the way as 〓."""
    normal = _normal(text)
    return _LOST_MARKS.sub(LOST, normal.translate(_folding()) if _foldable().search(normal) else normal)


def name_key(name: str) -> str:
    """Key of a name as registered: 渡邉 → 渡辺, 髙〓 → 高〓, さくら → サクラ, Müller → MULLER.

    Spaces, points, hyphens and what stands in brackets (a former name, an alias) are left out; 々 is written out;
    hiragana become katakana, between kanji ヶ and が become ケ and ッ becomes ツ. A name of lost characters only is no
    key ("").
    """
    if _KANJI_ALONE.fullmatch(name) and not _foldable().search(name):  # most names; the rest would change nothing
        return name.replace(" ", "").replace("\u3000", "")
    key = _BETWEEN_PARTS.sub("", _ASIDE.sub("", fold(name)))
    if _KANA_ONLY.fullmatch(key):
        return kana_key(key)
    key = without_accents(key).upper()
    key = _TSU.sub("ツ", _GA.sub("ケ", key.translate(TO_KATAKANA)))
    if "々" in key:
        key = _REPEATED.sub(lambda found: found[1] * (1 + len(found[2])), key)
    return key if key.strip(LOST) else ""


def kana_key(kana: str) -> str:
    """Key of a reading in any kana: ｻﾄｳ, さとう, サトー → サトウ; オオノ, オーノ → オウノ; ヴィ → ビ; ヂ → ジ.

    Small kana become large. A long vowel has one spelling (アア, イイ, ウウ, エイ, オウ) rather than none, since
    ユウキ and ユキ, オオノ and オノ are different names. Whatever is not kana is left out.
    """
    normal = _normal(kana)
    if "ヴ" in normal or "ゔ" in normal:
        normal = normal.translate(TO_KATAKANA)
        for spelling, sound in _V_SOUNDS:
            normal = normal.replace(spelling, sound)
    katakana = normal.translate(_SOUNDS)
    if not _LONG.search(katakana):
        return katakana
    key = ""
    for sound in katakana:
        before = key[-1:]
        vowel = _VOWEL_OF.get(before, "")
        if sound == "ヽ":
            key += before
        elif sound == "ー" or (sound == vowel and sound in "エオ"):
            key += _LENGTHENED_BY.get(vowel, "")
        else:
            key += sound
    return key


def is_kana(name: str) -> bool:
    """Whether a name is written in kana only, so that it is its own reading."""
    if _HAN.search(name):
        return False
    return bool(_KANA_ONLY.fullmatch(_BETWEEN_PARTS.sub("", _normal(name))))


def _normal(text: str) -> str:
    """NFKC, voicing marks that stand as characters of their own joined (タ゛ → ダ) or, where they cannot be, gone."""
    text = text.replace("\u3000", " ")  # of itself it would make most names take the slow way through NFKC
    normal = unicodedata.normalize("NFKC", text.replace("゛", "\u3099").replace("゜", "\u309a"))
    return normal.replace("\u3099", "").replace("\u309a", "")


def without_accents(name: str) -> str:
    """Latin letters without their diacritics; other letters as they are (kana keep their voicing marks)."""
    if not _LATIN.search(name):
        return name
    letters = (unicodedata.normalize("NFKD", letter) if _LATIN.match(letter) else letter for letter in name)
    return "".join(part for part in "".join(letters) if not "\u0300" <= part <= "\u036f").translate(_LATIN_LETTERS)
