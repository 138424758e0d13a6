"""Accepted requests of the persons concerned, put into effect on the rows of a run."""

import polars as pl

from governance.requests import Honoured
from vocabulary.errors import WorkspaceError
from vocabulary.frames import RECORD

WAS, VALUE, NAMED = "correction was", "correction value", "correction named"
"""Names no delivered column can have."""


def corrected(frame: pl.DataFrame, source: str | None, honoured: Honoured) -> pl.DataFrame:
    """Rows with the corrections that are due: where the value is still the one that was found wrong.

    A value that the department has changed since is left as it was delivered.

    Parameters
    ----------
    frame
        RECORD and columns of any type.
    source
        Whose rows they are; None for those of several, told by column `source`.
    honoured
        The accepted requests.

    Raises
    ------
    WorkspaceError
        A correction's value is none that its column can hold.
    """
    of_source = honoured.corrections if source is None else honoured.corrections.filter(pl.col("source") == source)
    for column in of_source["column"].unique(maintain_order=True):
        if column not in frame.columns:
            continue
        ours = of_source.filter(pl.col("column") == column).select(
            *RECORD, pl.col("was").alias(WAS), _typed(pl.col("value"), frame.schema[column]).alias(VALUE)
        )
        if ours[VALUE].null_count() > of_source.filter(pl.col("column") == column)["value"].null_count():
            raise WorkspaceError("subject.value_misread", column=column)
        joined = frame.join(ours.with_columns(pl.lit(True).alias(NAMED)), on=RECORD, how="left", maintain_order="left")
        due = pl.col(NAMED).fill_null(False) & pl.col(column).cast(pl.String).eq_missing(pl.col(WAS))
        frame = joined.with_columns(pl.when(due).then(VALUE).otherwise(column).alias(column)).select(frame.columns)
    return frame


def without_objected(records: pl.DataFrame, honoured: Honoured) -> pl.DataFrame:
    """Rows but those of numbers whose use was objected to. `records` has `source` and `local_id`."""
    return records.join(honoured.objected, on=["source", "local_id"], how="anti", maintain_order="left")


def _typed(text: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    return text.str.to_date(strict=False) if dtype == pl.Date else text.cast(dtype, strict=False)
