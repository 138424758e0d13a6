"""A department's register: under which number it keeps a child, and what it knows, late, of name, home and guardian."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from synthetic.chance import Bools, Floats, Ints, happens
from synthetic.department import Department
from synthetic.households import FATHER_ALONE, MOTHER, Households, Matrix
from synthetic.lives import Lives
from synthetic.world import World

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


def keep_register(rng: np.random.Generator, department: Department, life: Ints, world: World) -> Register:
    """The department's records of the rows `life` of the world's lives, in order of reference date and number."""
    lives, families, households = world.lives, world.families, world.households
    registration = _registrations(rng, department, life, world)
    life, registration = _in_order(lives, *_double(rng, life, registration, world))
    child, family, step = lives.child[life], lives.family[life], lives.step[life]
    entered = _entered(child, step, registration, world)
    late = np.full(len(families), min(world.profile.late_update * department.late, 0.9))
    keeps_surname = happens(rng, department.keeps_surname, len(families))

    def last_seen(late: Floats) -> Ints:
        return _last_seen(rng, late, entered, world)[child, step].astype(np.int64)

    named = last_seen(np.where(keeps_surname, SLOW_TO_RENAME, late / 2))
    moved, called, met_guardian = last_seen(late), last_seen(late), last_seen(late)
    father, mother, stepfather = families.father_given, families.mother_given, families.stepfather_given
    parents = np.stack([father, mother, stepfather, father], axis=1)  # in the order of the guardians' codes
    guardian = _guardians(rng, department, households)[family, met_guardian]
    mothers_phone = (families.two_phones[family] & (guardian == MOTHER)).astype(np.int64)
    return Register(
        life=life,
        registration=registration,
        local_id=_numbers(department, registration, step),
        surname=households.surname[family, named].astype(np.int64),
        given=world.children.given[child],
        guardian_surname=households.parent_surname[family, met_guardian].astype(np.int64),
        guardian_given=parents[family, guardian],
        home=households.home[family, moved].astype(np.int64),
        phone=2 * households.phone[family, called] + mothers_phone,
    )


def _in_order(lives: Lives, life: Ints, registration: Ints) -> tuple[Ints, Ints]:
    order = np.lexsort((registration, lives.step[life]))
    return life[order], registration[order]


def _entered(child: Ints, step: Ints, registration: Ints, world: World) -> Bools:
    """Whether a child came under a new number at a step, shape (children, steps): then all of it is asked anew."""
    _, first = np.unique(registration, return_index=True)  # records are in order of step
    entered = np.zeros((len(world.children), world.clock.steps), dtype=bool)
    entered[child[first], step[first]] = True
    return entered


def _last_seen(rng: np.random.Generator, late: Floats, entered: Bools, world: World) -> Matrix:
    """The step of which the department's knowledge of a child dates, shape (children, steps).

    A change stays unknown for a further year in the share `late` of the families, alike for siblings.
    """
    family, here = world.children.family, world.households.here
    still = late**world.clock.step
    seen = np.zeros(entered.shape, dtype=np.int32)
    for step in range(1, world.clock.steps):
        unaware = ((rng.random(len(late)) < still) & here[:, step - 1])[family] & ~entered[:, step]
        seen[:, step] = np.where(unaware, seen[:, step - 1], step)
    return seen


def _guardians(rng: np.random.Generator, department: Department, households: Households) -> Matrix:
    """Which parent stands as guardian, shape (families, steps)."""
    asks_mother = happens(rng, department.asks_mother, len(households.here))[:, None]
    couple = ~households.lone & (households.custody != FATHER_ALONE)
    return np.where(couple & asks_mother, MOTHER, households.custody)


def _registrations(rng: np.random.Generator, department: Department, life: Ints, world: World) -> Ints:
    """A registration for each record, as ordered by child and date.

    It changes at return, at a change of household, of school stage, or for no outward reason.
    """
    lives, profile, size = world.lives, world.profile, len(life)
    child, step, family, grade = lives.child[life], lives.step[life], lives.family[life], lives.grade[life]

    def since_last(*kinds: str) -> Bools:
        count = _counted(world.households, kinds)[family, step]
        new: Bools = np.r_[False, count[1:] != count[:-1]]
        return new

    years = np.r_[0, np.diff(step)] * lives.part_of_year
    renewed = happens(rng, np.clip(profile.renewed_number * years, 0, 1), size)
    renewed |= since_last("moved_back") & happens(rng, profile.renewed_at_return, size)
    renewed |= since_last("divorce", "remarriage") & happens(rng, department.renews_at_household_change, size)
    if department.renews_at_school_stage:
        junior = np.r_[False, (grade[1:] >= 7) & (grade[:-1] <= 6)]
        high = np.r_[False, (grade[1:] >= 10) & (grade[:-1] <= 9)]
        renewed |= (junior & happens(rng, profile.new_number_at_junior_high, size)) | high
    another_child = np.r_[True, child[1:] != child[:-1]]
    return np.cumsum(another_child | renewed) - 1


def _counted(households: Households, kinds: tuple[str, ...]) -> Matrix:
    """How often any of `kinds` has happened to each family up to each step."""
    return np.cumsum(sum(households.happened(kind).astype(np.int32) for kind in kinds), axis=1, dtype=np.int32)


def _double(rng: np.random.Generator, life: Ints, registration: Ints, world: World) -> tuple[Ints, Ints]:
    """Records and registrations with those added of children kept twice, for a year or two, under a second number."""
    profile, lives, clock = world.profile, world.lives, world.clock
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
