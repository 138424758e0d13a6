"""Spark gives the links that DuckDB gives: a real Spark on this machine, on cities of several profiles."""

from datetime import date

import polars as pl
import pytest

from linkage.link import link
from linkage.linked import Linkage
from linkage.spark.session import open_spark
from linkage.stages import timeline_on
from linkage.timeline import build_timeline
from tests.recovery.linked_cities import delivered
from vocabulary.frames import DECISIONS, LINKS, RECORD

pytestmark = pytest.mark.slow

CHILDREN = 120
LAST_YEAR = date(2025, 4, 1)


@pytest.fixture(scope="module")
def spark():
    with open_spark() as connection:
        yield connection


def same(one: Linkage, other: Linkage) -> None:
    """Every number, level, weight and probability is the same."""
    assert one.model == other.model
    assert one.keys.sort(RECORD).equals(other.keys.sort(RECORD))
    assert one.profiles.members.sort(RECORD).equals(other.profiles.members.sort(RECORD))
    assert one.pairs.equals(other.pairs)
    for frame in ("assignment", "confidence", "joinings"):
        found, expected = getattr(one.clusters, frame), getattr(other.clusters, frame)
        assert found.sort(found.columns[:2]).equals(expected.sort(expected.columns[:2])), frame


def with_shared_number(standardised: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """Two records of three with a number that is the child's."""
    number = pl.concat_str(pl.lit("N"), pl.col("child").hash() % 10**8)
    held = standardised.join(truth, on=RECORD).with_columns(drawn=pl.struct(RECORD).hash() % 3)
    return held.with_columns(shared_number=pl.when(pl.col("drawn") > 0).then(number)).select(standardised.columns)


def reviewed(linkage: Linkage) -> pl.DataFrame:
    """Decisions on one record of either side against what linkage found: one joining undone, one made."""
    firsts = linkage.profiles.members.sort(RECORD).unique("profile", keep="first")
    sides = [
        firsts.rename({column: f"{column}_{side}" for column in RECORD} | {"profile": side})
        for side in ("left", "right")
    ]
    joined = linkage.clusters.joinings.filter(pl.col("joined")).head(1).with_columns(verdict=pl.lit("different"))
    apart = linkage.clusters.joinings.filter(~pl.col("joined")).head(1).with_columns(verdict=pl.lit("same"))
    decided = pl.concat([joined, apart]).join(sides[0], on="left").join(sides[1], on="right")
    assert decided.height == 2
    return decided.select(DECISIONS.names())


@pytest.mark.parametrize("profile", ["typical", "hard", "extreme"])
def test_a_first_delivery_is_linked_alike(spark, tmp_path, profile):
    standardised, truth = delivered(tmp_path, CHILDREN, 5, profile)
    if profile != "typical":
        standardised = with_shared_number(standardised, truth)
    assert standardised["words"].drop_nulls().len() > 0, "the city has foreign names"
    same(link(standardised, seed=1, engine=spark), link(standardised, seed=1))


def test_a_later_delivery_and_decisions_are_linked_alike(spark, tmp_path):
    standardised, _ = delivered(tmp_path, CHILDREN, 6, "extreme")
    later = pl.col("as_of") >= LAST_YEAR
    first = link(standardised.filter(~later), seed=1)
    known = first.known
    decided = reviewed(first)
    results = [
        link(standardised.filter(later), known=known, model=first.model, decisions=decided, engine=engine)
        for engine in (spark, None)
    ]
    same(*results)
    assert set(results[0].clusters.joinings["review"].drop_nulls()) == {"same", "different"}


def test_the_timeline_is_the_same(spark):
    day = date(2025, 4, 1)
    rows = [("school", "S1", day, 3.0, 2), ("school", "S2", day, None, 4), ("school", "S3", day, 2.5, 1)]
    school = pl.DataFrame(rows, schema=["source", "local_id", "as_of", "score", "grade"], orient="row")
    health = school.select(pl.lit("health").alias("source"), "local_id", "as_of", attended=pl.lit("1"))
    links = pl.DataFrame(
        [(source, number, day, f"P{number}", 1.0) for source in ("school", "health") for number in ("S1", "S2")],
        schema=LINKS,
        orient="row",
    )
    extracts, items = {"school": school, "health": health}, {"school": ["score", "grade"], "health": ["attended"]}
    timeline = timeline_on(spark, extracts, items, links)
    assert timeline.height == 5
    assert timeline.equals(build_timeline(extracts, items, links))
