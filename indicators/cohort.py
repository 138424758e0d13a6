"""The children of a timeline and what of each is held beside every indicator: years seen, school, grade and sex."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from indicators.presence import UNKNOWN_GRADE, presence
from indicators.schools import schools_of
from vocabulary.fiscal import grade_of

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Cohort:
    """Children by number (`indicators.numbers`).

    `seen` and `school` have a row for each child and a column for each year from `first_year`: whether some department
    recorded the child, and the number of the child's last school in the year, -1 where none is known. `birth_date`,
    `sex` and `grade` (in fiscal year 0) have an entry for each child, null where unknown.
    """

    first_year: int
    seen: NDArray[np.bool_]
    school: Ints
    birth_date: pl.Series
    sex: pl.Series
    grade: pl.Series

    def placed(self, values: pl.DataFrame) -> pl.DataFrame:
        """Values with the child's birth date, sex, grade and school.

        Parameters
        ----------
        values : DataFrame
            `person_id, year, …`, sorted by both.

        Returns
        -------
        The rows with `birth_date`, `sex`, `grade` (UNKNOWN_GRADE if unknown), `group` (a number for each school and
        year, -1 where none is known), and `child` and `column`, the place in a matrix of these children and years.
        """
        person, year = values["person_id"], values["year"]
        at = year.cast(pl.Int64).to_numpy() - self.first_year
        school = self.school[person.to_numpy(), at]
        return values.with_columns(
            self.birth_date.gather(person),
            self.sex.gather(person),
            (self.grade.gather(person) + year).fill_null(UNKNOWN_GRADE).alias("grade"),
            pl.Series("group", np.where(school < 0, -1, school * self.seen.shape[1] + at)),
            (person != person.shift(1)).fill_null(True).cast(pl.Int64).cum_sum().alias("child") - 1,
            (year - year.min()).cast(pl.Int64).alias("column"),
        )

    def grades(self, first_year: int, years: int) -> Ints:
        """Grade of each child in consecutive years, UNKNOWN_GRADE where unknown."""
        in_year_0 = self.grade.cast(pl.Float64).to_numpy()[:, None]
        return np.nan_to_num(in_year_0 + first_year + np.arange(years), nan=UNKNOWN_GRADE).astype(np.int64)


def cohort_of(timeline: pl.DataFrame, persons: pl.DataFrame) -> Cohort:
    """The cohort of a timeline, not empty, and of persons that have a row for each number, in order."""
    held, schools = presence(timeline), schools_of(timeline)
    years = held["year"].to_numpy()
    first_year = int(years.min())
    shape = (persons.height, int(years.max()) - first_year + 1)
    seen, school = np.zeros(shape, dtype=bool), np.full(shape, -1)
    seen[held["person_id"].to_numpy(), years - first_year] = True
    number = schools["school"].rank("dense").cast(pl.Int64) - 1
    school[schools["person_id"].to_numpy(), schools["year"].to_numpy() - first_year] = number.to_numpy()
    grade = persons.select(grade_of(pl.col("birth_date"), pl.lit(0))).to_series()
    return Cohort(first_year, seen, school, persons["birth_date"], persons["sex"], grade)
