"""The list as a table: each year's flags with what they are filtered by, and where the team's capacity ends."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

import polars as pl

from vocabulary.fiscal import grade_of

LAST_GRADE = 12


@dataclass(frozen=True)
class ListRows:
    """The flags of every fiscal year.

    A frame of `by_year` has a row a child, those with a rank first, in its order: the columns of FLAGS without `as_of`,
    and `held` (waits for a review of its link; it has no rank), `school` (where the child goes now), `grade` (in that
    year; null beyond grade 12, below 1 before school), `judgement` (overall, of that year), `new` (not on the list of
    that year in the run before; null where there is none to compare with) and `earlier` (the years before it in which
    the child was listed). There is one flag a child and year (`indicators.flags`).
    """

    by_year: Mapping[int, pl.DataFrame]
    capacity: Mapping[int, int]  # children the team can look at, by year
    compared: bool  # with the run before
    none: pl.DataFrame  # without rows

    @property
    def years(self) -> list[int]:
        """Years with any flag, the latest first."""
        return sorted(self.by_year, reverse=True)

    def chosen_year(self, year: int | None) -> int | None:
        """The year that is shown where `year` is asked for: it, else the latest; None where no year has a flag."""
        return year if year in self.by_year else max(self.by_year, default=None)


def list_rows(
    *,
    flags: pl.DataFrame,
    held: pl.DataFrame,
    children: pl.DataFrame,
    judgements: pl.DataFrame,
    seen: Mapping[int, int],
    before: pl.DataFrame | None,
    capacity: float | int,
) -> ListRows:
    """Bring together what the list shows.

    Parameters
    ----------
    flags, held, judgements
        FLAGS, the same of those held for review, and JUDGEMENTS, of `vocabulary.frames`.
    children
        PERSONS and `school`.
    seen
        Number of children with any record, by fiscal year.
    before
        `person_id, year` of the flags of the run before; None where there is none.
    capacity
        A share of the children seen in a year, or a number of children.
    """
    both = pl.concat(
        [
            flags.with_columns(held=pl.lit(False)),
            held.with_columns(held=pl.lit(True)),
        ]
    )
    overall = judgements.filter(pl.col("domain") == "overall").select("person_id", "year", "judgement")
    grade = grade_of(pl.col("birth_date"), pl.col("year"))
    rows = (
        both.drop("as_of")
        .join(children.select("person_id", "birth_date", "school"), on="person_id", how="left")
        .join(overall, on=["person_id", "year"], how="left")
        .with_columns(
            grade=pl.when(grade <= LAST_GRADE).then(grade),
        )
        .drop("birth_date")
        .join(_earlier(both), on=["person_id", "year"], how="left")
        .join(_known(both, before), on=["person_id", "year"], how="left")
        .sort("year", "held", "rank", "score", "person_id", descending=[False, False, False, True, False])
    )
    by_year = {int(year): part for (year,), part in rows.partition_by("year", as_dict=True).items()}
    places = {year: capacity if isinstance(capacity, int) else ceil(capacity * seen.get(year, 0)) for year in by_year}
    return ListRows(by_year, places, before is not None, rows.clear())


def _earlier(flags: pl.DataFrame) -> pl.DataFrame:
    """`person_id, year, earlier`: the years before in which the child was listed too, where there is one."""
    listed = flags.select("person_id", "year")
    pairs = listed.join(listed, on="person_id", suffix="_earlier").filter(pl.col("year_earlier") < pl.col("year"))
    return pairs.group_by("person_id", "year").agg(pl.col("year_earlier").sort().alias("earlier"))


def _known(flags: pl.DataFrame, before: pl.DataFrame | None) -> pl.DataFrame:
    """`person_id, year, new` of every flag: whether the run before did not have it."""
    pairs = flags.select("person_id", "year").unique()
    if before is None:
        return pairs.with_columns(new=pl.lit(None, dtype=pl.Boolean))
    had = before.unique().with_columns(new=pl.lit(False))
    return pairs.join(had, on=["person_id", "year"], how="left").with_columns(pl.col("new").fill_null(True))
