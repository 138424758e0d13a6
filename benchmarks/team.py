"""A team that looks at the list of each year and records what it finds, in a city whose truth is known.

The team looks at the children on the lists of the years before the split, the latest first, and finds hardship where
one began in that year or the year before. A tenth of what it records are children it came to know of in other ways.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

CAPACITY = 0.02
MIN_LINK_CONFIDENCE = 0.9
FOUND_ELSEWHERE = 0.1

CHILD_YEAR = ["person_id", "year"]


@dataclass(frozen=True)
class Town:
    """Child-years of a run in the order of its scores, with what the truth says of them.

    `table` has `person_id, year, link_confidence, hardship`.
    """

    table: pl.DataFrame

    @property
    def hardship(self) -> NDArray[np.bool_]:
        """Whether a hardship began in that year or the year before."""
        return self.table["hardship"].to_numpy()

    def of_years(self, first: int, last: int) -> NDArray[np.bool_]:
        """Which rows are of these fiscal years, both included."""
        return self.table["year"].is_between(first, last).to_numpy()

    def listed(self, order: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Rows on the list of their year: the first `CAPACITY` of its children whose links are sure."""
        ranked = self.table.with_columns(pl.Series("order", order), pl.int_range(pl.len()).alias("row"))
        places = ranked.group_by("year").agg((pl.len() * CAPACITY).ceil().alias("places"))
        rows = (
            ranked.filter(pl.col("link_confidence") >= MIN_LINK_CONFIDENCE)
            .sort("order", "person_id", descending=[True, False])
            .with_columns(pl.int_range(pl.len()).over("year").alias("before"))
            .join(places, on="year")
            .filter(pl.col("before") < pl.col("places"))["row"]
        )
        found = np.zeros(self.table.height, dtype=bool)
        found[rows.to_numpy()] = True
        return found


def town(table: pl.DataFrame, persons: pl.DataFrame, child_of: pl.DataFrame, shocks: pl.DataFrame) -> Town:
    """A town from a run and its truth.

    Parameters
    ----------
    table
        `Scores.table`.
    persons
        PERSONS of the run.
    child_of
        `person_id, child`: the child most of a person's records belong to.
    shocks
        TRUTH_SHOCKS.
    """
    onset = shocks.select("child", pl.col("year").cast(pl.Int32))
    near = pl.concat([onset, onset.with_columns(pl.col("year") + 1)]).unique()
    known = (
        table.select(CHILD_YEAR)
        .join(persons.select("person_id", "link_confidence"), on="person_id", how="left", maintain_order="left")
        .join(child_of.select("person_id", "child"), on="person_id", how="left", maintain_order="left")
        .join(near.with_columns(hardship=True), on=["child", "year"], how="left", maintain_order="left")
    )
    return Town(known.with_columns(pl.col("hardship").fill_null(False)))


def outcomes(town: Town, order: NDArray[np.float64], *, before: int, labels: int, seed: int) -> pl.DataFrame:
    """What the team recorded of years before `before`: OUTCOMES with `listed`, `labels` rows at most.

    Parameters
    ----------
    town
        The city.
    order
        By which the lists it looked at were made.
    before
        The first year it did not look at.
    labels
        How many outcomes there are, lists of the latest years first.
    seed
        Which children are found elsewhere.
    """
    rows = town.table.with_columns(pl.Series("listed", town.listed(order)), pl.Series("order", order)).filter(
        pl.col("year") < before
    )
    looked = rows.filter("listed").sort("year", "order", "person_id", descending=[True, True, False])
    looked = looked.head(labels - round(labels * FOUND_ELSEWHERE))
    others = rows.filter(~pl.col("listed") & pl.col("hardship") & (pl.col("year") >= looked["year"].min()))
    elsewhere = others.sample(min(round(labels * FOUND_ELSEWHERE), others.height), seed=seed)
    return pl.concat([looked, elsewhere]).select(
        *CHILD_YEAR,
        pl.when("hardship").then(pl.lit("confirmed")).otherwise(pl.lit("not_needed")).alias("outcome"),
        pl.date(pl.col("year") + 1, 4, 1).alias("recorded_on"),
        "listed",
    )
