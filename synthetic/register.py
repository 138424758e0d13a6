"""A department's register: under which number it keeps a child, and what it knows, late, of name, home and guardian."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from synthetic.chance import Floats, Ints, happens
from synthetic.clock import Clock
from synthetic.department import Department
from synthetic.families import Children, Families
from synthetic.households import FATHER, MOTHER, Households, Matrix
from synthetic.lives import Lives
from synthetic.profile import Profile

SLOW_TO_RENAME = 0.65
"""Share of the families that keep the old surname in this department who still do so a year later (estimate)."""


@dataclass(frozen=True)
class Register:
    """One entry a record: the row of `lives` it is about, its number, and the rows of the tables it was filled from."""

    life: Ints
    registration: Ints  # a number of its own for each local number ever given out
    local_id: pl.Series
    surname: Ints
    given: Ints
    guardian_surname: Ints
    guardian_given: Ints
    home: Ints
    phone: Ints


def keep_register(
    rng: np.random.Generator,
    department: Department,
    life: Ints,
    lives: Lives,
    families: Families,
    children: Children,
    households: Households,
    profile: Profile,
    clock: Clock,
) -> Register:
    """The department's records of the rows `life` of `lives`, in order of child and reference date."""
    registration = _registrations(rng, department, life, lives, households, profile)
    life, registration = _double(rng, life, registration, lives, profile, clock)
    family, step = lives.family[life], lives.step[life]
    late = min(profile.late_update * department.late, 0.9)
    keeps = happens(rng, department.keeps_surname, len(families))
    surname = _known(rng, households.surname, households, np.where(keeps, SLOW_TO_RENAME, late / 2), clock)
    parent, parent_surname = _guardians(rng, department, families, households)
    parent = _known(rng, parent, households, np.full(len(families), late), clock)
    given = np.stack([families.father_given, families.mother_given, families.stepfather_given], axis=1)
    return Register(
        life=life,
        registration=registration,
        local_id=_numbers(department, registration, step),
        surname=surname[family, step],
        given=children.given[lives.child[life]],
        guardian_surname=_known(rng, parent_surname, households, np.full(len(families), late), clock)[family, step],
        guardian_given=given[family, parent[family, step]],
        home=_known(rng, households.home, households, np.full(len(families), late), clock)[family, step],
        phone=_known(rng, households.phone, households, np.full(len(families), late), clock)[family, step],
    )


def _known(rng: np.random.Generator, truth: Matrix, households: Households, late: Floats, clock: Clock) -> Matrix:
    """What is known of `truth` (families, steps) if a change stays unknown for a further year in a share `late`."""
    known = truth.copy()
    still = late**clock.step
    for step in range(1, truth.shape[1]):
        unaware = (rng.random(len(truth)) < still) & households.here[:, step - 1]
        known[:, step] = np.where(unaware, known[:, step - 1], truth[:, step])
    return known


def _guardians(
    rng: np.random.Generator, department: Department, families: Families, households: Households
) -> tuple[Matrix, Matrix]:
    """Which parent stands as guardian, and under which surname, shape (families, steps)."""
    asks_mother = happens(rng, department.asks_mother, len(families))[:, None]
    married = ~households.lone
    parent = np.where(married & asks_mother, MOTHER, households.custody)
    parent = np.where(households.lone & (households.custody == FATHER), FATHER, parent)
    return parent.astype(np.int32), households.parent_surname


def _registrations(
    rng: np.random.Generator,
    department: Department,
    life: Ints,
    lives: Lives,
    households: Households,
    profile: Profile,
) -> Ints:
    """A registration for each record; it changes at return, household change, school stage or for no outward reason."""
    child, step, family, grade = lives.child[life], lives.step[life], lives.family[life], lives.grade[life]
    size = len(life)
    same = np.r_[False, child[1:] == child[:-1]]

    def since_last(kinds: tuple[str, ...]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        count = _counted(households, kinds)[family, step]
        return np.r_[False, count[1:] != count[:-1]]

    years = np.r_[0, np.diff(step)] * lives.part_of_year
    renewed = happens(rng, np.clip(profile.renewed_number * years, 0, 1), size)
    renewed |= since_last(("moved_back",)) & happens(rng, profile.renewed_at_return, size)
    household = since_last(("divorce", "remarriage"))
    renewed |= household & happens(rng, department.renews_at_household_change, size)
    if department.renews_at_school_stage:
        junior = np.r_[False, (grade[1:] >= 7) & (grade[:-1] <= 6)]
        high = np.r_[False, (grade[1:] >= 10) & (grade[:-1] <= 9)]
        renewed |= (junior & happens(rng, profile.new_number_at_junior_high, size)) | high
    return np.cumsum(~same | renewed) - 1


def _counted(households: Households, kinds: tuple[str, ...]) -> Matrix:
    """How often any of `kinds` has happened to each family up to each step."""
    count = np.zeros(households.here.shape, dtype=np.int32)
    for kind in kinds:
        for step, happened in enumerate(households.events[kind]):
            count[happened, step] += 1
    return np.cumsum(count, axis=1, dtype=np.int32)


def _double(
    rng: np.random.Generator, life: Ints, registration: Ints, lives: Lives, profile: Profile, clock: Clock
) -> tuple[Ints, Ints]:
    """Keep some children twice for a year or two, under a second number."""
    begins = np.flatnonzero(happens(rng, profile.doubled_number * lives.part_of_year, len(life)))
    length = clock.per_year * rng.integers(1, 3, len(begins))
    offset = np.arange(2 * clock.per_year)
    row = begins[:, None] + offset[None, :]
    inside = (offset[None, :] < length[:, None]) & (row < len(life))
    row = np.minimum(row, len(life) - 1)
    inside &= registration[row] == registration[begins][:, None]
    second = registration.max(initial=0) + 1 + np.broadcast_to(np.arange(len(begins))[:, None], row.shape)
    return np.r_[life, life[row[inside]]], np.r_[registration, second[inside]]


def _numbers(department: Department, registration: Ints, step: Ints) -> pl.Series:
    """Local numbers, given out in the order in which children were first recorded."""
    first = np.full(int(registration.max(initial=-1)) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, registration, step)
    serial = np.empty(len(first), dtype=np.int64)
    serial[np.argsort(first, kind="stable")] = np.arange(len(first))
    digits = pl.Series("serial", serial[registration]).cast(pl.String).str.zfill(7)
    return pl.select(pl.format(department.number, digits).alias("local_id"))["local_id"]
