"""A small city in which support is given to children in hardship, and its effect on a score is known."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from vocabulary.frames import INDICATORS, PERSONS, TIMELINE

FIRST, YEARS = 2014, 10
GRADES_APART = 6


@dataclass(frozen=True)
class City:
    indicators: pl.DataFrame
    persons: pl.DataFrame
    timeline: pl.DataFrame
    supported: pl.DataFrame


def supported_city(
    seed: int,
    *,
    children: int = 2000,
    effect: float = 0.0,
    severity: float = 1.0,
    unrecorded: float = 0.0,
    leaving: float = 0.0,
) -> City:
    """Scores and absences of `children` over ten years.

    Hardship (a lasting part and one that passes) lowers scores and raises absence. Support begins in one of four years,
    the likelier the lower the score and the higher the absence of the year before (`severity`) and the more hardship
    that no record holds (`unrecorded`). From the year after it begins it adds `effect` to the score.
    """
    chance = np.random.default_rng(seed)
    lasting = chance.normal(size=children)
    passing = np.zeros((children, YEARS))
    passing[:, 0] = chance.normal(size=children)
    for year in range(1, YEARS):
        passing[:, year] = 0.6 * passing[:, year - 1] + 0.8 * chance.normal(size=children)
    hidden = chance.normal(size=children)
    hardship = 0.7 * lasting[:, None] + 0.6 * passing
    score = (
        50
        - 7 * hardship
        - 3 * unrecorded * hidden[:, None] * np.arange(YEARS) / 4
        + chance.normal(scale=3, size=(children, YEARS))
    )
    absence = np.clip(8 + 6 * hardship + chance.normal(scale=3, size=(children, YEARS)), 0, None)
    began = np.full(children, -1)
    for year in range(4, 8):
        seen = ((50 - score[:, year - 1]) / 9 + (absence[:, year - 1] - 8) / 7) / 2
        drawn = chance.random(children) < 1 / (1 + np.exp(4.2 - severity * 1.5 * seen - 1.5 * unrecorded * hidden))
        began[(began < 0) & drawn] = year
    for year in range(YEARS):
        score[(began >= 0) & (began < year), year] += effect
    gone = chance.random((children, YEARS)) < leaving
    return _frames(chance, score, absence, began, gone)


def _frames(chance, score, absence, began, gone) -> City:
    children = len(began)
    ids = np.array([f"p{at:06d}" for at in range(children)])
    births = chance.integers(0, GRADES_APART, children)
    persons = pl.DataFrame(
        {
            "person_id": ids,
            "birth_date": [date(2000 + int(birth), 6, 1) for birth in births],
            "sex": chance.choice(["F", "M"], children),
            "first_seen": [date(FIRST, 5, 1)] * children,
            "last_seen": [date(FIRST + YEARS - 1, 5, 1)] * children,
            "sources": ["school"] * children,
            "link_confidence": [1.0] * children,
        },
        schema=PERSONS,
    )
    at, year = np.nonzero(~gone)
    rows = [
        pl.DataFrame(
            {"person_id": ids[at], "year": FIRST + year, "indicator": name, "value": table[at, year]},
            schema_overrides={"year": pl.Int32()},
        )
        for name, table in (("score_math", score), ("absence", absence))
    ]
    indicators = pl.concat([INDICATORS.to_frame(), *rows], how="diagonal_relaxed").cast(INDICATORS)
    known = began >= 0
    supported = pl.DataFrame(
        {"person_id": ids[known], "year": FIRST + began[known]}, schema_overrides={"year": pl.Int32()}
    )
    return City(indicators, persons, TIMELINE.to_frame(), supported)
