"""Children whose changes are known, and how many of a list's flags are onsets or within a year of one."""

from datetime import date

import numpy as np
import polars as pl

from indicators.rules import Rules
from synthetic.city import City
from vocabulary.frames import PERSONS, TIMELINE
from vocabulary.source import load_sources

SEXES = {"M": "M", "F": "F", "男": "M", "女": "F", "1": "M", "2": "F"}


def true_timeline(city: City) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Timeline and persons of a city with every record linked to its true child."""
    sources = load_sources()
    told, sexes = [], []
    for name, delivered in city.sources.items():
        records = city.truth["records"].filter(pl.col("source") == name)
        assert records["local_id"].equals(delivered["local_id"])
        linked = delivered.with_columns(records["child"].alias("person_id"), records["as_of"].alias("date"))
        sexes.append(linked.select("person_id", pl.col("sex").replace_strict(SEXES, default=None)))
        for item in sources[name].measurements:
            value = pl.col(item).cast(pl.String).str.strip_suffix(".0").alias("value")
            source, called = pl.lit(name).alias("source"), pl.lit(item).alias("item")
            told.append(linked.select("person_id", "date", source, called, value).drop_nulls())
    timeline = pl.concat(told).cast(TIMELINE)
    persons = (
        timeline.group_by("person_id")
        .agg(
            pl.col("date").min().alias("first_seen"),
            pl.col("date").max().alias("last_seen"),
            pl.col("source").unique().sort().str.join(";").alias("sources"),
        )
        .join(pl.concat(sexes).drop_nulls().unique("person_id", keep="first", maintain_order=True), on="person_id")
        .join(city.truth["children"].select("birth_date", person_id="child"), on="person_id")
        .with_columns(pl.lit(1.0).alias("link_confidence"))
        .select(list(PERSONS))
        .sort("person_id")
    )
    return timeline, persons


def near_onset(shocks: pl.DataFrame) -> pl.DataFrame:
    """`person_id, year` of every onset and the year after it."""
    onset = shocks.select(pl.col("child").alias("person_id"), "year")
    return pl.concat([onset, onset.with_columns(pl.col("year") + 1)]).unique()


def precision(listed: pl.DataFrame, near: pl.DataFrame) -> float:
    """Share of the listed children and years that are an onset or the year after it."""
    return listed.join(near, on=["person_id", "year"], how="semi").height / listed.height


def by_raw_difference(indicators: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """The plain threshold: each child's largest change for the worse, in standard deviations of that change."""
    signs = {name: rule.sign for name, rule in rules.indicators.items()}
    worse = pl.col("change") * pl.col("indicator").replace_strict(signs, return_dtype=pl.Int8)
    return (
        indicators.with_columns(worse.alias("worse"))
        .with_columns((pl.col("worse") / pl.col("worse").std().over("indicator")).alias("worse"))
        .filter(pl.col("worse").is_finite())
        .group_by("person_id", "year")
        .agg(pl.col("worse").max())
        .sort("worse", "person_id", descending=[True, False])
    )


def score_histories(
    seed: int, *, children: int, years: int, subjects: int, drop: float = 0.8
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Timeline, persons and onsets of two test scores of reliability .85 that share an ability.

    In the last year 2 % of the children fall by `drop` SD in one subject or in both.
    """
    chance = np.random.default_rng(seed)
    common = np.sqrt(0.57) * chance.normal(size=(children, 1, 1))
    own = np.sqrt(0.25) * chance.normal(size=(children, 1, 2))
    drift = np.sqrt(0.03) * chance.normal(size=(children, years, 2))
    error = np.sqrt(0.15) * chance.normal(size=(children, years, 2))
    score = common + own + drift + error
    fallen = chance.random(children) < 0.02
    where = np.column_stack([fallen, fallen])
    if subjects == 1:
        where &= np.eye(2, dtype=bool)[chance.integers(0, 2, children)]
    score[:, -1] -= drop * where
    ids = pl.Series("person_id", [f"p{child:05d}" for child in range(children)])
    days = [date(2020 + year, 4, 1) for year in range(years)]
    timeline = pl.concat(
        pl.DataFrame({"person_id": ids, "value": np.round(50 + 10 * score[:, year, at], 1)}).select(
            "person_id",
            pl.lit(day).alias("date"),
            pl.lit("school").alias("source"),
            pl.lit(item).alias("item"),
            pl.col("value").cast(pl.String),
        )
        for year, day in enumerate(days)
        for at, item in enumerate(("score_language", "score_math"))
    )
    persons = pl.DataFrame({"person_id": ids}).select(
        "person_id",
        pl.lit(date(2011, 6, 1)).alias("birth_date"),
        pl.lit("F").alias("sex"),
        pl.lit(days[0]).alias("first_seen"),
        pl.lit(days[-1]).alias("last_seen"),
        pl.lit("school").alias("sources"),
        pl.lit(1.0).alias("link_confidence"),
    )
    onsets = ids.filter(pl.Series(fallen)).to_frame().with_columns(pl.lit(2019 + years, dtype=pl.Int32).alias("year"))
    return timeline, persons, onsets
