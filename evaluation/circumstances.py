"""Who each child is, as far as linkage must serve everyone alike: sex, family, benefits, name, moves, twins.

Every group stands in a dimension; a child may be in several groups, and in none where nothing is recorded.
"""

import polars as pl

from evaluation.happenings import values_shown

BENEFITS = ("child_rearing_allowance", "public_assistance", "school_expense_aid")
NOT_SO = ("0", "none")
"""Values of a timeline's items that say a child is not single-parented, or draws no benefit."""

MOST_MOVES = 3

GROUPS: dict[str, tuple[str, ...]] = {
    "sex": ("female", "male"),
    "family": ("single_parent", "two_parents"),
    "benefits": (*BENEFITS, "no_benefit"),
    "foreign_name": ("foreign_name", "japanese_name"),
    "surname": ("surname_changed", "surname_kept"),
    "moves": ("moves_0", "moves_1", "moves_2", "moves_3"),
    "twin": ("twin", "no_twin"),
}
"""Groups of each dimension."""


def circumstances(
    matched: pl.DataFrame,
    truth_children: pl.DataFrame,
    *,
    persons: pl.DataFrame | None = None,
    timeline: pl.DataFrame | None = None,
    traits: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Tell the groups of `GROUPS` that each child belongs to.

    Parameters
    ----------
    matched
        One row a linked record: `person_id, source, local_id, as_of, child`.
    truth_children
        TRUTH_CHILDREN.
    persons
        PERSONS, for the sex.
    timeline
        TIMELINE, for family and benefits.
    traits
        TRAITS, for moves and changes of surname; with a Boolean column `foreign_name`, for that too.

    Returns
    -------
    `child, dimension, group`, one row a child and group. A dimension that was not given is not told.
    """
    found = [_twins(truth_children)]
    if persons is not None:
        found.append(_sexes(matched, persons))
    if timeline is not None:
        found += _benefits(matched, timeline)
    if traits is not None:
        found += _traits(matched.join(traits, on=["source", "local_id", "as_of"]))
    dimension = {group: dimension for dimension, groups in GROUPS.items() for group in groups}
    return (
        pl.concat(found)
        .join(matched.select("child").unique(), on="child", how="semi")
        .select("child", pl.col("group").replace_strict(dimension).alias("dimension"), "group")
    )


def _either(children: pl.DataFrame, condition: pl.Expr, group: str, other: str) -> pl.DataFrame:
    """`child, group`: `group` where the condition holds, `other` where it does not."""
    return children.select("child", group=pl.when(condition).then(pl.lit(group)).otherwise(pl.lit(other)))


def _twins(truth_children: pl.DataFrame) -> pl.DataFrame:
    return _either(truth_children, pl.col("twin"), "twin", "no_twin")


def _sexes(matched: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """The sex that most of a child's records have by their person; where two tie, F."""
    records = matched.join(persons.select("person_id", "sex"), on="person_id").drop_nulls("sex")
    children = records.group_by("child").agg(pl.col("sex").mode().min())
    return _either(children, pl.col("sex") == "F", "female", "male")


def _benefits(matched: pl.DataFrame, timeline: pl.DataFrame) -> list[pl.DataFrame]:
    """Family and benefits: what was ever recorded, for the children of whom it was recorded at all.

    An observation is of the children whose records of its source and date its person holds.
    """
    items = timeline.filter(pl.col("item").is_in(["single_parent", *BENEFITS])).select(
        "person_id", "source", "item", as_of="date", so=~pl.col("value").is_in(NOT_SO)
    )
    ever = (
        matched.select("person_id", "source", "as_of", "child")
        .unique()
        .join(items, on=["person_id", "source", "as_of"])
        .group_by("child", "item")
        .agg(pl.col("so").any())
    )
    benefits = ever.filter(pl.col("item").is_in(BENEFITS))
    none = benefits.group_by("child").agg(~pl.col("so").any()).filter("so")
    return [
        _either(ever.filter(pl.col("item") == "single_parent"), pl.col("so"), "single_parent", "two_parents"),
        benefits.filter("so").select("child", group="item"),
        none.select("child", group=pl.lit("no_benefit")),
    ]


def _traits(described: pl.DataFrame) -> list[pl.DataFrame]:
    """Moves, changes of surname, and a foreign name where the traits tell of it."""
    moves = (pl.col("values").cast(pl.Int64) - 1).clip(upper_bound=MOST_MOVES)
    homes = values_shown(described, "address_code").select("child", group=pl.format("moves_{}", moves))
    surnames = _either(values_shown(described, "surname_code"), pl.col("values") > 1, "surname_changed", "surname_kept")
    if "foreign_name" not in described.columns:
        return [homes, surnames]
    named = described.drop_nulls("foreign_name").group_by("child").agg(pl.col("foreign_name").any())
    return [homes, surnames, _either(named, pl.col("foreign_name"), "foreign_name", "japanese_name")]
