"""Timeline in, indicators out: the value, level, change and surprise of each indicator for each child and year."""

from datetime import date

import polars as pl
from polars import selectors as cs

from indicators.change import measure_change
from indicators.cohort import cohort_of
from indicators.numbers import numbers_of
from indicators.partial import same_months
from indicators.rules import Rules
from indicators.values import CHILD_YEAR, form_values
from vocabulary.fiscal import fiscal_year_of
from vocabulary.frames import INDICATORS

DIGITS = 6
"""Decimals kept, so that the order in which threads add up does not reach the bytes of a run."""


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
    numbers = numbers_of(timeline, persons)
    each = numbers.ids.to_frame().join(persons, on="person_id", how="left", maintain_order="left")
    judged = _judged(numbers.put(timeline), numbers.put(each), rules)
    confidence = each["link_confidence"]
    named = [numbers.taken_back(_named(name, one, confidence)).cast(INDICATORS) for name, one in judged.items()]
    return pl.concat([INDICATORS.to_frame(), *named])


def _judged(timeline: pl.DataFrame, persons: pl.DataFrame, rules: Rules) -> dict[str, pl.DataFrame]:
    """Values and changes of each indicator, of numbered children."""
    partial = same_months(timeline)
    if partial is None:
        return _of_like_years(timeline, persons, rules)
    year, cut = partial
    over = _of_like_years(timeline.filter(fiscal_year_of(pl.col("date")) < year), persons, rules)
    last = {name: one.filter(pl.col("year") == year) for name, one in _of_like_years(cut, persons, rules).items()}
    both = {name: [of[name] for of in (over, last) if name in of] for name in sorted(over.keys() | last.keys())}
    return {name: pl.concat(parts).sort(CHILD_YEAR) for name, parts in both.items()}


def _of_like_years(timeline: pl.DataFrame, persons: pl.DataFrame, rules: Rules) -> dict[str, pl.DataFrame]:
    """As `_judged`, of a timeline whose years have the same months."""
    if timeline.is_empty():
        return {}
    cohort = cohort_of(timeline, persons)
    formed = form_values(timeline, persons, rules)
    return {name: measure_change(values, cohort, rules.indicators[name]) for name, values in formed.items()}


def _named(name: str, judged: pl.DataFrame, confidence: pl.Series) -> pl.DataFrame:
    """One indicator's rows with the columns of INDICATORS, `confidence` being by number of the child."""
    return judged.with_columns(
        cs.float().round(DIGITS),
        confidence.gather(judged["person_id"]).round(DIGITS),
        pl.lit(name).alias("indicator"),
    ).select(list(INDICATORS))
