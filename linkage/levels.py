"""What a model has learnt of each level of agreement, as a table that can be shown."""

import math
import re

import polars as pl

from linkage.comparisons import HOUSEHOLD, INDIVIDUAL, Level
from linkage.model import WAYS, Model

MODEL_LEVELS = pl.Schema(
    {
        "comparison": pl.String(),
        "level": pl.String(),
        "place": pl.Int64(),
        "against": pl.String(),
        "way": pl.String(),
        "years": pl.Int64(),
        "one_child": pl.Float64(),
        "other": pl.Float64(),
        "bits": pl.Float64(),
    }
)


def level_key(level: Level) -> str:
    """The level's label as a key: lower-case letters and underscores."""
    return re.sub("[^a-z]+", "_", level.label.lower())


def model_levels(model: Model) -> pl.DataFrame:
    """What a model has learnt, a row for each level and what it is held against.

    Returns
    -------
    pl.DataFrame
        `comparison`, `level` (`level_key`), `place` Int64 (the strongest is 0), `against`: `strangers`, `siblings` or
        `twins`; of household comparisons `way` (`linkage.model.WAYS`) and `years` Int64, the class of time between two
        records, else null; `one_child` and `other` Float64, the shares of this level among pairs of one child and of
        what it is held against; `bits` Float64, log2 of their ratio.
    """
    individual = [
        (comparison, against, None, None, model.m, other)
        for comparison in INDIVIDUAL
        for against, other in (("strangers", model.u), ("siblings", model.sibling), ("twins", model.twin))
        if comparison.name in other
    ]
    household = [
        (comparison, "strangers", way, years, shares, model.u)
        for comparison in HOUSEHOLD
        for way in WAYS
        for years, shares in enumerate(model.household[way])
    ]
    rows = [
        (comparison.name, level_key(level), place, against, way, years, one, other, math.log2(one / other))
        for comparison, against, way, years, over, under in (*individual, *household)
        for place, (level, one, other) in enumerate(
            zip(comparison.levels, over[comparison.name], under[comparison.name], strict=True)
        )
    ]
    return pl.DataFrame(rows, schema=MODEL_LEVELS, orient="row")
