"""What the school department records: attendance, scores, surveys, fitness, of pupils of municipal schools."""

import numpy as np
import polars as pl
from scipy.stats import norm

from synthetic.chance import Bools, Floats, Ints, happens, stream
from synthetic.lives import BAD_TEST_DAY, CLOSURE_YEAR, Lives

PRIVATE_ELEMENTARY = 0.015
PRIVATE_JUNIOR_HIGH = 0.07
MUNICIPAL_HIGH_SCHOOL = 0.06
SCHOOL_DAYS = 203
CLOSED_DAYS = 38
ASSISTANCE_GAP = (0.0, 0.0, 0.0, 1.3, 5.2, 5.2, 5.2, 5.2, 5.2, 5.2, 5.2, 5.2, 5.2)
"""Points of 偏差値 by which children on public assistance are behind, by grade; hardship adds a little."""

RELIABILITY = 0.85
COMMON_ABILITY, OWN_ABILITY, DRIFT = 0.75, 0.50, 0.20
"""SD of ability shared by both subjects, of the subject's own, and of its drift from year to year."""

SURVEY_FROM_GRADE, TEST_FROM_GRADE = 3, 2
MISSED_SURVEY = 0.04
NEW_SCHOOL = 0.35  # points of relationships that a move costs in its first year, and no more
MISSED_TEST = 0.025


def school_records(seed: int, lives: Lives) -> tuple[Ints, pl.DataFrame]:
    """Rows of `lives` that are pupils of municipal schools, and the measurements of them."""
    rng = stream(seed, "school")
    rows = np.flatnonzero(_municipal_pupils(rng, lives))
    required = _days_required(lives)
    measured = {
        "school_code": _school_codes(lives),
        "grade": lives.grade,
        "days_required": required,
        "days_absent": np.minimum(_days_absent(rng, lives), required),
        "days_late": np.minimum(_counts(rng, lives, 1.2, "late", 0.9), required),
        "nurse_room_visits": _counts(rng, lives, 2.0, "nurse", 0.7),
        **_scores(rng, lives),
        **_surveys(rng, lives),
        "lunch_fee_arrears_months": _lunch_arrears(rng, lives),
    }
    return rows, pl.DataFrame(measured).fill_nan(None)[rows]


def _municipal_pupils(rng: np.random.Generator, lives: Lives) -> Bools:
    drawn = rng.random((3, lives.children))[:, lives.child]
    elementary = (lives.grade >= 1) & (lives.grade <= 6) & (drawn[0] >= PRIVATE_ELEMENTARY)
    junior = (lives.grade >= 7) & (lives.grade <= 9) & (drawn[1] >= PRIVATE_JUNIOR_HIGH)
    high = (lives.grade >= 10) & (lives.grade <= 12) & (drawn[2] < MUNICIPAL_HIGH_SCHOOL)
    pupils: Bools = elementary | (junior & (drawn[0] >= PRIVATE_ELEMENTARY)) | high
    return pupils


def _school_codes(lives: Lives) -> pl.Series:
    """Elementary E01–E14, junior high J01–J07, high school H01, by family."""
    district = lives.family % 14
    codes = np.where(
        lives.grade <= 6,
        np.char.add("E", np.char.zfill((district + 1).astype(str), 2)),
        np.where(lives.grade <= 9, np.char.add("J", np.char.zfill((district // 2 + 1).astype(str), 2)), "H01"),
    )
    return pl.Series(codes)


def _days_required(lives: Lives) -> Ints:
    days: Ints = SCHOOL_DAYS - CLOSED_DAYS * (lives.year == CLOSURE_YEAR) + lives.grade % 3
    return np.round(days * lives.part_of_year).astype(np.int64, copy=False)


def _days_absent(rng: np.random.Generator, lives: Lives) -> Ints:
    """Absence: a usual level that is the child's own, an illness that passes, hardship, and chance."""
    grade_mean = np.select([lives.grade <= 2, lives.grade <= 6, lives.grade <= 9], [4.5, 4.0, 5.0], 5.5)
    usual = grade_mean * np.exp(0.6 * lives.trait(rng) - 0.18)
    usual = usual * np.where(lives.year == CLOSURE_YEAR, 0.75, 1.0) * np.where(lives.poor, 1.3, 1.0)
    ill = lives.ill * (8 + rng.gamma(2.0, 8.0, len(lives)))
    mean = usual + ill + 1.0 * lives.new_here + lives.effect("absent")
    days: Ints = rng.poisson(mean * rng.gamma(2.5, 1 / 2.5, len(lives)) * lives.part_of_year)
    return days


def _counts(rng: np.random.Generator, lives: Lives, usual: float, effect: str, spread: float) -> Ints:
    mean = usual * np.exp(spread * lives.trait(rng) - spread**2 / 2) + lives.effect(effect)
    number: Ints = rng.poisson(np.maximum(mean, 0) * rng.gamma(2.0, 0.5, len(lives)) * lives.part_of_year)
    return number


def _scores(rng: np.random.Generator, lives: Lives) -> dict[str, Floats]:
    """偏差値 of two tests of reliability .85 that share an ability; blank where the test was missed."""
    common = COMMON_ABILITY * lives.trait(rng)
    behind = np.array(ASSISTANCE_GAP)[np.clip(lives.grade, 0, 12)] / 10 * lives.public_assistance
    missed = MISSED_TEST + lives.effect("missing_test")
    scores = {}
    for subject in ("score_language", "score_math"):
        own = OWN_ABILITY * lives.trait(rng) + DRIFT * lives.each_year(rng)
        error = np.sqrt(1 - RELIABILITY) * lives.each_year(rng)
        bad_day = 0.8 * (lives.each_year(rng) > norm.isf(BAD_TEST_DAY))
        standard = common + own + error - bad_day + BAD_TEST_DAY * 0.8 - behind + lives.effect("score")
        score = np.clip(np.round(50 + 10 * standard, 1), 15, 85)
        absent = happens(rng, missed, len(lives)) | (lives.grade < TEST_FROM_GRADE)
        scores[subject] = np.where(absent, np.nan, score)
    return scores


def _surveys(rng: np.random.Generator, lives: Lives) -> dict[str, Floats]:
    """Self-reports on scales, each the mean of a few questions; blank where the survey was missed."""
    closed = 0.15 * (lives.year == CLOSURE_YEAR)
    cheer = 0.3 * lives.trait(rng)
    missed = happens(rng, MISSED_SURVEY + lives.effect("missing_test"), len(lives))
    blank = missed | (lives.grade < SURVEY_FROM_GRADE)

    def scale(
        mean: float, top: int, effect: str, age_slope: float, questions: int, less: Floats | float = 0.0
    ) -> Floats:
        level = mean + cheer + 0.35 * lives.trait(rng) - age_slope * (lives.grade - 5) - closed
        answer = level + lives.effect(effect) + 0.35 * lives.each_year(rng) - 0.15 * lives.poor - less
        rounded = np.round(np.clip(answer, 1, top) * questions) / questions
        return np.where(blank, np.nan, np.round(rounded, 2))

    fitness = 50 + 8 * lives.trait(rng) + 5 * lives.each_year(rng) - 15 * closed + lives.effect("fitness")
    unfit = happens(rng, 0.05, len(lives)) | (lives.ill & lives.chance(rng, 0.5))
    return {
        "noncog_self_esteem": scale(3.5, 5, "esteem", 0.06, 5),
        "noncog_perseverance": scale(3.4, 5, "perseverance", 0.03, 5),
        "noncog_relationships": scale(3.8, 5, "relations", 0.03, 5, np.where(lives.new_here, NEW_SCHOOL, 0.0)),
        "study_habit": scale(2.8, 4, "study", 0.04, 4),
        "life_habit": scale(3.1, 4, "life", 0.04, 4),
        "fitness_score": np.where(unfit, np.nan, np.round(np.clip(fitness, 10, 90), 1)),
    }


def _lunch_arrears(rng: np.random.Generator, lives: Lives) -> Ints:
    chance = 0.02 + 0.04 * lives.poor + lives.effect("lunch")
    behind = lives.chance(rng, np.clip(chance, 0, 0.9) * lives.part_of_year)
    months = np.where(lives.effect("lunch") > 0.1, rng.integers(1, 9, len(lives)), 1)
    return np.where(behind, months, 0)
