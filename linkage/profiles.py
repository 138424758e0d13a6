"""Profiles: one row per number of a source, holding the set of every value the number ever showed.

A child has a row a year in each source. The source's own number already says which of its rows are one child, so
linkage compares numbers, not rows. A set remembers the old surname beside the new one, and a slip in one year is
outvoted by the other years.

A source may give a number to another child years later, or mistype it. So rows of one number that disagree on the
birth date, or on the given name, are profiles of their own; whether they are one child after all is for the evidence
to say, as of any two profiles.
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
    "guardian_given",
    "phone",
    "name",
    "reading",
    "number",
)
"""Attributes of which a profile keeps every value. `address` is town and block together; `guardian_given` the
guardian's name without the child's family name, or its last two characters; `name` and `reading` are family and given
name in an order of their own, the same for swapped names; `number` source and local id."""

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
    records = _number_profiles(_with_derived(standardised))
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


def _with_derived(standardised: pl.DataFrame) -> pl.DataFrame:
    """Add the attributes that are made of others; drop names that cannot be compared as kanji.

    Two names of which every character was lost do not agree on anything; a name written in kana is compared as a
    reading, since against kanji it would look like another name.
    """
    comparable = rf"[^{LOST_CHARACTER}\p{{Hiragana}}\p{{Katakana}}ー]"
    kept = [
        pl.when(pl.col(name).str.contains(comparable)).then(pl.col(name)).alias(name)
        for name in ("family", "given", "guardian")
    ]
    with_family = pl.col("guardian").str.starts_with(pl.col("family")) & (pl.col("guardian") != pl.col("family"))
    return standardised.with_columns(kept).with_columns(
        pl.concat_str("town", "block", separator="|").alias("address"),
        pl.col("birth_date").dt.to_string("iso"),
        pl.when(with_family)
        .then(pl.col("guardian").str.strip_prefix(pl.col("family")))
        .otherwise(pl.col("guardian").str.tail(2))
        .alias("guardian_given"),
        pl.concat_str("source", "local_id", separator="|").alias("number"),
        _either_order("family", "given").alias("name"),
        _either_order("family_kana", "given_kana").alias("reading"),
    )


def _either_order(a: str, b: str) -> pl.Expr:
    """Both values in an order that does not depend on which column they stand in; null where one is missing."""
    swapped = pl.col(a) > pl.col(b)
    forward, backward = pl.concat_str(a, b, separator="|"), pl.concat_str(b, a, separator="|")
    return pl.when(swapped).then(backward).otherwise(forward)


def _number_profiles(records: pl.DataFrame) -> pl.DataFrame:
    """Add `profile`: one for each birth date a number shows, cut further where its given name changes.

    A row without a birth date belongs with the row before it, else with the one after. A given name changes where
    neither kanji nor reading agrees with the last known one, and at least one of them can be compared.
    """
    number = ["source", "local_id"]
    ordered = records.sort([*number, "as_of"]).with_columns(
        born=pl.col("birth_date")
        .forward_fill()
        .over(number)
        .fill_null(pl.col("birth_date").backward_fill().over(number))
    )
    held = [*number, "born"]

    def differs(attribute: str) -> pl.Expr:
        return pl.col(attribute) != pl.col(attribute).forward_fill().shift(1).over(held)

    name = [differs("given"), differs("given_kana")]
    renamed = pl.all_horizontal(column.fill_null(True) for column in name) & pl.any_horizontal(
        column.fill_null(False) for column in name
    )
    cut = ordered.with_columns(part=renamed.cast(pl.UInt32).cum_sum().over(held)).sort(
        [*number, "born", "part", "as_of"], nulls_last=True
    )
    key = pl.struct(*held, "part")
    return cut.with_columns(profile=(key != key.shift(1)).fill_null(True).cast(pl.UInt32).cum_sum() - 1).drop(
        "born", "part"
    )


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
