"""A number under which every department knows a child (統一宛名番号), for the share of the children who have one.

Clerks mistype it like any number, and a few numbers of children who have left are given to others later: it is strong
evidence of who a record is about, and no proof.
"""

import numpy as np
import polars as pl

from synthetic.chance import Bools, Ints, happens, stream
from synthetic.register import Register
from synthetic.slips import Dice, changed, wrong_digit
from synthetic.world import World

MISTYPED = 0.005
"""Share of the records under a number whose shared number has a wrong digit (estimate)."""

GIVEN_AGAIN = 0.003
"""Share of the numbers that another child had before (estimate)."""


def shared_numbers(seed: int, share: float, kept: Bools, world: World) -> pl.Series:
    """The shared number of each child of the world, as String; null for the children without one.

    `share` of the children of the mask `kept` have one, of ten digits.
    """
    rng = stream(seed, "shared numbers")
    has = kept & happens(rng, share, len(kept))
    serial = rng.choice(10**9, len(kept), replace=False)  # scattered, so that a slip seldom gives another child's
    again, holder = _given_again(rng, has, world)
    serial[again] = serial[holder]
    digits = pl.Series(serial).cast(pl.String).str.zfill(9)
    return pl.select(pl.when(pl.Series(has)).then(pl.format("3{}", digits)).alias("shared_number")).to_series()


def written_numbers(rng: np.random.Generator, numbers: pl.Series, register: Register, world: World) -> pl.Series:
    """The shared number in every record of a department's `register`, with the slips its clerks made."""
    known = numbers.gather(world.lives.child[register.life])
    return changed(known, Dice(rng, register.registration).slip(MISTYPED), wrong_digit)


def _given_again(rng: np.random.Generator, has: Bools, world: World) -> tuple[Ints, Ints]:
    """Children who are given the number of another, and those others, who left the city before."""
    first, last = _stay(world)
    holders = np.flatnonzero(has)
    holders = holders[np.argsort(last[holders], kind="stable")]
    chosen = np.flatnonzero(has & happens(rng, GIVEN_AGAIN, len(has)))
    gone = np.searchsorted(last[holders], first[chosen])  # how many holders left before the child came
    drawn = np.floor(rng.random(len(chosen)) * gone).astype(np.int64)
    chosen, drawn = chosen[gone > 0], drawn[gone > 0]
    drawn, one_each = np.unique(drawn, return_index=True)  # no number goes to a third child
    return chosen[one_each], holders[drawn]


def _stay(world: World) -> tuple[Ints, Ints]:
    """First and last step at which each child of the world lives in the city."""
    child, step = world.lives.child, world.lives.step
    first = np.full(len(world.children), world.clock.steps, dtype=np.int64)
    last = np.full(len(world.children), -1, dtype=np.int64)
    np.minimum.at(first, child, step)
    np.maximum.at(last, child, step)
    return first, last
