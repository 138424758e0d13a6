"""Words of a foreign resident's name, as sounds: what the departments' records of one name have in common.

One department writes the whole name in Latin letters, another in katakana, a third leaves out a middle name or begins
with the given name. So each word becomes its sound key, whichever field it stood in, and the order is given up.
"""

import re
from collections.abc import Iterator
from functools import cache
from itertools import zip_longest

import polars as pl

from linkage.names import TO_KATAKANA, fold, variants, without_accents
from linkage.sounds import particles, sound_key, surnames, titles
from linkage.unique import map_unique

_OTHER = "[ァ-ヺー々㐀-\u9fff]"
_APART = re.compile(rf"[\s・·=‐–—−,.&/()\[\]【】*-]+|(?<=[A-Z])(?={_OTHER})|(?<={_OTHER})(?=[A-Z])")
_WORD = re.compile("[A-Z]{2,}|[ァ-ヺー]+")
_SYLLABLE = re.compile("[^AEIOUY]*[AEIOUY]{1,3}[^AEIOUY]{0,2}|[ァ-ヺ][ァィゥェォャュョー]{0,2}[ァ-ヺ]?ー?")
_FOREIGN = "[A-Za-zÀ-ɏḀ-ỿＡ-Ｚａ-ｚ]|[ァ-ヺｦ-ﾟ]"
_KANJI = re.compile("[々㐀-\u9fff\U00020000-\U0003ffff]")
_NO_KANJI = f"^[^{_KANJI.pattern[1:]}*$"
_NAMES, _READINGS = ("family_name", "given_name"), ("family_kana", "given_kana")
_BETWEEN = "\x1f"
"""Separates the fields of one name while they are one string."""


def name_words(records: pl.DataFrame) -> pl.Series:
    """Words of each name as sound keys.

    A name is taken as foreign if a word of it is in Latin letters or katakana, if it holds no kanji at all, or if it
    begins with a Chinese or Korean surname that is read as such (王 read ワン). Then every word of name and reading in
    Latin letters or kana counts. Two neighbouring words of one syllable count as one word as well (MIN JUN: MIN, JUN
    and MINJUN), and so does a particle with the word after it (DELA CRUZ: CRUZ and DELACRUZ).

    Parameters
    ----------
    records
        With family_name, given_name, family_kana, given_kana (String, as delivered).

    Returns
    -------
    pl.Series
        `words`, List(String): sorted, distinct; null where the name is not foreign.
    """
    written = pl.concat_str(_NAMES, separator=_BETWEEN, ignore_nulls=True).str.strip_chars()
    surname = f"(?:^|{_BETWEEN})[{_surname_forms()}](?:\\s|{_BETWEEN}|$|\\S{{1,2}}$)"
    maybe = pl.any_horizontal(written.str.contains(pattern) for pattern in (_FOREIGN, surname, _NO_KANJI))
    fields = pl.concat_str((pl.col(column).fill_null("") for column in (*_NAMES, *_READINGS)), separator=_BETWEEN)
    names = records.select(name=pl.when(maybe).then(fields))["name"]
    return map_unique(names, _joined_words).str.split(" ").alias("words")


def _joined_words(fields: str) -> str:
    family, given, family_kana, given_kana = _plain(fields).split(_BETWEEN, 3)
    if not _is_foreign((family, family_kana), (given, given_kana)):
        return ""
    kept = [
        word
        for field in (family, given, family_kana, given_kana)
        for word in _kept(_words(field.translate(TO_KATAKANA)))
    ]
    return " ".join(sorted({sound_key(word) for word in kept} - {""}))


def _plain(field: str) -> str:
    """Capital letters without accents, kanji in one variant, kana in full width."""
    return without_accents(fold(field)).upper()


def _words(field: str) -> list[str]:
    """Words of a field in Latin letters or katakana, without initials and titles."""
    if not _WORD.search(field):
        return []
    return [word for word in _APART.split(field) if _WORD.fullmatch(word) and word not in titles()]


def _is_foreign(*names: tuple[str, str]) -> bool:
    """Whether a name is written or read in a foreign way (see `name_words`)."""
    written = " ".join(name for name, _ in names)
    if _words(written) or not _KANJI.search(written):
        return True
    read_as = [(surnames().get(name[:1]), kana) for name, kana in names]
    return any(
        readings is not None and not readings.isdisjoint(_words(kana.translate(TO_KATAKANA))[:1])
        for readings, kana in read_as
    )


@cache
def _surname_forms() -> str:
    """First characters, in all their variants, of names that may be Chinese or Korean."""
    return "".join([*surnames(), *(chr(form) for form, kept in variants().items() if kept in surnames())])


def _kept(words: list[str]) -> Iterator[str]:
    """`words` without particles, and neighbours that others write as one word, joined."""
    for word, after in zip_longest(words, words[1:], fillvalue=""):
        if word not in particles():
            yield word
        if after and (word in particles() or (_SYLLABLE.fullmatch(word) and _SYLLABLE.fullmatch(after))):
            yield word + after
