"""One school is closed for part of a year: its pupils stay away and fall behind together. The list is not flooded."""

import polars as pl
import pytest

from indicators.compute import compute_indicators
from indicators.flags import raise_flags
from indicators.rules import load_rules
from indicators.schools import schools_of
from synthetic.city import build_city
from tests.recovery.flag_scenes import true_timeline
from vocabulary.fiscal import fiscal_year_of

pytestmark = pytest.mark.slow

YEAR = 2022


def closed(timeline: pl.DataFrame, pupils: pl.DataFrame) -> pl.DataFrame:
    """The same timeline with absences threefold and four days more, and scores eight points lower, in that year."""
    hit = pl.col("hit").fill_null(False) & (fiscal_year_of(pl.col("date")) == YEAR)
    number = pl.col("value").cast(pl.Float64, strict=False)
    value = (
        pl.when(hit & (pl.col("item") == "days_absent"))
        .then((number * 3 + 4).cast(pl.String))
        .when(hit & pl.col("item").str.starts_with("score_"))
        .then((number - 8).cast(pl.String))
        .otherwise("value")
    )
    marked = timeline.join(pupils.with_columns(pl.lit(True).alias("hit")), on="person_id", how="left")
    return marked.with_columns(value.alias("value")).select(timeline.columns)


@pytest.mark.parametrize("seed", [21, 22])
def test_the_pupils_of_a_closed_school_take_no_more_than_their_share_of_the_list(seed: int):
    rules = load_rules()
    timeline, persons = true_timeline(build_city(4000, seed, range(2017, 2026)))
    schools = schools_of(timeline).filter(pl.col("year") == YEAR)
    largest = schools.group_by("school").len().sort("len", "school", descending=[True, False])["school"][0]
    pupils = schools.filter(pl.col("school") == largest).select("person_id")
    told = closed(timeline, pupils)
    shown = raise_flags(compute_indicators(told, persons, rules), told, persons, rules, capacity=0.05).shown
    seen = told.filter(fiscal_year_of(pl.col("date")) == YEAR)["person_id"].n_unique()
    share = pupils.height / seen
    for year in (YEAR, YEAR + 1):
        listed = shown.filter(pl.col("year") == year)
        flooded = listed.join(pupils, on="person_id", how="semi").height / listed.height
        # Pupils are on the list more often than infants, of whom little is recorded; by chance two errors more.
        assert flooded <= 2 * share + 2 * (share * (1 - share) / listed.height) ** 0.5
