"""Who a child is in a year, as far as a list must serve everyone alike.

Family and benefits are as recorded in that year, not ever, so that what comes later does not colour what came before.
A child is in no group of a dimension of which nothing is recorded; a child may be in several groups of benefits.
"""

import polars as pl

from evaluation.circumstances import BENEFITS, GROUPS, NOT_SO
from vocabulary.fiscal import fiscal_year_of, grade_of
from vocabulary.frames import KEY

GRADES = ((1, "preschool"), (4, "grades_1_3"), (7, "grades_4_6"), (10, "grades_7_9"), (13, "grades_10_12"))
"""Each band and the grade it ends before."""

SIZES = ("small_school", "middle_school_size", "large_school")

FLAG_GROUPS: dict[str, tuple[str, ...]] = {
    "sex": GROUPS["sex"],
    "family": ("single_parent_now", "two_parents_now"),
    "benefits": ("benefit_now", "no_benefit_now"),
    "foreign_name": GROUPS["foreign_name"],
    "grade": tuple(name for _, name in GRADES),
    "school_size": SIZES,
}
"""Groups of each dimension."""


def flag_groups(
    present: pl.DataFrame,
    child_of: pl.DataFrame,
    *,
    persons: pl.DataFrame,
    timeline: pl.DataFrame | None = None,
    traits: pl.DataFrame | None = None,
    links: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Tell the groups that each child belongs to in each year.

    Parameters
    ----------
    present
        `child, year` of what is judged.
    child_of
        `person_id, child`.
    persons
        PERSONS, for sex and grade.
    timeline
        TIMELINE, for family, benefits and schools.
    traits, links
        TRAITS and LINKS, for names.

    Returns
    -------
    `child, year, dimension, group`. A dimension that was not given is not told.
    """
    who = persons.join(child_of, on="person_id").sort("child", "person_id")
    found = [*_persons(present, who)]
    if timeline is not None:
        recorded = timeline.join(child_of, on="person_id").with_columns(year=fiscal_year_of(pl.col("date")))
        found += [*_welfare(recorded), *_schools(recorded)]
    if traits is not None and links is not None and "foreign_name" in traits.columns:
        found += [_names(present, links.join(child_of, on="person_id"), traits)]
    dimension = {group: dimension for dimension, groups in FLAG_GROUPS.items() for group in groups}
    return (
        pl.concat([frame.select("child", "year", "group") for frame in found])
        .unique()
        .join(present, on=["child", "year"], how="semi")
        .select("child", "year", pl.col("group").replace_strict(dimension).alias("dimension"), "group")
    )


def _persons(present: pl.DataFrame, who: pl.DataFrame) -> list[pl.DataFrame]:
    """Sex and grade band of each child and year; of two persons of a child the first counts."""
    known = who.group_by("child").agg(pl.col("sex").drop_nulls().first(), pl.col("birth_date").drop_nulls().first())
    placed = present.join(known, on="child").with_columns(grade=grade_of(pl.col("birth_date"), pl.col("year")))
    sexes = pl.when(pl.col("sex") == "F").then(pl.lit("female")).otherwise(pl.lit("male"))
    band = pl.lit(None, dtype=pl.String)
    for before, name in reversed(GRADES):
        band = pl.when(pl.col("grade") < before).then(pl.lit(name)).otherwise(band)
    return [
        placed.drop_nulls("sex").with_columns(group=sexes),
        placed.with_columns(group=band).drop_nulls("group"),
    ]


def _welfare(recorded: pl.DataFrame) -> list[pl.DataFrame]:
    """Single parent or not, a benefit or none, as recorded of the child in the year."""
    so = ~pl.col("value").is_in(NOT_SO)

    def told(items: list[str], group: str, other: str) -> pl.DataFrame:
        each = recorded.filter(pl.col("item").is_in(items)).group_by("child", "year").agg(so.any().alias("so"))
        return each.with_columns(group=pl.when("so").then(pl.lit(group)).otherwise(pl.lit(other)))

    return [
        told(["single_parent"], "single_parent_now", "two_parents_now"),
        told([*BENEFITS], "benefit_now", "no_benefit_now"),
    ]


def _schools(recorded: pl.DataFrame) -> list[pl.DataFrame]:
    """Thirds of the schools of a year by their children; a child of two schools is in the larger."""
    schools = recorded.filter(pl.col("item") == "school_code").select("child", "year", school="value").unique()
    if schools.is_empty():
        return []
    sizes = schools.group_by("year", "school").agg(children=pl.len())
    third = ((pl.col("children").rank("ordinal").over("year") - 1) * len(SIZES) // pl.len().over("year")).cast(pl.Int64)
    named = sizes.sort("year", "children", "school").with_columns(
        group=third.replace_strict(dict(enumerate(SIZES)), return_dtype=pl.String)
    )
    placed = schools.join(named, on=["year", "school"]).sort(
        "child", "year", "children", descending=[False, False, True]
    )
    return [placed.unique(["child", "year"], keep="first", maintain_order=True)]


def _names(present: pl.DataFrame, linked: pl.DataFrame, traits: pl.DataFrame) -> pl.DataFrame:
    """Whether any record of the child shows a name of another script."""
    shown = linked.join(traits, on=[*KEY]).drop_nulls("foreign_name")
    foreign = shown.group_by("child").agg(pl.col("foreign_name").any())
    named = pl.when("foreign_name").then(pl.lit("foreign_name")).otherwise(pl.lit("japanese_name"))
    return present.join(foreign, on="child").with_columns(group=named)
