"""What is not known of a child in a year: sources without a record of the child, and indicators without a value.

A record is missing where one was to be expected: by the grades a source is specified to cover, or because the source
held the child the year before and children of that grade usually stay in it. A child who has grown out of a source, or
whom it never held, misses nothing.
"""

from collections.abc import Mapping

import polars as pl

from indicators.presence import with_grade
from indicators.rules import Rules
from indicators.values import CHILD_YEAR
from vocabulary.source import Source

USUALLY = 0.5
"""Share of children from which something is usual: staying in a source, having a value."""


def missing_sources(
    children: pl.DataFrame, seen: pl.DataFrame, persons: pl.DataFrame, sources: Mapping[str, Source]
) -> pl.DataFrame:
    """Sources without a record of the child in the year.

    Parameters
    ----------
    children : DataFrame
        `person_id, year`.
    seen : DataFrame
        As `indicators.presence.presence` gives it.
    persons : DataFrame
        vocabulary.frames.PERSONS.
    sources : mapping of str to Source
        Their `expected_grades` are read; a source not among them expects the children it held.

    Returns
    -------
    DataFrame `person_id, year, source, delivered, last`, sorted: sources expected to hold the child that do not.
    `delivered` tells whether the source holds other children in that year, `last` when it last recorded the child,
    null where it never did.
    """
    held = seen.lazy().select("person_id", "source", "year").unique().collect()
    delivered = held.select("source", "year").unique()
    of_children = held.join(children.select("person_id").unique(), on="person_id", how="semi")
    last = (
        children.join(seen, on="person_id", suffix="_seen")
        .filter(pl.col("year_seen") < pl.col("year"))
        .group_by(*CHILD_YEAR, "source")
        .agg(pl.col("date").max().alias("last"))
    )
    expected = pl.concat([_by_grade(children, persons, delivered, sources), _as_before(children, held, persons)])
    return (
        expected.unique()
        .join(of_children, on=[*CHILD_YEAR, "source"], how="anti")
        .join(delivered.with_columns(pl.lit(True).alias("delivered")), on=["source", "year"], how="left")
        .with_columns(pl.col("delivered").fill_null(False))
        .join(last, on=[*CHILD_YEAR, "source"], how="left")
        .select(*CHILD_YEAR, "source", "delivered", "last")
        .sort([*CHILD_YEAR, "source"])
    )


def _by_grade(
    children: pl.DataFrame, persons: pl.DataFrame, delivered: pl.DataFrame, sources: Mapping[str, Source]
) -> pl.DataFrame:
    """Sources, of those that ever delivered, that cover the grade of the child."""
    known = set(delivered["source"])
    covers = pl.DataFrame(
        [(name, *source.expected_grades) for name, source in sources.items() if source.expected_grades],
        schema={"source": pl.String(), "first": pl.Int32(), "last": pl.Int32()},
        orient="row",
    ).filter(pl.col("source").is_in(known))
    return (
        with_grade(children.select(CHILD_YEAR).lazy(), persons)
        .join(covers.lazy(), how="cross")
        .filter(pl.col("grade").is_between("first", "last"))
        .select(*CHILD_YEAR, "source")
        .collect()
    )


def _as_before(children: pl.DataFrame, held: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """Sources that held the child the year before, where children usually stay in the source at that grade."""
    key = ["person_id", "source", "year"]
    before = with_grade(held.lazy().with_columns(pl.col("year") + 1), persons).collect()
    stayed = (
        before.join(held.select("source", "year").unique(), on=["source", "year"], how="semi")
        .join(held.with_columns(pl.lit(True).alias("stays")), on=key, how="left")
        .group_by("source", "grade")
        .agg(pl.col("stays").fill_null(False).mean())
    )
    return (
        before.join(children, on=CHILD_YEAR, how="semi")
        .join(stayed, on=["source", "grade"], how="left")
        .filter(pl.col("stays").fill_null(1.0) >= USUALLY)
        .select(*CHILD_YEAR, "source")
    )


def unknown_indicators(
    children: pl.DataFrame, seen: pl.DataFrame, indicators: pl.DataFrame, persons: pl.DataFrame, rules: Rules
) -> pl.DataFrame:
    """Indicators without a value though their source holds the child and most of the grade has one.

    Parameters
    ----------
    children : DataFrame
        `person_id, year`.
    seen : DataFrame
        As `indicators.presence.presence` gives it.
    indicators : DataFrame
        vocabulary.frames.INDICATORS.
    persons : DataFrame
        vocabulary.frames.PERSONS.
    rules : Rules
        Those the indicators were computed by. Indicators that read several sources are left out: they have a value
        from those that delivered.

    Returns
    -------
    DataFrame `person_id, year, indicator`, sorted.
    """
    source_of = pl.DataFrame(
        [(name, _only_source(rule.items + rule.supports)) for name, rule in rules.indicators.items()],
        schema={"indicator": pl.String(), "source": pl.String()},
        orient="row",
    ).drop_nulls()
    held = with_grade(seen.lazy().select("person_id", "source", "year").unique(), persons).collect()
    cell = ["year", "grade"]
    children_held = held.group_by("source", *cell).agg(pl.len().alias("held"))
    usual = (
        with_grade(indicators.lazy().select(*CHILD_YEAR, "indicator"), persons)
        .group_by("indicator", *cell)
        .agg(pl.len().alias("known"))
        .join(source_of.lazy(), on="indicator")
        .join(children_held.lazy(), on=["source", *cell])
        .filter(pl.col("known") >= USUALLY * pl.col("held"))
        .select("source", "indicator", *cell)
        .collect()
    )
    return (
        held.join(children, on=CHILD_YEAR, how="semi")
        .join(usual, on=["source", *cell])
        .join(_of(children, indicators), on=[*CHILD_YEAR, "indicator"], how="anti")
        .select(*CHILD_YEAR, "indicator")
        .sort(*CHILD_YEAR, "indicator")
    )


def _of(children: pl.DataFrame, indicators: pl.DataFrame) -> pl.DataFrame:
    """Which indicators of the children's years have a value."""
    known = indicators.lazy().select(*CHILD_YEAR, "indicator")
    return known.join(children.lazy().select(CHILD_YEAR), on=CHILD_YEAR, how="semi").collect()


def _only_source(items: tuple[str, ...]) -> str | None:
    named = {item.split(".")[0] for item in items}
    return named.pop() if len(named) == 1 else None
