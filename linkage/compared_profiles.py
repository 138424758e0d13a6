"""Profiles as they are compared: one value in each column, for the SQL of `linkage.conditions`.

Values of sets become numbers, which compare many times faster than texts; texts stay only where distances are measured
between them. How frequent a value is, is counted over all profiles, whichever of them are compared.
"""

import polars as pl

from linkage.comparisons import COMPARISONS
from linkage.conditions import BIRTH_PARTS, SETS
from linkage.derived import WORDED_BLOCK
from linkage.profiles import CODED_ATTRIBUTES, DATED_ATTRIBUTES

PROFILES, PAIRS, FREQUENCIES = "compared_profiles", "pairs_to_compare", "frequencies_{column}"
"""Tables the query reads: `compared_profiles`, `PAIR_COLUMNS`, and for each of `FREQUENCY_COLUMNS` `frequencies`."""

PAIR_COLUMNS = pl.Schema({"join_key_l": pl.UInt32(), "join_key_r": pl.UInt32(), "match_key": pl.String()})
"""Columns of pairs as Splink has them; `match_key` is returned with each."""

MAIN_ATTRIBUTES = ("family", "given", "birth_date", "phone", "shared_number", "town", "block")
"""Attributes of which the most frequent value is compared as a text; of blocks, those in words."""

NUMBERED_MAINS = ("given_kana", "address", "guardian")
"""Attributes of which the most frequent value is asked only for its frequency, and so is a number of 64 bits."""

NUMBERS = 10**9
"""Numbers that stand for values are below this."""

FREQUENCY_COLUMNS = sorted(
    {level.frequency_column for one in COMPARISONS for level in one.levels if level.frequency_column is not None}
)


def compared_profiles(profiles: pl.LazyFrame) -> pl.LazyFrame:
    """Profiles (`linkage.profiles.Profiles.profiles`) in the columns that are compared, in the order of `profile`.

    `profile`, `first_seen`, the codes and years of profiles; `<attribute>_main`; of each of `SETS` `<attribute>_first`
    and `_others`; `BIRTH_PARTS`; `words`, a list of numbers, null where it is empty.
    """
    words = pl.col("words").list.eval(_number(pl.element()))
    return profiles.select(
        "profile",
        "first_seen",
        *CODED_ATTRIBUTES,
        *(f"{name}_years" for name in DATED_ATTRIBUTES),
        *_mains(),
        *_birth_parts(),
        *(column for name in SETS for column in _by_place(name)),
        pl.when(pl.col("words").list.len() > 0).then(words).alias("words"),
    ).sort("profile")


def frequencies(profiles: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """For each of `FREQUENCY_COLUMNS`, its values and `tf_<column>`: the share that has it of the profiles with any."""
    mains = profiles.lazy().select(_mains()).select(FREQUENCY_COLUMNS).collect()
    return {column: _frequencies(mains[column].drop_nulls()) for column in FREQUENCY_COLUMNS}


def _frequencies(values: pl.Series) -> pl.DataFrame:
    counted = values.to_frame().group_by(values.name).len("held")
    return counted.select(values.name, (pl.col("held") / max(values.len(), 1)).alias(f"tf_{values.name}"))


def _mains() -> list[pl.Expr]:
    texts = {name: pl.col(name).list.first() for name in MAIN_ATTRIBUTES}
    texts["block"] = pl.when(texts["block"].str.contains(WORDED_BLOCK)).then(texts["block"])
    numbers = [pl.col(name).list.first() for name in NUMBERED_MAINS]
    return [text.alias(f"{name}_main") for name, text in texts.items()] + [
        pl.when(value.is_not_null()).then(value.hash().reinterpret(signed=True)).alias(f"{name}_main")
        for name, value in zip(NUMBERED_MAINS, numbers, strict=True)
    ]


def _birth_parts() -> list[pl.Expr]:
    """`BIRTH_PARTS` of the main birth date."""
    year, month, day = BIRTH_PARTS
    born = pl.col("birth_date").list.first().str
    parts = {year: born.slice(0, 4), month: born.slice(5, 2), day: born.slice(8, 2)}
    return [part.cast(pl.Int16).alias(name) for name, part in parts.items()]


def _by_place(name: str) -> list[pl.Expr]:
    """First value of a set, and the list of the others."""
    values = pl.col(name).list.eval(_number(pl.element())).list
    several = pl.col(name).list.len() > 1
    return [
        values.first().alias(f"{name}_first"),
        pl.when(several).then(values.slice(1)).alias(f"{name}_others"),
    ]


def _number(value: pl.Expr) -> pl.Expr:
    return (value.hash() % NUMBERS).cast(pl.Int32)
