"""What the welfare department records: benefits, consultations and arrears, of the children it knows.

It knows every child under 3 through the medical subsidy, and older ones as long as the family draws a benefit or
consults, and a year after.
"""

import numpy as np
import polars as pl

from synthetic.chance import Bools, Ints, stream
from synthetic.lives import Lives

SUBSIDY_FOR_ALL_BELOW_AGE = 3
TOPICS = ("poverty", "childcare", "development", "truancy", "abuse", "health")
USUAL_CONSULTATIONS = {
    "poverty": 0.004,
    "childcare": 0.012,
    "development": 0.010,
    "truancy": 0.001,
    "abuse": 0.0095,
    "health": 0.004,
}
"""Share of children consulted about in a year without hardship (estimates)."""

FORGOTTEN_PAYMENT = 0.02
ALLOWANCE = np.array(["none", "partial", "full"])


def welfare_records(seed: int, lives: Lives) -> tuple[Ints, pl.DataFrame]:
    """Rows of `lives` the department has a record of, and its measurements of them."""
    rng = stream(seed, "welfare")
    count, topics = _consultations(rng, lives)
    drawn = lives.school_aid & (lives.grade >= 1) & (lives.grade <= 9)
    known = lives.public_assistance | (lives.allowance > 0) | lives.tax_exempt | drawn | (count > 0)
    known = known | _known_a_year_before(known, lives)
    rows = np.flatnonzero(known | (lives.age < SUBSIDY_FOR_ALL_BELOW_AGE))
    frame = pl.DataFrame(
        {
            "public_assistance": lives.public_assistance.astype(np.int64),
            "child_rearing_allowance": ALLOWANCE[lives.allowance],
            "tax_exempt": lives.tax_exempt.astype(np.int64),
            "single_parent": lives.lone.astype(np.int64),
            "school_expense_aid": drawn.astype(np.int64),
            "nursery_fee_arrears_months": _nursery_arrears(rng, lives),
            "consultation_count": count,
            "consultation_topics": topics,
        }
    ).with_columns(
        school_expense_aid=pl.when(pl.Series(lives.grade).is_between(1, 9)).then("school_expense_aid"),
        nursery_fee_arrears_months=pl.when(pl.Series(lives.grade) < 1).then("nursery_fee_arrears_months"),
        consultation_topics=pl.col("consultation_topics").replace("", None),
    )
    return rows, frame[rows]


def _consultations(rng: np.random.Generator, lives: Lives) -> tuple[Ints, pl.Series]:
    """Number of consultations in each row and their topics joined by `;`, in the order of `TOPICS`."""
    count = np.zeros(len(lives), dtype=np.int64)
    parts = []
    for topic in TOPICS:
        rate = USUAL_CONSULTATIONS[topic] * np.where(lives.poor, 2.5, 1.0)
        rate = rate + lives.effect("ill" if topic == "health" else topic)
        number = rng.poisson(np.maximum(rate, 0) * lives.part_of_year)
        count += number
        parts.append(np.where(number > 0, topic, ""))
    joined = pl.DataFrame(dict(zip(TOPICS, parts, strict=True))).select(
        pl.concat_str(TOPICS, separator=";").str.replace_all(";+", ";").str.strip_chars(";").alias("topics")
    )
    return count, joined["topics"]


def _nursery_arrears(rng: np.random.Generator, lives: Lives) -> Ints:
    chance = FORGOTTEN_PAYMENT + 0.05 * lives.poor + lives.effect("nursery")
    behind = lives.chance(rng, chance * lives.part_of_year)
    months = np.where(lives.effect("nursery") > 0.1, rng.integers(1, 7, len(lives)), 1)
    return np.where(behind, months, 0)


def _known_a_year_before(known: Bools, lives: Lives) -> Bools:
    per_year = round(1 / lives.part_of_year)
    marked = np.zeros((lives.children, int(lives.step.max()) + 1 + per_year), dtype=bool)
    marked[lives.child, lives.step + per_year] = known
    before: Bools = marked[lives.child, lives.step]
    return before
