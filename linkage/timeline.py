"""The timeline: every measurement a department recorded, as one row of the child it belongs to."""

from collections.abc import Iterable, Mapping

import polars as pl

from vocabulary.frames import RECORD, TIMELINE


def build_timeline(
    extracts: Mapping[str, pl.DataFrame], measurements: Mapping[str, Iterable[str]], links: pl.DataFrame
) -> pl.DataFrame:
    """Observations of all sources (TIMELINE).

    Parameters
    ----------
    extracts
        Accepted rows of each source, with `source`, `local_id`, `as_of` and its measurements.
    measurements
        The measured columns of each source.
    links
        LINKS. A record without a link is not in the timeline.
    """
    people = links.select(*RECORD, "person_id")
    parts = [
        _observations(extract.join(people, on=RECORD), measurements[source]) for source, extract in extracts.items()
    ]
    return pl.concat([pl.DataFrame(schema=TIMELINE), *parts]).sort("person_id", "date", "source", "item", "value")


def _observations(rows: pl.DataFrame, items: Iterable[str]) -> pl.DataFrame:
    """One row per recorded value of `items`; numbers as the shortest text that says the same."""
    present = [item for item in items if item in rows.columns]
    texts = [_as_text(rows.schema[item], pl.col(item)).alias(item) for item in present]
    return (
        rows.select("person_id", pl.col("as_of").alias("date"), "source", *texts)
        .unpivot(present, index=["person_id", "date", "source"], variable_name="item", value_name="value")
        .filter(pl.col("value").is_not_null())
        .select(TIMELINE.names())
        .cast(TIMELINE)
    )


def _as_text(dtype: pl.DataType, value: pl.Expr) -> pl.Expr:
    text = value.cast(pl.String)
    return text.str.strip_suffix(".0") if dtype.is_float() else text
