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

from linkage.derived import with_derived
from linkage.runs import run, runs_of
from vocabulary.frames import RECORD

SET_ATTRIBUTES = (
    "family",
    "given",
    "family_kana",
    "given_kana",
    "birth_date",
    "sex",
    "postal",
    "town",
    "block",
    "room",
    "line",
    "house",
    "address",
    "guardian",
    "guardian_kana",
    "guardian_given",
    "phone",
    "name",
    "reading",
    "number",
    "shared_number",
    "words",
    "birth_year",
    "birth_day",
)
"""Attributes of which a profile keeps every value. `line` is street and room of an address in Latin letters, which
departments exchange, `house` its number; `address` is town and block together; `guardian_given` the guardian's name
without the child's family name, its last two characters; `name` and `reading` are family and given name in an order
of their own, the same for swapped names; `number` source and local id; `birth_year` and `birth_day` the parts of a
birth date of which one slip leaves one."""

DATED_ATTRIBUTES = ("family", "address")
"""Attributes of which a profile also keeps when it showed its most frequent value, as `<attribute>_years`."""

CODED_ATTRIBUTES = {
    "family_code": ("family_kana", "family"),
    "given_code": ("given_kana", "given"),
    "guardian_code": ("guardian_kana", "guardian"),
}
"""Columns for string distances: the main reading with one byte a kana or, without one, the name if it is Latin."""


@dataclass(frozen=True)
class Profiles:
    """Profiles of a delivery and the records behind each.

    Attributes
    ----------
    profiles
        `profile` UInt32, `source`, `local_id`, for each of `SET_ATTRIBUTES` a list without nulls, the most frequent
        value first, the columns of `CODED_ATTRIBUTES`, for each of `DATED_ATTRIBUTES` an Int64 whose bits are the
        fiscal years in which the most frequent value was shown, and the years after them; `first_seen` and `last_seen`
        Date, `records` UInt32. Birth dates are ISO strings.
    members
        `profile`, `source`, `local_id`, `as_of`: one row per record.
    """

    profiles: pl.DataFrame
    members: pl.DataFrame


def build_profiles(standardised: pl.DataFrame, *, first: int = 0) -> Profiles:
    """Collapse standardised records (STANDARDISED) into profiles, numbered from `first`.

    The numbering of profiles follows (source, local_id, first date), so the same records always give the same frame.
    """
    records = standardised.sort(RECORD).with_columns(run=run())
    runs = _number_profiles(with_derived(runs_of(records)), first)
    numbers = runs.select("profile", "source", "local_id").unique("profile", keep="first", maintain_order=True)
    profiles = numbers.join(_dates(runs), on="profile", maintain_order="left").join(
        _sets(runs), on="profile", maintain_order="left"
    )
    profiles = profiles.join(_years(runs, profiles), on="profile", maintain_order="left")
    codes = [_code(*attributes).alias(code) for code, attributes in CODED_ATTRIBUTES.items()]
    members = records.select(*RECORD, "run").join(runs.select("run", "profile"), on="run")
    return Profiles(
        profiles.with_columns(codes),
        members.select("profile", *RECORD).sort("profile", "as_of"),
    )


def _dates(runs: pl.DataFrame) -> pl.DataFrame:
    """`profile`, `first_seen`, `last_seen`, `records`."""
    return runs.group_by("profile", maintain_order=True).agg(
        pl.col("as_of").min().alias("first_seen"), pl.col("last_seen").max(), pl.col("records").sum()
    )


_KANA = [chr(point) for point in range(ord("ァ"), ord("ヴ") + 1)]
_BYTES = [chr(33 + place) for place in range(len(_KANA))]


def _code(kana: str, name: str) -> pl.Expr:
    """Main reading, each katakana as one printable ASCII character; else a name in Latin letters as it is."""
    latin = pl.col(name).list.first()
    return pl.coalesce(
        pl.col(kana).list.first().str.replace_many(_KANA, _BYTES), pl.when(latin.str.contains("^[A-Z]")).then(latin)
    )


def _number_profiles(ordered: pl.DataFrame, first: int) -> pl.DataFrame:
    """Add `profile`: one for each birth date a number shows, cut further where its given name changes."""
    changed = pl.any_horizontal(pl.col("source", "local_id") != pl.col("source", "local_id").shift(1))
    numbered = ordered.with_columns(number_id=changed.fill_null(True).cum_sum())
    varying = (
        numbered.group_by("number_id")
        .agg(pl.col("birth_date", "given", "given_kana").drop_nulls().n_unique() > 1)
        .filter(pl.any_horizontal("birth_date", "given", "given_kana"))
    )
    one = numbered.join(varying, on="number_id", how="anti").with_columns(
        born=pl.lit(None, pl.String), part=pl.lit(0, pl.UInt32)
    )
    parted = pl.concat([one, _parts(numbered.join(varying, on="number_id", how="semi"))])
    key = ["number_id", "born", "part"]
    starts = pl.any_horizontal(pl.col(column).ne_missing(pl.col(column).shift(1)) for column in key)
    return (
        parted.sort(*key, "as_of", nulls_last=True)
        .with_columns(profile=(starts.cum_sum() + (first - 1)).cast(pl.UInt32))
        .drop(key)
    )


def _parts(numbered: pl.DataFrame) -> pl.DataFrame:
    """Add `born` and `part`, alike in rows of one number that agree on who it is.

    A row without a birth date belongs with the row before it, else with the one after. A given name changes where
    neither kanji nor reading agrees with the last known one, and at least one of them can be compared.
    """
    born = pl.col("birth_date")
    dated = numbered.with_columns(
        born=born.forward_fill().over("number_id").fill_null(born.backward_fill().over("number_id"))
    )
    held = ["number_id", "born"]

    def differs(attribute: str) -> pl.Expr:
        return pl.col(attribute) != pl.col(attribute).forward_fill().shift(1).over(held)

    name = [differs("given"), differs("given_kana")]
    renamed = pl.all_horizontal(column.fill_null(True) for column in name) & pl.any_horizontal(
        column.fill_null(False) for column in name
    )
    return dated.with_columns(part=renamed.cast(pl.UInt32).cum_sum().over(held))


def _sets(runs: pl.DataFrame) -> pl.DataFrame:
    """`profile` and for each of `SET_ATTRIBUTES` the list of its values. Runs of a profile stand together."""
    lists = [name for name in SET_ATTRIBUTES if runs.schema[name] == pl.List]
    single = [name for name in SET_ATTRIBUTES if name not in lists]
    first = runs.group_by("profile", maintain_order=True).agg(pl.col(single).drop_nulls().first())
    sets = first.select("profile", *(pl.when(pl.col(name).is_not_null()).then(pl.concat_list(name)) for name in single))
    for name in single:
        several = _of_several(runs.select("profile", "records", name).drop_nulls(), name)
        if several.height:
            sets = sets.update(_values(several, name), on="profile", maintain_order="left")
    for name in lists:
        sets = sets.join(_values(runs, name), on="profile", how="left", maintain_order="left")
    return sets.select("profile", pl.col(*SET_ATTRIBUTES).fill_null([]))


def _of_several(held: pl.DataFrame, attribute: str) -> pl.DataFrame:
    """Runs of the profiles that hold more than one value of `attribute`, which is never null."""
    other = (pl.col("profile") == pl.col("profile").shift(1)) & (pl.col(attribute) != pl.col(attribute).shift(1))
    return held.filter(pl.col("profile").is_in(held.filter(other)["profile"].unique().implode()))


def _values(runs: pl.DataFrame, attribute: str) -> pl.DataFrame:
    """`profile` and the list of its values of `attribute`, the most frequent first, the smaller among equals."""
    held = runs.select("profile", "records", attribute).drop_nulls()
    if held.schema[attribute] == pl.List:
        held = held.explode(attribute).drop_nulls()
    return (
        held.group_by("profile", attribute)
        .agg(pl.col("records").sum())
        .sort("profile", "records", attribute, descending=[False, True, False])
        .group_by("profile", maintain_order=True)
        .agg(attribute)
    )


def _years(runs: pl.DataFrame, profiles: pl.DataFrame) -> pl.DataFrame:
    """`profile` and `<attribute>_years`: when it showed the first of its values, and the years after."""
    first = profiles.select("profile", *(pl.col(name).list.first().alias(f"{name}_first") for name in DATED_ATTRIBUTES))
    shown = runs.select("profile", "years", *DATED_ATTRIBUTES).join(first, on="profile", maintain_order="left")
    return shown.group_by("profile").agg(
        pl.when(pl.col(name) == pl.col(f"{name}_first")).then("years").bitwise_or().alias(f"{name}_years")
        for name in DATED_ATTRIBUTES
    )
