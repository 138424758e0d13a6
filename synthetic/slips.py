"""The slips of clerks and systems: what a record says although it is not so.

Most slips are made once, when a child is registered, and repeated in every later record under that number; the others
stand in a single record. Strings are changed as columns.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import jaconv
import numpy as np
import polars as pl

from synthetic.chance import Bools, Floats, Ints
from synthetic.data import read_toml
from synthetic.names import names
from synthetic.profile import Profile

LASTING = 0.75
"""Share of slips made at registration and repeated from then on."""

LOST = ("〓", "?")


@dataclass(frozen=True)
class Dice:
    """Draws for the records of one source: which records a slip is in, and how it goes."""

    rng: np.random.Generator
    registration: Ints

    def slip(self, rate: float) -> tuple[Bools, Floats]:
        """Records with a slip of `rate`, and a uniform draw each of how it goes, lasting ones alike at every date."""
        size, registrations = len(self.registration), int(self.registration.max(initial=-1)) + 1
        lasting = (self.rng.random(registrations) < rate * LASTING)[self.registration]
        passing = self.rng.random(size) < rate * (1 - LASTING)
        how = np.where(lasting, self.rng.random(registrations)[self.registration], self.rng.random(size))
        return lasting | passing, how


Change = Callable[[pl.Series, pl.Series], pl.Series]


def changed(column: pl.Series, where: tuple[Bools, Floats], change: Change) -> pl.Series:
    """`column` with `change(values, draws)` applied to its non-null entries of the mask."""
    mask, how = where
    rows = np.flatnonzero(mask & column.is_not_null().to_numpy())
    if not len(rows):
        return column
    return column.clone().scatter(rows, change(column.gather(rows), pl.Series(how[rows])))


def make_slips(record: pl.DataFrame, dice: Dice, profile: Profile) -> pl.DataFrame:
    """Slips in names, readings, birth date and phone of canonical records; blanks where something is missing.

    `record` holds the identity columns, readings in katakana, `birth_date` as a Date and `as_of`.
    """
    columns = {name: record[name] for name in record.columns}
    for name in ("family_name", "given_name", "guardian_name"):
        columns[name] = _kanji_slips(columns[name], dice, profile)
    for name in ("family_kana", "given_kana", "guardian_kana"):
        columns[name] = changed(columns[name], dice.slip(profile.kana_slip), kana_slip)
    for name, kana in (("family_name", "family_kana"), ("given_name", "given_kana")):
        mask, how = dice.slip(profile.kana_in_kanji)
        katakana = pl.when(pl.Series(mask & (how < 0.5))).then(columns[kana])
        either = katakana.when(pl.Series(mask)).then(hiragana(columns[kana])).otherwise(columns[name])
        columns[name] = pl.select(either.alias(name))[name]
    columns["birth_date"] = _birth_slips(columns["birth_date"], record["as_of"], dice.slip(profile.birth_date_slip))
    columns["phone"] = changed(columns["phone"], dice.slip(profile.wrong_phone_digit), wrong_digit)
    return _blank(_swap(pl.DataFrame(columns), dice, profile), dice, profile)


def _kanji_slips(column: pl.Series, dice: Dice, profile: Profile) -> pl.Series:
    column = changed(column, dice.slip(profile.kanji_variant), variant)
    column = changed(column, dice.slip(profile.typo), typo)
    return changed(column, dice.slip(profile.lost_gaiji), lost_gaiji)


def variant(values: pl.Series, how: pl.Series) -> pl.Series:
    """Each name in another of its written forms, where it has one."""
    distinct = values.unique(maintain_order=True)
    forms = pl.Series([_variants(value) for value in distinct.to_list()], dtype=pl.List(pl.String))
    lists = forms.gather(values.replace_strict(distinct, pl.int_range(len(distinct), eager=True)))
    return lists.list.get((how * lists.list.len()).cast(pl.Int64))


def _variants(name: str) -> list[str]:
    forms = [
        name.replace(character, other)
        for group in read_toml("characters.toml")["variants"]
        for character in name
        if character in group
        for other in group
        if other != character
    ]
    return forms or [name]


def typo(values: pl.Series, how: pl.Series) -> pl.Series:
    """A character dropped, doubled or exchanged with the next; names of one character are doubled."""
    frame = pl.DataFrame({"value": values, "how": how}).with_columns(length=pl.col("value").str.len_chars())
    value, length, where = pl.col("value"), pl.col("length"), pl.col("how") * 3 % 1
    at = (where * length).cast(pl.Int64)
    dropped = value.str.slice(0, at) + value.str.slice(at + 1)
    doubled = value.str.slice(0, at + 1) + value.str.slice(at)
    two = (where * (length.cast(pl.Int64) - 1)).cast(pl.Int64)  # the first of two neighbours
    exchanged = (
        value.str.slice(0, two) + value.str.slice(two + 1, 1) + value.str.slice(two, 1) + value.str.slice(two + 2)
    )
    written = (
        pl.when((length < 2) | (pl.col("how") < 1 / 3))
        .then(doubled)
        .when(pl.col("how") < 2 / 3)
        .then(dropped)
        .otherwise(exchanged)
    )
    return frame.select(written.alias("value"))["value"]


@cache
def _rare_characters() -> str:
    """Pattern of the name tables' characters that old systems had no code for (outside JIS X 0208)."""
    tables = [*names().surnames.written, *names().given.written, *read_toml("characters.toml")["variants"]]

    def rare(character: str) -> bool:
        try:
            return len(character.encode("shift_jis")) == 0
        except UnicodeEncodeError:
            return True

    return "[" + "".join(sorted(character for character in set("".join(tables)) if rare(character))) + "]"


def lost_gaiji(values: pl.Series, how: pl.Series) -> pl.Series:
    """Characters outside JIS X 0208 replaced by 〓, or by ? in a third of the records."""
    pattern = _rare_characters()
    geta, question = (values.str.replace_all(pattern, mark) for mark in LOST)
    return pl.select(pl.when(how < 2 / 3).then(geta).otherwise(question).alias("value"))["value"]


def kana_slip(values: pl.Series, how: pl.Series) -> pl.Series:
    """Small kana written large, a long vowel written otherwise, or a kana taken for another."""
    large = values.str.replace_many(read_toml("characters.toml")["small_kana"])
    long = values.str.replace_many(read_toml("characters.toml")["long_vowels"])
    frame = pl.DataFrame({"value": values, "how": how}).with_columns(
        at=(pl.col("how") * 7 % 1 * pl.col("value").str.len_chars()).cast(pl.Int64)
    )
    value, at = pl.col("value"), pl.col("at")
    other = value.str.slice(at, 1).replace(read_toml("characters.toml")["like_kana"])
    mistaken = frame.select(value.str.slice(0, at) + other + value.str.slice(at + 1))["value"]
    return pl.select(pl.when(how < 0.35).then(large).when(how < 0.7).then(long).otherwise(mistaken).alias("v"))["v"]


def wrong_digit(values: pl.Series, how: pl.Series) -> pl.Series:
    """One of the last seven digits replaced by the next higher."""
    frame = pl.DataFrame({"value": values, "how": how})
    at = pl.col("value").str.len_chars().cast(pl.Int64) - 1 - (pl.col("how") * 7).cast(pl.Int64)
    digit = (pl.col("value").str.slice(at, 1).cast(pl.Int64) + 1) % 10
    written = pl.col("value").str.slice(0, at) + digit.cast(pl.String) + pl.col("value").str.slice(at + 1)
    return frame.select(written)["value"]


def hiragana(values: pl.Series) -> pl.Series:
    """Katakana readings in hiragana."""
    return by_unique(values, jaconv.kata2hira)


def by_unique(values: pl.Series, function: Callable[[str], str]) -> pl.Series:
    """`function` of each value, computed once for each distinct one."""
    distinct = values.drop_nulls().unique(maintain_order=True)
    mapped = pl.Series([function(value) for value in distinct.to_list()], dtype=pl.String)
    return values.replace_strict(distinct, mapped, return_dtype=pl.String, default=None)


def _birth_slips(birth: pl.Series, as_of: pl.Series, where: tuple[Bools, Floats]) -> pl.Series:
    """Day and month exchanged, or a digit of year, month or day off; never a day that is none, or to come."""
    mask, how = where
    year, month, day = pl.col("birth").dt.year(), pl.col("birth").dt.month(), pl.col("birth").dt.day()
    written = (
        pl.when((pl.col("how") < 0.3) & (day <= 12) & (day != month))
        .then(pl.struct(y=year, m=day, d=month))
        .when(pl.col("how") < 0.4)
        .then(pl.struct(y=year - 1, m=month, d=day))
        .when(pl.col("how") < 0.6)
        .then(pl.struct(y=year, m=month % 12 + 1, d=day))
        .when(pl.col("how") < 0.8)
        .then(pl.struct(y=year, m=month, d=pl.when(day > 10).then(day - 10).otherwise(day + 10)))
        .otherwise(pl.struct(y=year, m=month, d=pl.when(day < 28).then(day + 1).otherwise(day - 1)))
    )
    frame = pl.DataFrame({"birth": birth, "as_of": as_of, "mask": mask, "how": how}).with_columns(w=written)
    slipped = pl.format(
        "{}-{}-{}",
        pl.col("w").struct.field("y"),
        pl.col("w").struct.field("m").cast(pl.String).str.zfill(2),
        pl.col("w").struct.field("d").cast(pl.String).str.zfill(2),
    ).str.to_date("%Y-%m-%d", strict=False)
    possible = pl.col("mask") & slipped.is_not_null() & (slipped <= pl.col("as_of"))
    return frame.select(pl.when(possible).then(slipped).otherwise("birth").alias("birth"))["birth"]


def _swap(record: pl.DataFrame, dice: Dice, profile: Profile) -> pl.DataFrame:
    """Family and given name exchanged, and in most of those records their readings too."""
    mask, how = dice.slip(profile.swapped_names)
    written, read = pl.lit(pl.Series(mask)), pl.lit(pl.Series(mask & (how < 0.7)))

    def exchange(first: str, second: str, where: pl.Expr) -> list[pl.Expr]:
        return [
            pl.when(where).then(second).otherwise(first).alias(first),
            pl.when(where).then(first).otherwise(second).alias(second),
        ]

    return record.with_columns(
        *exchange("family_name", "given_name", written), *exchange("family_kana", "given_kana", read)
    )


def _blank(record: pl.DataFrame, dice: Dice, profile: Profile) -> pl.DataFrame:
    def unless(rate: float, *columns: str) -> list[pl.Expr]:
        kept = pl.lit(pl.Series(~dice.slip(rate)[0]))
        return [pl.when(kept).then(column).alias(column) for column in columns]

    return record.with_columns(
        *unless(profile.kana_missing, "family_kana", "given_kana"),
        *unless(profile.kana_missing * 2, "guardian_kana"),
        *unless(profile.identity_missing, "guardian_name"),
        *unless(profile.identity_missing, "sex"),
        *unless(profile.identity_missing, "postal_code"),
        *unless(profile.identity_missing / 2, "address"),
        *unless(profile.identity_missing * 2, "phone"),
        *unless(profile.identity_missing / 5, "birth_date"),
    )
