"""How much more or less often one list is right than another, on the same resampled children."""

from collections.abc import Mapping
from functools import partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from evaluation.estimate import Estimate, estimates, per_child
from evaluation.judgement import Scene, hits


def precision_differences(base: pl.DataFrame, others: Mapping[str, pl.DataFrame], judged: Scene) -> dict[str, Estimate]:
    """Precision of each other list (`child, year`) less that of the base, with an interval over children."""
    parts = [
        hits(listed.select("child", "year"), judged).select(
            "child", pl.col("hit").cast(pl.Float64).alias(f"hit_{at}"), pl.lit(1.0).alias(f"of_{at}")
        )
        for at, listed in enumerate([base, *others.values()])
    ]
    rows = pl.concat(parts, how="diagonal").fill_null(0.0)
    columns = [f"{name}_{at}" for at in range(len(parts)) for name in ("hit", "of")]
    found = estimates(per_child(rows, columns), *(partial(_less, at) for at in range(1, len(parts))))
    return dict(zip(others, found, strict=True))


def _less(at: int, sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Precision of the list `at` less that of the first, from sums of hits and cases."""
    difference = sums[:, 2 * at] / sums[:, 2 * at + 1] - sums[:, 0] / sums[:, 1]
    return np.asarray(difference)
