"""Attributes that are made of others: whole names, addresses in Latin letters, the parts of a birth date."""

import polars as pl

LOST_CHARACTER = "〓"

WORDED_BLOCK = "[A-Z]{3}"
"""A block that names a street."""


def with_derived(standardised: pl.DataFrame) -> pl.DataFrame:
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
        *_of_latin_address(),
        pl.concat_str("town", "block", separator="|").alias("address"),
        pl.col("birth_date").dt.to_string("iso"),
        pl.col("birth_date").dt.to_string("%Y").alias("birth_year"),
        pl.col("birth_date").dt.to_string("%m-%d").alias("birth_day"),
        pl.when(with_family)
        .then(pl.col("guardian").str.strip_prefix(pl.col("family")))
        .otherwise("guardian")
        .str.tail(2)
        .alias("guardian_given"),
        pl.concat_str("source", "local_id", separator="|").alias("number"),
        _either_order("family", "given").alias("name"),
        _either_order("family_kana", "given_kana").alias("reading"),
    )


def _of_latin_address() -> list[pl.Expr]:
    """`line`, street without its number and room, and `house`; null where the block is no street, as in Japan."""
    block = pl.when(pl.col("block").str.contains(WORDED_BLOCK)).then("block")
    lines = pl.concat_list(block.str.replace(r"^\d\S* ", ""), "room").list.drop_nulls()
    return [pl.when(block.is_not_null()).then(lines).alias("line"), block.str.extract(r"^(\d\S*) ", 1).alias("house")]


def _either_order(a: str, b: str) -> pl.Expr:
    """Both values in an order that does not depend on which column they stand in; null where one is missing."""
    swapped = pl.col(a) > pl.col(b)
    forward, backward = pl.concat_str(a, b, separator="|"), pl.concat_str(b, a, separator="|")
    return pl.when(swapped).then(backward).otherwise(forward)
