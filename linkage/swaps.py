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


def _leans(records: pl.DataFrame, family: str, given: str) -> pl.DataFrame:
    """`word`, `lean`: log2 of how much more often each word stands under given name than under family name."""
    tallies = [records[column].drop_nulls().alias("word").value_counts(name=column) for column in (family, given)]
    tally = tallies[0].join(tallies[1], on="word", how="full", coalesce=True).fill_null(0)
    return tally.select("word", lean=((pl.col(given) + 1) / (pl.col(family) + 1)).log(2))


def _turn(records: pl.DataFrame, counted: pl.DataFrame, family: str, given: str, guardian: str) -> pl.DataFrame:
    names = records.select(family, given, guardian)
    leans = _leans(counted, family, given)
    for name in (family, given):
        of_name = leans.rename({"word": name, "lean": f"{name}_lean"})
        names = names.join(of_name, on=name, how="left", maintain_order="left")
    begins = pl.col(guardian).str.starts_with
    by_guardian = begins(pl.col(given)).cast(pl.Int8) - begins(pl.col(family)).cast(pl.Int8)
    bits = pl.col(f"{family}_lean") - pl.col(f"{given}_lean") + GUARDIAN * by_guardian.fill_null(0)
    swapped = ((pl.col(family) != pl.col(given)) & (bits > CLEAR)).fill_null(False)
    return records.with_columns(
        names.select(
            pl.when(swapped).then(given).otherwise(family).alias(family),
            pl.when(swapped).then(family).otherwise(given).alias(given),
        )
    )
