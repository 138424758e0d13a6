"""The children's lives as they are: one row a child and reference date at which it lives in the city.

What no department sees whole: age, grade, home, income, hardship and lasting traits. Departments measure from here.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from synthetic.chance import Bools, Floats, Ints, happens, stream
from synthetic.clock import Clock
from synthetic.economy import Economy, benefits, poor, usual_income
from synthetic.families import Children
from synthetic.hardship import Circumstances, Hardship, Kind, draw_hardships
from synthetic.households import Households
from vocabulary.fiscal import grade_of

OLDEST = 19  # children are counted to their nineteenth birthday
CLOSURE_YEAR = 2020
"""Fiscal year in which every school was closed for some weeks."""

ILLNESS = 0.015  # share of pupils and years with a long illness that passes
BAD_TEST_DAY = 0.05


@dataclass(frozen=True)
class Lives:
    """Rows of children and reference dates; every array has one entry a row."""

    child: Ints
    step: Ints
    family: Ints
    year: Ints
    age: Floats  # in years at the reference date
    grade: Ints  # of the fiscal year; below 1 not yet at school
    male: Bools
    lone: Bools
    poor: Bools
    tax_exempt: Bools
    school_aid: Bools
    public_assistance: Bools
    allowance: Ints
    new_here: Bools  # moved into this home within the last year
    ill: Bools  # a long illness in this year, which passes
    kinds: tuple[Kind, ...]
    hardship: dict[str, NDArray[np.float32]]  # of each kind, its strength
    part_of_year: float  # length of the time between two reference dates, in years
    children: int

    def __len__(self) -> int:
        return len(self.child)

    def effect(self, measure: str) -> Floats:
        """What hardship adds to `measure` in each row, in the unit of `hardship.toml`, for a full year."""
        total = np.zeros(len(self))
        for kind in self.kinds:
            if measure in kind.effect:
                total += kind.effect[measure] * self.hardship[kind.name]
        return total

    def trait(self, rng: np.random.Generator) -> Floats:
        """A standard normal draw a child, the same in all its rows."""
        drawn: Floats = rng.normal(size=self.children)[self.child]
        return drawn

    def each_year(self, rng: np.random.Generator) -> Floats:
        """A standard normal draw a child and year, the same at every reference date of the year."""
        years = self.year - self.year.min()
        drawn: Floats = rng.normal(size=(self.children, int(years.max()) + 1))[self.child, years]
        return drawn

    def chance(self, rng: np.random.Generator, probability: Floats | float) -> Bools:
        """A draw a row."""
        return happens(rng, probability, len(self))


def lead(
    seed: int, children: Children, households: Households, clock: Clock, drawn: tuple[Kind, ...]
) -> tuple[Lives, Hardship]:
    """Draw the hardships of the children, of the kinds `drawn`, and gather their lives."""
    age = clock.times[None, :] - children.birth[:, None]
    in_city = households.here[children.family] & ~children.left_home(clock.times)
    usual = usual_income(seed, households.lone, clock)
    circumstances = Circumstances(
        family=children.family,
        present=in_city & (age >= 0) & (age < OLDEST),
        age=age,
        grade=_grades(children, clock),
        lone=households.lone[children.family],
        poor=poor(usual)[children.family],
        divorced=households.events["divorce"],
    )
    hardship = draw_hardships(seed, circumstances, clock, drawn)
    economy = benefits(seed, usual + _lost_income(hardship, children, len(usual)), households.lone, clock)
    return _gather(seed, circumstances, children, households, economy, hardship, clock), hardship


def _grades(children: Children, clock: Clock) -> Ints:
    """School grade of each child in the year of each reference date, shape (children, steps)."""
    born = pl.DataFrame({"birth": clock.day(children.birth)})
    first = born.select(grade=grade_of(pl.col("birth"), pl.lit(clock.start)))["grade"].to_numpy()
    grades: Ints = first[:, None] + (clock.years - clock.start)[None, :]
    return grades


def _lost_income(hardship: Hardship, children: Children, families: int) -> Floats:
    """Income effect of the hardships that strike whole families, shape (families, steps)."""
    steps = next(iter(hardship.strength.values())).shape[1]
    lost = np.zeros((families, steps))
    for kind in hardship.kinds:
        if kind.whole_family and "income" in kind.effect:
            by_family = np.zeros((families, steps), dtype=np.float32)
            by_family[children.family] = hardship.strength[kind.name]
            lost += kind.effect["income"] * by_family
    return lost


def _gather(
    seed: int,
    circumstances: Circumstances,
    children: Children,
    households: Households,
    economy: Economy,
    hardship: Hardship,
    clock: Clock,
) -> Lives:
    child, step = np.nonzero(circumstances.present)
    family, year = children.family[child], clock.years[step]
    ill = happens(stream(seed, "illness"), ILLNESS, len(children) * (clock.stop - clock.start))
    before = np.maximum(step - clock.per_year, 0)
    moved = households.home[family, step] != households.home[family, before]
    return Lives(
        child=child,
        step=step,
        family=family,
        year=year,
        age=circumstances.age[child, step],
        grade=circumstances.grade[child, step],
        male=children.male[child],
        lone=households.lone[family, step],
        poor=economy.poor[family, step],
        tax_exempt=economy.tax_exempt[family, step],
        school_aid=economy.school_aid[family, step],
        public_assistance=economy.public_assistance[family, step],
        allowance=economy.allowance[family, step],
        new_here=moved | ~households.here[family, before],
        ill=ill.reshape(len(children), -1)[child, year - clock.start],
        kinds=hardship.kinds,
        hardship={name: strength[child, step] for name, strength in hardship.strength.items()},
        part_of_year=clock.step,
        children=len(children),
    )
