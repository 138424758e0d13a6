"""What statistics count: one row a child and fiscal year, with the categories that tables are by.

And what everybody knows of these categories: which there are, which lie in which, which can be together.
"""

from collections.abc import Collection, Mapping, Sequence

import polars as pl

from governance.cell_system import Universe
from governance.disclosure import code_extremes
from governance.runs import read_artefact
from governance.workspace import Workspace
from vocabulary.errors import UsageError
from vocabulary.fiscal import fiscal_year_of, grade_of

SMALL_SCHOOL = 50
"""Schools that had fewer children in a year are one category together, within their district where there are any."""

BANDS = {"preschool": ["preschool"], "elementary": [*map(str, range(1, 7))], "junior_high": ["7", "8", "9"]} | {
    "high_school": ["10", "11", "12"]
}
BAND_OF = {grade: band for band, grades in BANDS.items() for grade in grades}
CATEGORIES = {
    "sex": ["F", "M", "unknown"],
    "grade": [*BAND_OF],
    "band": [*BANDS],
    "judgement": ["0", "1", "2", "3", "unknown"],
    "indicator": ["0", "1", "2", "3", "unknown"],
    "flag": ["no", "yes"],
    "recorded": ["no", "yes"],
}
"""Every category that can be, by dimension or by what stands before the colon."""

WITHOUT = {"school": "none", "district": "other"}
"""The category of children without a school or district; there is always one, even where nobody is in it."""

NO_PLACE = {WITHOUT["school"]: WITHOUT["district"]}


def cases(
    workspace: Workspace, run_id: str, dimensions: Collection[str], districts: Mapping[str, str], years: Sequence[int]
) -> pl.DataFrame:
    """Children with any observation in a fiscal year, up to grade 12.

    Returns
    -------
    pl.DataFrame
        `year` (Int32), a String column for each of `dimensions` and for what they lie in, and `value:<indicator>`
        (Float64, extremes coded by year) for each dimension `recorded:<indicator>`. No person id.

    Raises
    ------
    UsageError
        The run has no such judgement, indicator or kind of flag, or no records of one of `years`.
    """
    timeline = read_artefact(workspace, run_id, "timeline").with_columns(year=fiscal_year_of(pl.col("date")))
    timeline = timeline.filter(pl.col("year").is_in(list(years)))
    people = read_artefact(workspace, run_id, "persons", ["person_id", "birth_date", "sex"])
    grade = grade_of(pl.col("birth_date"), pl.col("year"))
    rows = timeline.select("person_id", "year").unique().join(people, on="person_id")
    rows = rows.with_columns(
        sex=pl.col("sex").fill_null("unknown"),
        number=grade,
        grade=pl.when(grade < 1).then(pl.lit("preschool")).otherwise(grade.cast(pl.String)),
    ).filter(pl.col("number") <= 12)
    for year in years:
        if not (rows["year"] == year).any():
            raise UsageError("release.no_year", run=run_id, year=year)
    rows = rows.with_columns(band=pl.col("grade").replace_strict(BAND_OF)).drop("number", "birth_date")
    if {"school", "district"} & {*dimensions}:
        rows = _with_schools(rows, timeline, districts)
    for dimension in sorted(one for one in dimensions if ":" in one):
        rows = _with_measured(workspace, run_id, rows, dimension)
    return rows.drop("person_id")


def universe(rows: pl.DataFrame, dimensions: Collection[str]) -> Universe:
    """The categories of these dimensions, which of them lie in which, and which can be together at all."""
    coarser, finest = {}, {*dimensions}
    for fine, coarse in (("grade", "band"), ("school", "district")):
        if {fine, coarse} <= finest:
            within = BAND_OF if fine == "grade" else NO_PLACE | dict(rows.select(fine, coarse).unique().iter_rows())
            coarser[coarse] = (fine, within)
            finest.remove(coarse)
    possible = {}
    places, ages = finest & {"school", "district"}, finest & {"grade", "band"}
    if places and ages:
        (place,), (age,) = places, ages
        taught = rows.select(place, "band").filter(pl.col(place) != WITHOUT[place])
        anywhere = pl.DataFrame({place: WITHOUT[place], "band": [*BANDS]})  # of any age: not at school, or elsewhere
        taught = pl.concat([taught, anywhere]).unique()
        of_band = pl.DataFrame({"grade": [*BAND_OF], "band": [*BAND_OF.values()]})
        possible[place, age] = taught.join(of_band, on="band").select(place, age).unique()
    possible |= _implied(finest)
    return Universe({name: _categories(rows, name) for name in sorted(finest)}, coarser, possible)


def _implied(dimensions: Collection[str]) -> dict[tuple[str, str], pl.DataFrame]:
    """What follows from the words: whoever is listed for one kind is listed; a value not recorded has no level."""
    found = {}
    for one in sorted(dimensions):
        kind, _, name = one.partition(":")
        if kind == "flag" and name != "any" and "flag:any" in dimensions:
            pairs = [("no", "no"), ("yes", "no"), ("yes", "yes")]
            found["flag:any", one] = pl.DataFrame(pairs, ["flag:any", one], orient="row")
        if kind == "indicator" and (other := f"recorded:{name}") in dimensions:
            pairs = [("no", "unknown"), *(("yes", level) for level in CATEGORIES["indicator"])]
            found[other, one] = pl.DataFrame(pairs, [other, one], orient="row")
    return found


def _categories(rows: pl.DataFrame, dimension: str) -> list[str]:
    known = CATEGORIES.get(dimension.partition(":")[0])
    return known or sorted({*rows[dimension].unique(), WITHOUT[dimension]})


def _with_schools(rows: pl.DataFrame, timeline: pl.DataFrame, districts: Mapping[str, str]) -> pl.DataFrame:
    """Add `school` and `district`: of the last school code that was recorded in the year."""
    codes = timeline.filter(pl.col("item") == "school_code").sort("date", "value")
    last = codes.group_by("person_id", "year").agg(school=pl.col("value").last())
    rows = rows.join(last, on=["person_id", "year"], how="left").with_columns(
        pl.col("school").fill_null(WITHOUT["school"])
    )
    rows = rows.with_columns(district=pl.col("school").replace_strict(dict(districts), default=WITHOUT["district"]))
    counted = rows.group_by("school", "year").len().group_by("school").agg(pl.col("len").min())
    small = counted.filter(pl.col("len") < SMALL_SCHOOL, pl.col("school") != WITHOUT["school"])["school"].implode()
    pooled = pl.format("small in {}", "district") if districts else pl.lit("small")
    return rows.with_columns(school=pl.when(pl.col("school").is_in(small)).then(pooled).otherwise("school"))


def _with_measured(workspace: Workspace, run_id: str, rows: pl.DataFrame, dimension: str) -> pl.DataFrame:
    """Add a column of what was judged, computed or listed of each child and year."""
    kind, _, name = dimension.partition(":")
    table, column = {"judgement": ("judgements", "domain"), "flag": ("flags", "kind")}.get(
        kind, ("indicators", "indicator")
    )
    found = read_artefact(workspace, run_id, table)
    if dimension != "flag:any":
        found = found.filter(pl.col(column) == name)
        if found.is_empty():
            raise UsageError("release.nothing_measured", run=run_id, name=dimension)
    found = found.sort("as_of").group_by("person_id", "year").agg(pl.all().last())
    on = ["person_id", "year"]
    if kind == "flag":
        found = found.select(*on, pl.lit("yes").alias(dimension))
    elif kind == "recorded":
        coded = pl.col("value").map_batches(code_extremes).over("year")
        found = found.filter(pl.col("value").is_finite())
        found = found.select(*on, pl.lit("yes").alias(dimension), coded.alias(f"value:{name}"))
    else:
        value = "judgement" if kind == "judgement" else "level"
        found = found.select(*on, pl.col(value).cast(pl.String).alias(dimension))
    absent = "no" if kind in ("flag", "recorded") else "unknown"
    return rows.join(found, on=on, how="left").with_columns(pl.col(dimension).fill_null(absent))
