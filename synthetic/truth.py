"""The truth beside a delivery: who each record is about, who the children are, and when hardship began.

Beyond the contract's frames it tells how strong each onset is, what happened to the children (`events`) and how they
lived (`presence`), for breaking figures down and for holding the city to the official ones.
"""

import numpy as np
import polars as pl

from synthetic.chance import Bools, Ints
from synthetic.clock import Clock
from synthetic.households import MOTHER
from synthetic.register import Register
from synthetic.world import World
from vocabulary.frames import TRUTH_CHILDREN, TRUTH_RECORDS, TRUTH_SHOCKS


def tell_truth(world: World, kept: Bools, registers: dict[str, Register]) -> dict[str, pl.DataFrame]:
    """The truth of the children of the mask `kept`; `registers` holds each source's records as delivered."""
    name = _names_of("C", kept, np.arange(len(kept)))
    children = pl.DataFrame(
        {
            "child": name,
            "family": _names_of("F", kept, world.children.family),
            "birth_date": pl.Series(world.clock.day(world.children.birth), dtype=pl.Date),
            "twin": world.children.twin,
        },
        schema=TRUTH_CHILDREN,
    )
    return {
        "records": _records(world, registers, name),
        "children": children.filter(pl.Series(kept)),
        "shocks": _shocks(world, kept, registers, name),
        "events": _events(world, kept, name),
        "presence": _presence(world, kept, name),
    }


def _names_of(letter: str, kept: Bools, key: Ints) -> pl.Series:
    """C0000001, C0000002 … for each distinct `key` among the kept, in order; null for the others."""
    _, serial = np.unique(key[kept], return_inverse=True)
    numbers = np.zeros(len(key), dtype=np.int64)
    numbers[kept] = serial + 1
    written = pl.format(letter + "{}", pl.Series(numbers).cast(pl.String).str.zfill(7))
    return pl.select(pl.when(pl.Series(kept)).then(written).alias("name"))["name"]


def _dates(clock: Clock, step: Ints) -> pl.Series:
    return pl.Series(clock.dates, dtype=pl.Date).gather(step)


def _records(world: World, registers: dict[str, Register], name: pl.Series) -> pl.DataFrame:
    lives = world.lives
    frames = [
        pl.DataFrame(
            {
                "source": pl.repeat(source, len(register.life), eager=True),
                "local_id": register.local_id,
                "as_of": _dates(world.clock, lives.step[register.life]),
                "child": name.gather(lives.child[register.life]),
            },
            schema=TRUTH_RECORDS,
        )
        for source, register in registers.items()
    ]
    return pl.concat(frames)


def _shocks(world: World, kept: Bools, registers: dict[str, Register], name: pl.Series) -> pl.DataFrame:
    """Onsets of children with a record in that year or the next: no warning can come of what no department sees.

    `strength` is how severe it is, 1 being usual.
    """
    clock, lives = world.clock, world.lives
    recorded = np.zeros((len(kept), clock.stop - clock.start + 1), dtype=bool)
    for register in registers.values():
        recorded[lives.child[register.life], lives.year[register.life] - clock.start] = True
    frames = []
    for kind, (child, step) in world.hardship.onsets.items():
        year = step // clock.per_year
        seen = kept[child] & (recorded[child, year] | recorded[child, year + 1])
        columns = {
            "child": name.gather(child[seen]),
            "year": year[seen] + clock.start,
            "kind": pl.repeat(kind, int(seen.sum()), eager=True),
        }
        strength = pl.Series("strength", world.hardship.severity[kind][child[seen]].round(3), dtype=pl.Float64)
        frames.append(pl.DataFrame(columns, schema=TRUTH_SHOCKS).with_columns(strength))
    return pl.concat(frames).sort("child", "year", "kind")


def _events(world: World, kept: Bools, name: pl.Series) -> pl.DataFrame:
    """What happened to the children since the reference date before: columns child, as_of, event.

    An event counts for the children who live in the city at its reference date; moving out, for those who did at the
    date before.
    """
    households, children, clock = world.households, world.children, world.clock
    present = np.zeros((len(children), clock.steps), dtype=bool)
    present[world.lives.child, world.lives.step] = True
    before = np.c_[np.zeros(len(children), dtype=bool), present[:, :-1]]
    happened = {kind: households.happened(kind)[children.family] & present for kind in households.events}
    left_home = children.left_home(clock.times)
    happened["moved_out"] = before & (households.happened("moved_out")[children.family] | left_home)
    frames = []
    for kind, mask in happened.items():
        child, step = np.nonzero(mask & kept[:, None])
        columns = {
            "child": name.gather(child),
            "as_of": _dates(clock, step),
            "event": pl.repeat(kind, len(child), eager=True),
        }
        frames.append(pl.DataFrame(columns))
    return pl.concat(frames).sort("child", "as_of", "event")


def _presence(world: World, kept: Bools, name: pl.Series) -> pl.DataFrame:
    """How each child lives at each reference date it is in the city: age, grade, who with, poverty, nationality."""
    lives, households = world.lives, world.households
    mother = households.custody[lives.family, lives.step] == MOTHER
    return pl.DataFrame(
        {
            "child": name.gather(lives.child),
            "as_of": _dates(world.clock, lives.step),
            "age": np.floor(lives.age).astype(np.int64),
            "grade": lives.grade,
            "lives_with": np.where(lives.lone, np.where(mother, "mother", "father"), "both"),
            "poor": lives.poor,
            "foreign": world.families.country[lives.family] >= 0,
        }
    ).filter(pl.Series(kept[lives.child]))
