"""A fiscal year that is not over: compared with the same months of the years before, not with the whole of them.

Half a year's absences beside a whole year's, or the spring's records beside those of spring and autumn, would make
every child look changed. So where a source has delivered less of the last year than of the one before, its earlier
years are cut to the same months before they serve as history and norm.
"""

import polars as pl

from indicators.presence import distinct
from vocabulary.fiscal import fiscal_year_of

FIRST_MONTH = 4


def same_months(timeline: pl.DataFrame) -> tuple[int, pl.DataFrame] | None:
    """The year that is not over, and the timeline with every year cut to the months it has; None where it is over.

    Parameters
    ----------
    timeline : DataFrame
        vocabulary.frames.TIMELINE.
    """
    month = ((pl.col("date").dt.month() - FIRST_MONTH) % 12).alias("month")
    year = fiscal_year_of(pl.col("date")).alias("year")
    reached = distinct(timeline, ["source", "date"]).group_by("source", year).agg(month.max())
    last = reached["year"].max()
    if not isinstance(last, int):
        return None
    now = reached.filter(pl.col("year") == last).select("source", pl.col("month").alias("reached"))
    before = reached.filter(pl.col("year") == last - 1).select("source", "month")
    cut = now.join(before, on="source").filter(pl.col("reached") < pl.col("month")).select("source", "reached")
    if cut.is_empty():
        return None
    kept = (
        timeline.lazy()
        .with_columns(month)
        .join(cut.lazy(), on="source", how="left", maintain_order="left")
        .filter(pl.col("reached").is_null() | (pl.col("month") <= pl.col("reached")))
        .select(timeline.columns)
        .collect()
    )
    return last, kept
