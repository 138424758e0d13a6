"""Individual Numbers (My Number) among delivered values: found by their check digit, whatever the column is called.

Of twelve digits at random about one in eleven has a valid check digit. So a single such value in a column of other
things is taken for an Individual Number, a column with more of them than chance gives is taken for a column of
them, and a column of other twelve-digit numbers, of which as many pass as chance gives, is left alone.
"""

import re
import unicodedata
from typing import Literal, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import bdtrc

WEIGHTS = np.array([6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2])
"""Of the first eleven digits (Ministry of Internal Affairs and Communications, Ordinance no. 85 of 2014, art. 5)."""
CORPORATE_WEIGHTS = np.array([2, 1] * 6)
"""Of the last twelve digits of a corporate number (Ministry of Finance, Ordinance no. 70 of 2014, art. 2)."""

BEYOND_CHANCE = 1e-6
"""Probability under which as many valid check digits are no chance: the column is refused."""
STILL_CHANCE = 1e-3
"""Probability from which they are taken for chance, in a column of twelve-digit numbers."""
COLUMN_OF_NUMBERS = (20, 0.5)
"""Fewest different twelve-digit numbers, and their share of the different values, of such a column."""

_SEPARATOR = r"[\s‐‑‒–—―−ー_./-]"
_RUN = re.compile(rf"\d+(?:{_SEPARATOR}\d+)*")
_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")


class Screening(NamedTuple):
    """What a column holds: nothing to act on, single `cells` (`where`), or as a whole Individual Numbers.

    `numbers`, `valid`: different values that hold twelve digits, and those of them with a valid check digit.
    """

    verdict: Literal["none", "cells", "column"]
    where: pl.Series
    numbers: int
    valid: int


def screen(values: pl.Series) -> Screening:
    """Look for Individual Numbers in a column of any type.

    Parameters
    ----------
    values
        Dates hold none; whole numbers stored as fractions are read as whole.
    """
    text = _as_text(values)
    nowhere = pl.repeat(False, len(values), eager=True)
    found = _numbers(text.drop_nulls().unique())
    counted = found.group_by("text").agg(pl.col("valid").any(), pl.col("last_zero").first())
    numbers, valid = counted.height, int(counted["valid"].sum())
    if valid == 0:
        return Screening("none", nowhere, numbers, valid)
    # Remainders 0 and 1 both give the check digit 0: it comes twice as often as each of the others.
    chance = (1 + float(counted["last_zero"].mean())) / 11  # type: ignore[arg-type]
    surprise = float(bdtrc(valid - 1, numbers, chance))  # of at least as many
    where = text.is_in(counted.filter("valid")["text"].to_list()).fill_null(False)
    if surprise < BEYOND_CHANCE:
        return Screening("column", where, numbers, valid)
    least, share = COLUMN_OF_NUMBERS
    if surprise >= STILL_CHANCE and numbers >= least and numbers >= share * text.drop_nulls().n_unique():
        return Screening("none", nowhere, numbers, valid)
    return Screening("cells", where, numbers, valid)


def holds_twelve_digits(values: pl.Series) -> pl.Series:
    """Which texts hold a number of twelve digits, whatever its check digit: a mistyped Individual Number may be one."""
    held = _numbers(values.drop_nulls().unique())["text"].unique().to_list()
    return values.is_in(held).fill_null(False)


def is_my_number(digits: str) -> bool:
    """Whether twelve digits end with the check digit of an Individual Number; one digit repeated is none."""
    return bool(_valid(pl.Series([digits]))[0])


def _as_text(values: pl.Series) -> pl.Series:
    if values.dtype.is_temporal():
        return pl.repeat(None, len(values), dtype=pl.String, eager=True)
    if values.dtype.is_float():
        whole = values.is_finite() & (values == values.floor()) & (values.abs() < 1e15)
        return values.set(~whole.fill_null(False), None).cast(pl.Int64).cast(pl.String)
    return values.cast(pl.String)


def _numbers(texts: pl.Series) -> pl.DataFrame:
    """Every number of twelve digits in different texts: `text`, `valid`, `last_zero`."""
    bare = texts.str.normalize("NFKC").str.replace_all(rf"{_SEPARATOR}|\p{{Cf}}", "")
    alone = bare.str.contains(r"^\d{12}$")
    # Kanji digits count as digits, so that a number written out is found as well.
    among = ~alone & bare.str.contains(r"(?:[〇零一二三四五六七八九\d]){12}")
    pairs = [(text, number) for text in texts.filter(among) for number in _twelve_digits(text)]
    found = pl.concat(
        [
            pl.DataFrame({"text": texts.filter(alone), "number": bare.filter(alone)}),
            pl.DataFrame(pairs, schema={"text": pl.String, "number": pl.String}, orient="row"),
        ]
    )
    return found.select("text", valid=_valid(found["number"]), last_zero=found["number"].str.ends_with("0"))


def _twelve_digits(text: str) -> list[str]:
    """Numbers of twelve digits in a text; none in a valid corporate number.

    Digits with separators between, twelve in all, however they are grouped; in a longer row of groups, such as two
    telephone numbers, only one group of twelve or three of four.
    """
    plain = "".join(sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf")
    found = []
    for run in _RUN.findall(plain.translate(_DIGITS)):
        groups = re.split(_SEPARATOR, run)
        whole = "".join(groups)
        if len(whole) == 12:
            found.append(whole)
        elif not _is_corporate(whole):
            found += [group for group in groups if len(group) == 12]
            fours = zip(groups, groups[1:], groups[2:], strict=False)
            found += ["".join(three) for three in fours if all(len(group) == 4 for group in three)]
    return found


def _valid(numbers: pl.Series) -> pl.Series:
    """Whether the last of twelve digits is the check digit of the others."""
    digits = _digits(numbers, 12)
    remainder = digits[:, :11] @ WEIGHTS % 11
    check = np.where(remainder <= 1, 0, 11 - remainder)
    repeated = (digits == digits[:, :1]).all(axis=1)
    return pl.Series((digits[:, 11] == check) & ~repeated, dtype=pl.Boolean)


def _is_corporate(number: str) -> bool:
    if len(number) != 13:
        return False
    digits = _digits(pl.Series([number]), 13)[0]
    return bool(digits[0] == 9 - digits[1:] @ CORPORATE_WEIGHTS % 9)


def _digits(numbers: pl.Series, length: int) -> NDArray[np.int64]:
    signs = np.frombuffer("".join(numbers.to_list()).encode("ascii"), np.uint8)
    return signs.reshape(-1, length).astype(np.int64) - ord("0")
