"""What the health department records: the check-up due at each age, growth, teeth and vaccinations."""

import numpy as np
import polars as pl

from synthetic.chance import Floats, Ints, Words, stream
from synthetic.data import read_toml
from synthetic.lives import CLOSURE_YEAR, Lives

CHECKUP_AT_AGE = {0: "infant_4m", 1: "infant_18m", 3: "infant_36m", 5: "preschool"}
ATTENDANCE = {
    "infant_4m": 0.953,
    "infant_18m": 0.955,
    "infant_36m": 0.938,
    "preschool": 0.955,
    "school": 0.985,
    "other": 1.0,
}
DOSES_DUE = {"infant_4m": 12, "infant_18m": 8, "infant_36m": 3, "preschool": 2}
ALL_DOSES_DONE = {"infant_4m": 0.98, "infant_18m": 0.989, "infant_36m": 0.97, "preschool": 0.952}
LAST_GRADE_REPORTED = 6  # junior high schools keep their check-ups to themselves
OTHER_CHECKS = 0.1  # dental checks at the ages between, recorded only of those who come
CLOSURE_ATTENDANCE = 0.93

HEIGHT_SPREAD, WEIGHT_SPREAD = 0.042, 0.13


def health_records(seed: int, lives: Lives) -> tuple[Ints, pl.DataFrame]:
    """Rows of `lives` for which a check-up was due or held, and its measurements."""
    rng = stream(seed, "health")
    checkup = _checkups(rng, lives)
    rows = _once_a_year(lives, np.flatnonzero(checkup != ""))
    usual = _by_checkup(ATTENDANCE, checkup, 1.0) * np.where(lives.year == CLOSURE_YEAR, CLOSURE_ATTENDANCE, 1.0)
    attended = lives.chance(rng, usual - lives.effect("checkup") - 0.03 * lives.poor)
    height, weight = _growth(rng, lives)
    due, done = _vaccinations(rng, lives, checkup)
    caries = rng.poisson(np.exp(0.8 * lives.trait(rng) - 0.32) * 0.7 + lives.effect("caries") + 0.5 * lives.poor)
    follow_up = lives.chance(rng, 0.06 + 0.15 * (caries >= 4) + 0.1 * lives.effect("caries"))
    frame = pl.DataFrame(
        {
            "checkup": checkup,
            "attended": attended.astype(np.int64),
            "height_cm": np.where(attended, height, np.nan),
            "weight_kg": np.where(attended, weight, np.nan),
            "untreated_caries": np.where(attended & (lives.age >= 1), np.minimum(caries, 20), np.nan),
            "vaccinations_due": due,
            "vaccinations_done": done,
            "follow_up_needed": np.where(attended, follow_up, np.nan),
        }
    ).fill_nan(None)
    whole = ["untreated_caries", "vaccinations_due", "vaccinations_done", "follow_up_needed"]
    return rows, frame.with_columns(pl.col(whole).cast(pl.Int64))[rows]


def _once_a_year(lives: Lives, rows: Ints) -> Ints:
    """The first of the rows of each child and year: a check-up is recorded once, however often data are delivered."""
    _, first = np.unique(lives.child[rows] * 10_000 + lives.year[rows], return_index=True)
    once: Ints = rows[np.sort(first)]
    return once


def _checkups(rng: np.random.Generator, lives: Lives) -> Words:
    """The check-up of each row, by age and grade; empty where none was due."""
    checkup = np.full(len(lives), "", dtype="<U10")
    checkup[lives.chance(rng, OTHER_CHECKS) & (lives.grade < 1)] = "other"
    for age, name in CHECKUP_AT_AGE.items():
        checkup[(np.floor(lives.age) == age) & (lives.grade < 1)] = name
    checkup[(lives.grade >= 1) & (lives.grade <= LAST_GRADE_REPORTED)] = "school"
    return checkup


def _by_checkup(table: dict[str, float], checkup: Words, other: float) -> Floats:
    values = np.full(len(checkup), other, dtype=float)
    for name, value in table.items():
        values[checkup == name] = value
    return values


def _growth(rng: np.random.Generator, lives: Lives) -> tuple[Floats, Floats]:
    """Height and weight along the child's own percentile, with measurement scatter."""
    tables = read_toml("growth.toml")

    def mean(measure: str) -> Floats:
        boys, girls = (np.interp(lives.age, np.arange(19) + 0.5, tables[measure][sex]) for sex in ("boys", "girls"))
        by_sex: Floats = np.where(lives.male, boys, girls)
        return by_sex

    tall = lives.trait(rng)
    heavy = 0.4 * tall + 0.9 * lives.trait(rng) + 0.25 * lives.each_year(rng) + lives.effect("weight")
    height = mean("height_cm") * (1 + HEIGHT_SPREAD * tall) + 0.4 * lives.each_year(rng)
    weight = mean("weight_kg") * np.exp(WEIGHT_SPREAD * heavy)
    return np.round(height, 1), np.round(weight, 1)


def _vaccinations(rng: np.random.Generator, lives: Lives, checkup: Words) -> tuple[Floats, Floats]:
    """Doses due by the check-up and doses had; blank where vaccinations are not looked at."""
    due = _by_checkup({name: float(doses) for name, doses in DOSES_DUE.items()}, checkup, np.nan)
    complete = lives.chance(rng, _by_checkup(ALL_DOSES_DONE, checkup, 1.0) - lives.effect("vaccine"))
    behind = 1 + np.floor(rng.random(len(lives)) * np.nan_to_num(due))
    return due, np.where(complete, due, np.maximum(due - behind, 0))
