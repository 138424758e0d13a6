"""Child-years of whom some are in hardship that shows in two of five indicators, and what a team recorded of them."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from indicators.rules import load_rules
from indicators.score import Scores, combine

RULES = load_rules()
NAMES = ("absence", "lateness", "score_language", "score_math", "self_esteem")
TELLING = (0, 4)
"""Columns in which hardship shows."""
DOMAINS = [RULES.indicators[name].domain for name in NAMES]
YEARS = (2021, 2022, 2023, 2024, 2025)


@dataclass(frozen=True)
class Scene:
    """Scores without labels, and who is in hardship."""

    scores: Scores
    hardship: np.ndarray

    def outcomes(self, rows: np.ndarray, *, listed: bool = True) -> pl.DataFrame:
        """What the team found of these rows."""
        found = np.where(self.hardship[rows], "confirmed", "not_needed")
        return self.scores.table[rows].select(
            "person_id",
            "year",
            pl.Series("outcome", found),
            pl.date(pl.col("year") + 1, 4, 1).alias("recorded_on"),
            pl.lit(listed).alias("listed"),
        )

    def first(self, places: int) -> np.ndarray:
        """Rows of the label-free list: the first of each year."""
        ranked = self.scores.table.with_row_index("row").sort("year", "statistic", descending=[False, True])
        return ranked.group_by("year", maintain_order=True).head(places)["row"].to_numpy()


def scene(seed: int, children: int = 800, shift: float = 2.0) -> Scene:
    """`children` child-years in each of five years, a tenth in hardship that shifts two indicators by `shift`."""
    chance = np.random.default_rng(seed)
    rows = children * len(YEARS)
    hardship = chance.random(rows) < 0.1
    surprises = chance.normal(size=(rows, len(NAMES)))
    surprises[:, TELLING] += shift * hardship[:, None]
    surprises[chance.random(surprises.shape) < 0.1] = np.nan
    table = pl.DataFrame(
        {
            "person_id": [f"p{row % children:04d}" for row in range(rows)],
            "year": np.repeat(YEARS, children).astype(np.int32),
        }
    )
    return Scene(combine(table, NAMES, surprises, DOMAINS), hardship)
