"""The plot of the benchmark on published data: how far each linkage is from perfect on each data set."""

from pathlib import Path
from typing import Any

import altair as alt
import polars as pl

from benchmarks.public.cases import CONTENDERS

COLOURS = ("#0017c1", "#e25100", "#767676")
"""Of the contenders, apart in grey scale too."""

SMALLEST = 1e-5
"""Share of errors drawn for none: a logarithmic axis has no zero."""


def draw(rows: list[dict[str, Any]], path: Path) -> None:
    """Draw 1 − F1 (left is better, logarithmic) and processor time of each linkage on each data set."""
    frame = pl.DataFrame(
        [
            {
                "data": row["case"],
                "linkage": CONTENDERS[row["linkage"]],
                "error": max(1 - row["f1"], SMALLEST),
                "seconds": row["processor_seconds"],
            }
            for row in rows
        ]
    )
    order = list(dict.fromkeys(frame["data"]))
    base = alt.Chart(frame).encode(
        y=alt.Y("data:N", sort=order, title=None, axis=alt.Axis(labelLimit=220)),
        color=alt.Color("linkage:N", title=None, scale=alt.Scale(domain=list(CONTENDERS.values()), range=COLOURS)),
        shape=alt.Shape("linkage:N", title=None, scale=alt.Scale(domain=list(CONTENDERS.values()))),
    )
    panels = [
        base.mark_point(size=90, filled=True, opacity=0.9)
        .encode(x=alt.X(f"{column}:Q", title=title, scale=alt.Scale(type="log"), axis=alt.Axis(values=ticks)))
        .properties(width=330, height=36 * len(order))
        for column, title, ticks in (
            ("error", "1 − F1 over pairs (left is better; no error drawn at 0.00001)", [10.0**e for e in range(-5, 1)]),
            ("seconds", "seconds of processor time (left is better)", [1, 3, 10, 30, 100, 300]),
        )
    ]
    alt.hconcat(*panels).configure(font="sans-serif").save(str(path))
