"""How the families live through the years: marriage and divorce, names, homes, phones, coming and going.

One loop over the reference dates; at each of them every family's state is an entry of a column.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthetic import rates
from synthetic.chance import Bools, Floats, Ints, happens, stream
from synthetic.clock import Clock
from synthetic.families import Families

FATHER, MOTHER, STEPFATHER, FATHER_ALONE = range(4)
"""Who stands first among the guardians; the last is a father with custody, with or without a new wife."""

Matrix = NDArray[np.int32]


@dataclass
class State:
    """What is so of each family at the present step."""

    here: Bools
    ever_here: Bools
    returns: Floats  # time of return of families that moved out; inf where never
    lone: Bools
    custody: Ints  # one of the four above
    stepfather: Bools
    surname: Ints  # of the children
    parent_surname: Ints  # of the guardian's household
    home: Ints
    phone: Ints
    homes: int  # homes and phone numbers given out so far
    phones: int


@dataclass(frozen=True)
class Households:
    """State of each family at each reference date of the window, shape (families, steps), and what happened when."""

    here: Bools
    lone: Bools
    lone_always: Bools  # (families, steps before the window and in it)
    custody: Matrix
    surname: Matrix
    parent_surname: Matrix
    home: Matrix
    phone: Matrix
    homes: int
    phones: int
    events: dict[str, list[Ints]]
    """For each kind of event and step of the window, the families it happened to since the step before."""

    def happened(self, kind: str) -> Bools:
        """Whether `kind` happened to each family since the step before, shape (families, steps)."""
        mask = np.zeros(self.here.shape, dtype=bool)
        for step, families in enumerate(self.events[kind]):
            mask[families, step] = True
        return mask


KINDS = (
    "moved_in",
    "moved_back",
    "moved_out",
    "moved_within",
    "divorce",
    "remarriage",
    "step_adoption",
    "surname_change",
)


def live(seed: int, families: Families, clock: Clock) -> Households:
    """Let the families live from before the window to its end."""
    rng = stream(seed, "households")
    state = _beginning(families)
    columns: dict[str, list[NDArray[np.generic]]] = {
        name: [] for name in ("here", "lone", "custody", "surname", "parent_surname", "home", "phone")
    }
    events: dict[str, list[Ints]] = {kind: [] for kind in KINDS}
    lone_always = []
    for index in range(-clock.warm_up, clock.steps):
        time = clock.start + index * clock.step
        happened = _step(rng, state, families, time, clock.step)
        lone_always.append(state.lone.copy())
        if index >= 0:
            for name, column in columns.items():
                column.append(getattr(state, name).copy())
            for kind in KINDS:
                events[kind].append(np.flatnonzero(happened[kind]))
    stacked = {name: np.stack(column, axis=1) for name, column in columns.items()}
    return Households(
        here=stacked["here"].astype(bool),
        lone=stacked["lone"].astype(bool),
        lone_always=np.stack(lone_always, axis=1),
        **{name: stacked[name].astype(np.int32) for name in ("custody", "surname", "parent_surname", "home", "phone")},
        homes=state.homes,
        phones=state.phones,
        events=events,
    )


def _beginning(families: Families) -> State:
    count = len(families)
    surname = np.where(families.unmarried, families.mother_surname, families.father_surname)
    return State(
        here=np.full(count, False),
        ever_here=np.full(count, False),
        returns=np.full(count, np.inf),
        lone=families.unmarried.copy(),
        custody=np.where(families.unmarried, MOTHER, FATHER),
        stepfather=np.full(count, False),
        surname=surname.copy(),
        parent_surname=surname.copy(),
        home=np.arange(count),
        phone=np.arange(count),
        homes=count,
        phones=count,
    )


def _step(rng: np.random.Generator, state: State, families: Families, time: float, step: float) -> dict[str, Bools]:
    """One step of every family's life, in place; returns who each kind of event happened to."""
    begun = families.formed <= time
    before = state.surname.copy()
    divorce = _divorce(rng, state, families, begun, step)
    remarriage, adoption = _remarry(rng, state, families, begun & ~divorce, step)
    moves = _move(rng, state, families, begun, divorce, time, step)
    _new_phones(state, happens(rng, rates.CHANGES_PHONE * step, len(families)) | divorce)
    return {
        "divorce": divorce,
        "remarriage": remarriage,
        "step_adoption": adoption,
        "surname_change": state.surname != before,
        **moves,
    }


def _divorce(rng: np.random.Generator, state: State, families: Families, begun: Bools, step: float) -> Bools:
    count = len(families)
    divorce = begun & ~state.lone & happens(rng, rates.DIVORCE * step, count)
    father = divorce & happens(rng, rates.FATHER_CUSTODY, count) & ~state.stepfather
    mother = divorce & ~father
    state.lone |= divorce
    state.custody[mother] = MOTHER
    state.custody[father] = FATHER_ALONE
    back = mother & happens(rng, rates.SURNAME_CHANGES_AT_DIVORCE, count)
    state.surname[back] = families.mother_surname[back]
    state.parent_surname[back] = families.mother_surname[back]
    state.stepfather &= ~divorce
    return divorce


def _remarry(
    rng: np.random.Generator, state: State, families: Families, free: Bools, step: float
) -> tuple[Bools, Bools]:
    count = len(families)
    remarriage = free & state.lone & happens(rng, rates.REMARRIAGE * step, count)
    mother = remarriage & (state.custody == MOTHER)
    state.lone &= ~remarriage
    state.stepfather |= mother
    state.custody[mother] = STEPFATHER
    state.parent_surname[mother] = families.stepfather_surname[mother]
    adopted = mother & happens(rng, rates.ADOPTION_AT_REMARRIAGE, count)
    state.surname[adopted] = families.stepfather_surname[adopted]
    return remarriage, adopted


def _move(
    rng: np.random.Generator,
    state: State,
    families: Families,
    begun: Bools,
    divorce: Bools,
    time: float,
    step: float,
) -> dict[str, Bools]:
    count = len(families)
    rate = rates.moves_out(time - families.formed)
    away = happens(rng, rate * step, count) | (divorce & happens(rng, rates.MOVES_AWAY_AT_DIVORCE, count))
    out = begun & state.here & away
    moved_in = begun & ~state.ever_here & (families.arrives <= time)
    back = begun & ~state.here & (state.returns <= time)
    within_rate = rates.MOVES_WITHIN * rate * step + rates.MOVES_AT_DIVORCE * divorce
    within = begun & state.here & ~out & happens(rng, within_rate, count)
    returning = out & happens(rng, rates.RETURNS, count)
    state.returns[out | back] = np.inf
    state.returns[returning] = time + 0.5 + rng.exponential(rates.YEARS_AWAY, count)[returning]
    state.here = (state.here & ~out) | moved_in | back
    state.ever_here |= moved_in
    new_home = within | back
    state.home[new_home] = state.homes + np.arange(new_home.sum())
    state.homes += int(new_home.sum())
    return {
        "moved_in": moved_in & np.isfinite(families.arrives),
        "moved_back": back,
        "moved_out": out,
        "moved_within": within,
    }


def _new_phones(state: State, changed: Bools) -> None:
    state.phone[changed] = state.phones + np.arange(changed.sum())
    state.phones += int(changed.sum())
