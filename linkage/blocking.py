"""Blocking: the pairs of profiles worth comparing.

Each rule joins profiles on values both have shown, so that a pair is found by any one of them. None is satisfied by a
household alone, so of brothers and sisters only twins are compared, those of one given name or number, and those of a
foreign name, of which the family name is a word.
"""

from collections.abc import Mapping

import polars as pl

from linkage.engine import Connection

RULES: dict[str, tuple[str, ...]] = {
    "birth date and given name": ("birth_date", "given"),
    "birth date and reading of the given name": ("birth_date", "given_kana"),
    "birth date and family name": ("birth_date", "family"),
    "birth date and reading of the family name": ("birth_date", "family_kana"),
    "birth date and a word of the name": ("birth_date", "words"),
    "birth date and address": ("birth_date", "address"),
    "birth date and telephone": ("birth_date", "phone"),
    "birth date and guardian": ("birth_date", "guardian"),
    "birth date and postal code": ("birth_date", "postal"),
    "birth year and telephone": ("phone", "birth_year"),
    "birth year and address": ("address", "birth_year"),
    "birth year and guardian": ("guardian", "birth_year"),
    "day of birth and telephone": ("phone", "birth_day"),
    "day of birth and address": ("address", "birth_day"),
    "given name and address": ("address", "given"),
    "given name and telephone": ("phone", "given"),
    "given name and guardian": ("guardian", "given"),
    "reading of the given name and address": ("address", "given_kana"),
    "reading of the given name and telephone": ("phone", "given_kana"),
    "a word of the name and telephone": ("phone", "words"),
    "a word of the name and address": ("address", "words"),
    "full name": ("name",),
    "reading of the full name": ("reading",),
    "number": ("number",),
    "shared number": ("shared_number",),
}
"""Name of the rule → the attributes two profiles must both have shown a common value of; the first tells most apart."""

WIDE_RULES: dict[str, tuple[str, ...]] = {
    "birth date": ("birth_date",),
    "house": ("address",),
    "room and town": ("room", "town"),
    "room and postal code": ("room", "postal"),
    "street or room and town": ("line", "town"),
    "street or room and postal code": ("line", "postal"),
    "street or room and family name": ("line", "family"),
    "street or room and given name": ("line", "given"),
    "house number and town": ("house", "town"),
    "house number and postal code": ("house", "postal"),
    "postal code and family name": ("family", "postal"),
    "postal code and given name": ("given", "postal"),
}
"""Rules for profiles of which `RULES` found no other that is the same child: all but one thing may be mistyped."""

LARGEST_BLOCK = 300
"""A value combination shown by more profiles than this tells nothing apart and would make work grow quadratically."""

LARGEST_WIDE_BLOCK = 20
"""The same for names alone and for `WIDE_RULES`, whose blocks grow with the city: two of a hundred namesakes with
nothing else in common could not be told from strangers anyway."""

NAMES_ALONE = ("full name", "reading of the full name")


def block(
    connection: Connection,
    profiles: pl.DataFrame,
    *,
    rules: Mapping[str, tuple[str, ...]] = RULES,
    fresh: pl.Series | None = None,
) -> pl.DataFrame:
    """Pairs worth comparing: `left` < `right`, profile numbers.

    Work is the sum over blocks of the square of their size, each at most `LARGEST_BLOCK`.

    Parameters
    ----------
    connection
        Engine that joins.
    profiles
        `linkage.profiles.Profiles.profiles`.
    rules
        Name of each rule and its attributes.
    fresh
        Profiles of which at least one must be in a pair; None for all pairs.
    """
    asked = profiles["profile"] if fresh is None else fresh
    blocks = _blocks(profiles, rules, fresh)
    connection.register("blocks", blocks.with_columns(asked=pl.col("profile").is_in(asked.implode())))
    pairs = connection.sql(
        """SELECT DISTINCT least(l.profile, r.profile) AS "left", greatest(l.profile, r.profile) AS "right"
        FROM blocks AS l JOIN blocks AS r ON l.block = r.block
        WHERE l.asked AND (l.profile < r.profile OR NOT r.asked)"""
    ).pl()
    connection.unregister("blocks")
    return pairs.cast({"left": pl.UInt32, "right": pl.UInt32}).sort("left", "right")


def _blocks(profiles: pl.DataFrame, rules: Mapping[str, tuple[str, ...]], fresh: pl.Series | None) -> pl.DataFrame:
    """`block`, `profile`: the blocks that hold a pair and are not too large, each once whichever rules make it.

    With `fresh`, only those whose value of a rule's first attribute some fresh profile showed.
    """
    asked = []
    for first in {attributes[0]: None for attributes in rules.values()}:
        begun = {rule: attributes for rule, attributes in rules.items() if attributes[0] == first}
        shared = profiles.select("profile", *{attribute: None for rule in begun.values() for attribute in rule})
        if fresh is not None:
            shared = shared.filter(pl.col("profile").is_in(_sharing(shared, first, fresh).implode()))
        asked += [_blocks_of(rule, attributes, shared.lazy()) for rule, attributes in begun.items()]
    return pl.concat(pl.collect_all(asked)).unique().with_row_index("block").explode("profile")


def _sharing(profiles: pl.DataFrame, attribute: str, fresh: pl.Series) -> pl.Series:
    """Profiles that showed a value of `attribute` that some fresh one showed."""
    shown = profiles.select("profile", attribute).explode(attribute).drop_nulls()
    values = shown.filter(pl.col("profile").is_in(fresh.implode()))[attribute]
    return shown.filter(pl.col(attribute).is_in(values.implode()))["profile"]


def _blocks_of(rule: str, attributes: tuple[str, ...], profiles: pl.LazyFrame) -> pl.LazyFrame:
    """Lists of the profiles that showed a common combination of values, by its hash."""
    largest = LARGEST_WIDE_BLOCK if rule in WIDE_RULES or rule in NAMES_ALONE else LARGEST_BLOCK
    held = profiles.select("profile", *attributes).filter(pl.all_horizontal(pl.col(*attributes).list.len() > 0))
    for attribute in attributes:
        held = held.explode(attribute)
    blocks = held.group_by(pl.struct(*attributes).hash().alias("key")).agg("profile")
    return blocks.select("profile").filter(pl.col("profile").list.len().is_between(2, largest))
