"""Numbers that several departments share (統一宛名番号), and the national one that must never be among them.

A 12-digit number whose last digit is the check digit of the Individual Number (My Number) is taken for one: by the
My Number Act it may be kept only for the tasks the Act names, and linking records is none of them.
"""

import re
import unicodedata

import polars as pl

SHORTEST = 4
_SEPARATORS = re.compile(r"[\s‐‑‒–—―−ー_./-]")
_TWELVE = r"^\d{12}$"
_WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
"""Of the first eleven digits (Ministry of Internal Affairs and Communications, Ordinance no. 85 of 2014, art. 5)."""
MOSTLY = 0.5
"""Share of valid check digits among a file's 12-digit numbers above which all of these are taken for My Numbers, the
mistyped ones too; other numbers have one in one of eleven."""


def shared_number_key(number: str) -> str:
    """Letters and digits of a shared number, in half-width capitals; "" for one that can stand for nobody.

    That is one shorter than `SHORTEST` or of one character repeated, as typed where none is known.
    """
    key = _SEPARATORS.sub("", unicodedata.normalize("NFKC", number)).upper()
    return key if len(key) >= SHORTEST and len(set(key)) > 1 else ""


def my_numbers(numbers: pl.Series, files: pl.Series) -> pl.Series:
    """Which values are taken for Individual Numbers.

    Parameters
    ----------
    numbers
        String, as delivered.
    files
        File in which each stands.

    Returns
    -------
    pl.Series
        Boolean, without nulls.
    """
    bare = numbers.str.normalize("NFKC").str.replace_all(_SEPARATORS.pattern, "")
    twelve = bare.str.contains(_TWELVE).fill_null(False)
    if not twelve.any():
        return twelve
    valid = twelve & _checks(bare)
    mostly = pl.col("valid").sum().over("file") > MOSTLY * pl.col("twelve").sum().over("file")
    frame = pl.DataFrame({"file": files, "twelve": twelve, "valid": valid})
    return frame.select(pl.col("valid") | (pl.col("twelve") & mostly)).to_series()


def _checks(numbers: pl.Series) -> pl.Series:
    """Whether the last of twelve digits is the check digit of the others; false for what is no such number."""
    digit = [pl.col("number").str.slice(place, 1).cast(pl.Int32, strict=False) for place in range(12)]
    remainder = pl.sum_horizontal(weight * digit[place] for place, weight in enumerate(_WEIGHTS)) % 11
    check = pl.when(remainder <= 1).then(0).otherwise(11 - remainder)
    return numbers.to_frame("number").select((digit[11] == check).fill_null(False)).to_series()
