"""From a published file to a delivery: a date beside every row, and drops of known size put in at random.

In each year from the second, `share` of the persons with an earlier value get one drop, nobody more than once. It lasts
for that year alone: what was recorded later is left as it was.
"""

from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.real.cases import NOTHING, Case

SHARE = 0.02
DROP = 0.8
"""Standard deviations of the year's values."""


def histories(case: Case, data: Path) -> pl.DataFrame:
    """The file's rows as text, each with `person`, `as_of` and `occasion` (the number of the year, counted from 0)."""
    rows = pl.read_csv(data / case.file, infer_schema=False, null_values=list(NOTHING))
    dated = rows.with_columns(pl.col(case.person).alias("person"), case.day.alias("as_of"))
    return dated.with_columns((pl.col("as_of").rank("dense") - 1).cast(pl.Int64).alias("occasion"))


def drops(case: Case, rows: pl.DataFrame, *, subjects: int, seed: int, share: float = SHARE) -> pl.DataFrame:
    """Who drops, when and in what: `person, occasion, subject`, a row a subject.

    Parameters
    ----------
    case, rows
        A data set and its `histories`.
    subjects
        In how many of the case's subjects each drops, drawn at random.
    seed
        Of the draw.
    share
        Share of the persons with an earlier value, of those seen in the year.
    """
    chance = np.random.default_rng(seed)
    may = earlier(case, rows).filter(pl.all_horizontal(*case.subjects))
    taken: set[str] = set()
    found: list[tuple[str, int, str]] = []
    for (occasion,), at in may.group_by("occasion", maintain_order=True):
        free = [person for person in at["person"] if person not in taken]
        drawn = chance.choice(free, size=min(len(free), round(share * at.height)), replace=False)
        taken |= set(drawn)
        for person in drawn:
            chosen = chance.choice(case.subjects, size=subjects, replace=False)
            found += [(str(person), int(str(occasion)), str(subject)) for subject in chosen]
    return pl.DataFrame(found, schema={"person": pl.String, "occasion": pl.Int64, "subject": pl.String}, orient="row")


def earlier(case: Case, rows: pl.DataFrame) -> pl.DataFrame:
    """Persons and occasions with a value now and an earlier one: `person, occasion`, and of each subject whether so."""
    known = [pl.col(subject).is_not_null() for subject in case.subjects]
    both = [
        (now & (now.cum_sum().over("person", order_by="occasion") > 1)).alias(subject)
        for subject, now in zip(case.subjects, known, strict=True)
    ]
    marked = rows.select("person", "occasion", *both)
    return marked.filter(pl.any_horizontal(*case.subjects)).sort("occasion", "person")


def lowered(case: Case, rows: pl.DataFrame, dropped: pl.DataFrame) -> pl.DataFrame:
    """The rows with the drops put in."""
    for subject in case.subjects:
        value = pl.col(subject).cast(pl.Float64)
        spread = value.std().over("occasion")
        hit = dropped.filter(pl.col("subject") == subject).select("person", "occasion", pl.lit(True).alias("hit"))
        digits = case.decimals[subject]
        after = (value - DROP * spread).round(digits)
        written = after.cast(pl.Int64).cast(pl.String) if digits == 0 else after.cast(pl.String)
        rows = (
            rows.join(hit, on=["person", "occasion"], how="left", maintain_order="left")
            .with_columns(pl.when("hit").then(written).otherwise(pl.col(subject)).alias(subject))
            .drop("hit")
        )
    return rows


def deliver(case: Case, rows: pl.DataFrame, folder: Path) -> None:
    """Write the delivery: the published columns and `as_of`, one file named after the source."""
    folder.mkdir(parents=True)
    rows.drop("person", "occasion").write_csv(folder / f"{case.name}.csv")
