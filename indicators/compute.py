"""Timeline in, indicators out: the value, level, change and surprise of each indicator for each child and year."""

from datetime import date

import polars as pl
from polars import selectors as cs

from indicators.change import measure_change
from indicators.partial import same_months
from indicators.rules import Rules
from indicators.schools import schools_of
from indicators.values import form_values
from vocabulary.fiscal import fiscal_year_of
from vocabulary.frames import INDICATORS

DIGITS = 6
"""Decimals kept, so that the order in which threads add up does not reach the bytes of a run."""

ORDER = ["indicator", "person_id", "year"]


def compute_indicators(
    timeline: pl.DataFrame, persons: pl.DataFrame, rules: Rules, as_of: date | None = None
) -> pl.DataFrame:
    """Compute every indicator as it was known on a day.

    Parameters
    ----------
    timeline : DataFrame
        vocabulary.frames.TIMELINE.
    persons : DataFrame
        vocabulary.frames.PERSONS.
    rules : Rules
        Which indicators, and how.
    as_of : date, optional
        Observations after this day are not used; all are where it is not given.

    Returns
    -------
    DataFrame of vocabulary.frames.INDICATORS, ordered by indicator, person and year. A child, year and indicator has a
    row only where its value is known; `as_of` is the last reference date that went into it. A year that is not over is
    compared with the same months of the years before.
    """
    if as_of is not None:
        timeline = timeline.filter(pl.col("date") <= as_of)
    partial = same_months(timeline)
    if partial is None:
        return _judged(timeline, persons, rules)
    year, cut = partial
    over = _judged(timeline.filter(fiscal_year_of(pl.col("date")) < year), persons, rules)
    return pl.concat([over, _judged(cut, persons, rules).filter(pl.col("year") == year)]).sort(ORDER)


def _judged(timeline: pl.DataFrame, persons: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Indicators of a timeline whose years have the same months."""
    seen = timeline.select("person_id", fiscal_year_of(pl.col("date")).alias("year")).unique()
    schools = schools_of(timeline)
    confidence = persons.select("person_id", "link_confidence")
    judged = [
        measure_change(values, seen, persons, rules.indicators[name], schools)
        .join(confidence, on="person_id", how="left")
        .with_columns(pl.lit(name).alias("indicator"), cs.float().round(DIGITS))
        .select(list(INDICATORS))
        .cast(INDICATORS)
        for name, values in form_values(timeline, persons, rules).items()
    ]
    return pl.concat([INDICATORS.to_frame(), *judged])
