"""Names that stand in each other's columns: family name under given name and the reverse.

A delivery knows which of its words are family names, since it holds thousands of them, and a guardian's name begins
with the family name more often than not. A record in which both speak for the other order is turned round: the order
of two names says nothing of which child it is, the names do.
"""

import polars as pl

CLEAR = 6.0
"""Bits of evidence from which a record is turned round."""

GUARDIAN = 8.0
"""Bits for the order in which the guardian's name begins with the family name."""


def unswap(standardised: pl.DataFrame, among: pl.DataFrame | None = None) -> pl.DataFrame:
    """Turn round the names, and apart from them the readings, of records in which they are swapped (STANDARDISED).

    Which words are family names is counted in these records and those of `among`.
    """
    counted = standardised if among is None else pl.concat([standardised, among])
    turned = _turn(standardised, counted, "family", "given", "guardian")
    return _turn(turned, counted, "family_kana", "given_kana", "guardian_kana")


def _counts(records: pl.DataFrame, family: str, given: str) -> pl.DataFrame:
    """`word`, `lean`: log2 of how much more often each word stands under given name than under family name."""
    under = [
        records.select(word=pl.col(column), column=pl.lit(column)).drop_nulls("word") for column in (family, given)
    ]
    tally = (
        pl.concat(under)
        .group_by("word")
        .agg(as_given=(pl.col("column") == given).sum(), as_family=(pl.col("column") == family).sum())
    )
    return tally.select("word", lean=((pl.col("as_given") + 1) / (pl.col("as_family") + 1)).log(2))


def _turn(records: pl.DataFrame, counted: pl.DataFrame, family: str, given: str, guardian: str) -> pl.DataFrame:
    counts = _counts(counted, family, given)
    leaning = records.join(
        counts.rename({"word": family, "lean": "family_lean"}), on=family, how="left", maintain_order="left"
    ).join(counts.rename({"word": given, "lean": "given_lean"}), on=given, how="left", maintain_order="left")
    begins = pl.col(guardian).str.starts_with
    by_guardian = begins(pl.col(given)).cast(pl.Int8) - begins(pl.col(family)).cast(pl.Int8)
    bits = pl.col("family_lean") - pl.col("given_lean") + GUARDIAN * by_guardian.fill_null(0)
    swapped = ((pl.col(family) != pl.col(given)) & (bits > CLEAR)).fill_null(False)
    return leaning.with_columns(
        pl.when(swapped).then(given).otherwise(family).alias(family),
        pl.when(swapped).then(family).otherwise(given).alias(given),
    ).drop("family_lean", "given_lean")
