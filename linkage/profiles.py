"""Profiles: one row per number of a source, holding the set of every value the number ever showed.

A child has a row a year in each source. The source's own number already says which of its rows are one child, so
linkage compares numbers, not rows. A set remembers the old surname beside the new one, and a slip in one year is
outvoted by the other years.

A source may give a number to another child years later. Where a number's rows stop agreeing on both given name and
birth date, the number is cut into several profiles there.
"""

from dataclasses import dataclass

import polars as pl

SET_ATTRIBUTES = (
    "family",
    "given",
    "family_kana",
    "given_kana",
    "birth_date",
    "sex",
    "postal",
    "town",
    "address",
    "guardian",
    "guardian_kana",
    "phone",
)
"""Attributes of which a profile keeps every value; `address` is town and block together."""

CODED_ATTRIBUTES = {
    "family_kana": "family_code",
    "given_kana": "given_code",
    "guardian_kana": "guardian_code",
}
"""Readings and the column that holds their main value with one byte a kana, for string distances."""

MAIN_ATTRIBUTES = (
    "family",
    "given",
    "family_kana",
    "given_kana",
    "birth_date",
    "guardian",
    "guardian_kana",
    "phone",
)
"""Attributes of which a profile also keeps its most frequent value, as `<attribute>_main`."""

LOST_CHARACTER = "〓"


@dataclass(frozen=True)
class Profiles:
    """Profiles of a delivery and the records behind each.

    Attributes
    ----------
    profiles
        `profile` UInt32, `source`, `local_id`, for each of `SET_ATTRIBUTES` a sorted list without nulls, for each of
        `MAIN_ATTRIBUTES` its most frequent value or null, the columns of `CODED_ATTRIBUTES`, `first_seen` and
        `last_seen` Date, `records` UInt32. Birth dates are ISO strings.
    members
        `profile`, `source`, `local_id`, `as_of`: one row per record.
    """

    profiles: pl.DataFrame
    members: pl.DataFrame


def build_profiles(standardised: pl.DataFrame) -> Profiles:
    """Collapse standardised records (STANDARDISED) into profiles.

    The numbering of profiles follows (source, local_id, first date), so the same records always give the same frame.
    """
    records = _number_profiles(_with_address(standardised))
    sets = records.group_by("profile", maintain_order=True).agg(
        pl.col("source", "local_id").first(),
        *[pl.col(attribute).drop_nulls().unique().sort() for attribute in SET_ATTRIBUTES],
        pl.col("as_of").min().alias("first_seen"),
        pl.col("as_of").max().alias("last_seen"),
        pl.len().alias("records"),
    )
    for attribute in MAIN_ATTRIBUTES:
        sets = sets.join(_most_frequent(records, attribute), on="profile", how="left", maintain_order="left")
    codes = [_one_byte_a_kana(pl.col(f"{kana}_main")).alias(code) for kana, code in CODED_ATTRIBUTES.items()]
    return Profiles(sets.with_columns(codes), records.select("profile", "source", "local_id", "as_of"))


_KANA = [chr(point) for point in range(ord("ァ"), ord("ヴ") + 1)]
_BYTES = [chr(33 + place) for place in range(len(_KANA))]


def _one_byte_a_kana(reading: pl.Expr) -> pl.Expr:
    """Each katakana as one printable ASCII character; what is not katakana stays."""
    return reading.str.replace_many(_KANA, _BYTES)


def _with_address(standardised: pl.DataFrame) -> pl.DataFrame:
    """Add `address`; drop names of which every character was lost, since two of those do not agree on anything."""
    names = ("family", "given", "guardian")
    return standardised.with_columns(
        pl.when(pl.col("town").is_not_null() & pl.col("block").is_not_null())
        .then(pl.concat_str("town", pl.lit("|"), "block"))
        .alias("address"),
        pl.col("birth_date").dt.to_string("iso"),
        *[
            pl.when(pl.col(name).str.strip_chars(LOST_CHARACTER).str.len_chars() > 0).then(pl.col(name)).alias(name)
            for name in names
        ],
    )


def _number_profiles(records: pl.DataFrame) -> pl.DataFrame:
    """Add `profile`: one number per (source, local_id), or several where the number changed hands.

    A number changed hands between two rows when neither the birth date nor the given name (kanji or reading) agrees
    with the last known value, and both can be compared.
    """
    number = ["source", "local_id"]
    ordered = records.sort([*number, "as_of"])

    def differs(attribute: str) -> pl.Expr:
        before = pl.col(attribute).forward_fill().shift(1).over(number)
        return pl.col(attribute) != before

    name = [differs("given"), differs("given_kana")]
    name_differs = pl.all_horizontal(column.fill_null(True) for column in name) & pl.any_horizontal(
        column.fill_null(False) for column in name
    )
    changed_hands = (name_differs & differs("birth_date").fill_null(False) & ~_swapped()).fill_null(False)
    segment = changed_hands.cast(pl.UInt32).cum_sum().over(number)
    new_profile = (pl.struct(*number, "segment") != pl.struct(*number, "segment").shift(1)).fill_null(True)
    return (
        ordered.with_columns(segment=segment)
        .with_columns(profile=new_profile.cast(pl.UInt32).cum_sum() - 1)
        .drop("segment")
    )


def _swapped() -> pl.Expr:
    """Whether the given name is the last known family name: the two stand in each other's columns in this row."""
    number = ["source", "local_id"]
    return (pl.col("given") == pl.col("family").forward_fill().shift(1).over(number)).fill_null(False)


def _most_frequent(records: pl.DataFrame, attribute: str) -> pl.DataFrame:
    """Most frequent value of `attribute` per profile, the smallest value among equals, as `<attribute>_main`."""
    return (
        records.filter(pl.col(attribute).is_not_null())
        .group_by("profile", attribute)
        .agg(pl.len().alias("times"))
        .sort("profile", "times", attribute, descending=[False, True, False])
        .group_by("profile", maintain_order=True)
        .agg(pl.col(attribute).first().alias(f"{attribute}_main"))
    )
