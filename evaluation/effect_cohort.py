"""Who is compared with whom: supported children and those not supported by then, as they stood the year before.

Every child named as supported is a row at the fiscal year in which support began. Every child without support up to and
including such a year is a candidate in it, where it had a record the year before. Nothing later than that record
decides who is a row: to leave out children supported later would leave out those who fared worse, and the others would
look better than the supported for that alone (risk sets: Li, Propert & Rosenbaum 2001).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from evaluation.effect_figures import Aspect
from vocabulary.errors import EvaluationError
from vocabulary.fiscal import fiscal_year_of, grade_of

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

BEFORE, EARLIER, PLACEBO = -1, -2, -3
"""Years since support began: the baseline, the one a change is measured from, the one that matching does not see."""
OFFSETS = (PLACEBO, EARLIER, BEFORE, 0, 1, 2)
HORIZONS = (1, 2)

FEWEST_KNOWN = 0.1
"""Share of the supported of whom a covariate must be known."""
ALWAYS_KNOWN = 0.98
"""Share from which its being unknown is no covariate of its own."""

BANDS = ((0, "preschool"), (3, "lower elementary"), (6, "upper elementary"), (9, "junior high"))
"""Last grade of each band; beyond them is high school."""
LAST_BAND = "high school"


@dataclass(frozen=True)
class Cohort:
    """Rows that may be matched.

    `rows` has `person_id, year, supported, began, stratum`; `began` is when a candidate was supported later, null where
    never. `covariates` is (rows, covariates), unknown values at the candidates' mean, each column of mean 0 and
    variance 1; `names` says indicator and aspect of each column. `outcomes` is (rows, outcomes, offsets), NaN where
    unknown. `last_year` is the last year with a value of each outcome.
    """

    rows: pl.DataFrame
    names: tuple[tuple[str, Aspect], ...]
    covariates: Floats
    outcomes: Floats
    last_year: NDArray[np.int64]
    missing: dict[str, int]  # supported children left out, by reason

    @property
    def supported(self) -> Bools:
        """Which rows are supported children."""
        return np.asarray(self.rows["supported"].to_numpy(), dtype=bool)


def gather(
    indicators: pl.DataFrame,
    persons: pl.DataFrame,
    timeline: pl.DataFrame,
    supported: pl.DataFrame,
    outcomes: Sequence[str],
    *,
    min_link_confidence: float = 0.0,
) -> Cohort:
    """Describe supported children and candidates by what was known before support began.

    Parameters
    ----------
    indicators, persons, timeline : DataFrame
        vocabulary.frames.INDICATORS, PERSONS and TIMELINE of a run.
    supported : DataFrame
        `person_id, year`: the children, and the fiscal year in which support began; the first counts.
    outcomes : sequence of str
        Indicators to be followed.
    min_link_confidence : float
        Children whose weakest link is below this are left out of both groups: a mixed record looks like a change.

    Raises
    ------
    EvaluationError
        An outcome is known of children on doubtful links alone.
    """
    named = supported.group_by("person_id").agg(pl.col("year").min().cast(pl.Int32))
    sure = persons.filter(pl.col("link_confidence").fill_null(0.0) >= min_link_confidence)
    values = (
        indicators.select("person_id", "year", "indicator", "value")
        .drop_nulls("value")
        .join(sure, on="person_id", how="semi")
    )
    seen = values.select("person_id", pl.col("year") + 1).unique()  # of the year before
    treated, missing = _treated(named, persons, sure, seen)
    rows = _rows(treated, _candidates(seen, treated, named), persons, timeline)
    known = _by_indicator(values)
    for outcome in outcomes:
        if outcome not in known:
            raise EvaluationError("effect.outcome_on_doubtful_links", outcome=outcome, confidence=min_link_confidence)
    return _cohort(rows, known, outcomes, missing)


def _treated(
    named: pl.DataFrame, persons: pl.DataFrame, sure: pl.DataFrame, seen: pl.DataFrame
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Of the children named, those who can be rows, `person_id, year`; how many of the others there are, by reason."""
    in_run = named.join(persons, on="person_id", how="semi")
    linked = in_run.join(sure, on="person_id", how="semi")
    treated = linked.join(seen, on=["person_id", "year"], how="semi")
    missing = {
        "not_in_run": named.height - in_run.height,
        "doubtful_link": in_run.height - linked.height,
        "no_record_before": linked.height - treated.height,
    }
    return treated, missing


def _by_indicator(values: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """`person_id, year, value` of each indicator."""
    parts = values.partition_by("indicator", as_dict=True, include_key=False)
    return {str(name): frame for (name,), frame in parts.items()}


def _cohort(
    rows: pl.DataFrame, known: Mapping[str, pl.DataFrame], outcomes: Sequence[str], missing: dict[str, int]
) -> Cohort:
    """The rows with what is known of them, before support began and after."""
    names = [*outcomes, *sorted(set(known) - set(outcomes))]
    before, earlier = (_values(known, rows, names, offset) for offset in (BEFORE, EARLIER))
    columns, covariates = _covariates(names, before, earlier, rows["supported"].to_numpy())
    return Cohort(
        rows=rows,
        names=columns,
        covariates=covariates,
        outcomes=np.stack([_values(known, rows, outcomes, offset) for offset in OFFSETS], axis=2),
        last_year=np.array([known[name]["year"].max() for name in outcomes], dtype=np.int64),
        missing=missing,
    )


def _candidates(seen: pl.DataFrame, treated: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """Children seen the year before who had no support by then, `person_id, year, began`, in every year of support."""
    return (
        seen.join(treated.select("year").unique(), on="year")
        .join(named.rename({"year": "began"}), on="person_id", how="left")
        .filter(pl.col("began").is_null() | (pl.col("began") > pl.col("year")))
    )


def _rows(
    treated: pl.DataFrame, candidates: pl.DataFrame, persons: pl.DataFrame, timeline: pl.DataFrame
) -> pl.DataFrame:
    """Both groups with their strata, those strata alone that hold a supported child."""
    both = [treated.with_columns(supported=True), candidates.with_columns(supported=False)]
    rows = (
        pl.concat(both, how="diagonal")
        .join(_recorded_grade(timeline), on=["person_id", "year"], how="left", maintain_order="left")
        .join(persons.select("person_id", "birth_date", "sex"), on="person_id", how="left", maintain_order="left")
        .with_columns(_stratum())
        .select("person_id", "year", "supported", "began", "stratum")
    )
    rows = rows.join(rows.filter("supported").select("stratum").unique(), on="stratum", how="semi")
    return rows.sort("year", "stratum", "supported", "person_id")


def _recorded_grade(timeline: pl.DataFrame) -> pl.DataFrame:
    """The grade that the school recorded the year before, for those whose birth date is unknown."""
    grade = pl.col("value").cast(pl.Float64, strict=False).max().cast(pl.Int32)
    return (
        timeline.filter(pl.col("item") == "grade")
        .group_by("person_id", (fiscal_year_of(pl.col("date")) + 1).alias("year"))
        .agg((grade + 1).alias("recorded_grade"))
    )


def _stratum() -> pl.Expr:
    """Year, band of grades and sex: what partners have in common exactly. Unknown is a value of its own."""
    grade = pl.coalesce(grade_of(pl.col("birth_date"), pl.col("year")), "recorded_grade")
    band = pl.lit(LAST_BAND)
    for last, name in reversed(BANDS):
        band = pl.when(grade <= last).then(pl.lit(name)).otherwise(band)
    band = pl.when(grade.is_null()).then(pl.lit("-")).otherwise(band)
    return pl.concat_str("year", band, pl.col("sex").fill_null("-"), separator="/").alias("stratum")


def _values(known: Mapping[str, pl.DataFrame], rows: pl.DataFrame, names: Sequence[str], offset: int) -> Floats:
    """Each row's value of each indicator `offset` years after support began, (rows, indicators), NaN where unknown."""
    found = np.full((rows.height, len(names)), np.nan)
    keyed = rows.select("person_id", (pl.col("year") + offset).alias("year"))
    for at, name in enumerate(names):
        joined = keyed.join(known[name], on=["person_id", "year"], how="left", maintain_order="left")
        found[:, at] = joined["value"].fill_null(np.nan).to_numpy()
    return found


def _covariates(
    names: Sequence[str], before: Floats, earlier: Floats, supported: Bools
) -> tuple[tuple[tuple[str, Aspect], ...], Floats]:
    """Level, change, and whether unknown, of every indicator: those that are known often enough and vary."""
    columns: list[tuple[tuple[str, Aspect], Floats]] = []
    flags: set[bytes] = set()
    aspects: tuple[tuple[Aspect, Floats], ...] = (("level", before), ("change", before - earlier))
    for aspect, table in aspects:
        for name, column in zip(names, table.T, strict=True):
            known = np.isfinite(column)
            if known[supported].mean() < FEWEST_KNOWN or not known[~supported].any():
                continue
            columns.append(((name, aspect), np.where(known, column, column[known & ~supported].mean())))
            pattern = known.tobytes()  # one department's columns are unknown together
            if known.mean() < ALWAYS_KNOWN and pattern not in flags:
                flags.add(pattern)
                columns.append(((name, "unknown"), (~known).astype(np.float64)))
    kept = [(name, column) for name, column in columns if column.std() > 0]
    matrix = np.column_stack([column for _, column in kept]) if kept else np.zeros((len(supported), 0))
    scale = matrix.std(axis=0)
    return tuple(name for name, _ in kept), np.asarray((matrix - matrix.mean(axis=0)) / scale)
