"""A synthetic city: what its departments deliver, and the truth beside it.

families → households through the years → hardship → lives → what each department measures → under which number,
how late and how wrongly it keeps it → the delivery, and the truth
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from synthetic.chance import Bools, Ints, stream
from synthetic.clock import Clock
from synthetic.delivery import encoded
from synthetic.department import DEPARTMENTS
from synthetic.hardship import ONSETS
from synthetic.health import health_records
from synthetic.identity import write_identity
from synthetic.places import build_homes, build_phones
from synthetic.profile import load_profile
from synthetic.register import Register, keep_register
from synthetic.school import school_records
from synthetic.shared_numbers import shared_numbers, written_numbers
from synthetic.truth import tell_truth
from synthetic.welfare import welfare_records
from synthetic.world import World, simulate
from vocabulary.errors import UsageError

MEASURE = {"welfare": welfare_records, "school": school_records, "health": health_records}
FAMILIES_PER_CHILD = 0.9
"""First guess of how many families have to be simulated for each child that some department comes to know."""

Measured = dict[str, tuple[Ints, pl.DataFrame]]
"""For each department the rows of lives it delivers a record of, and its measurements of them."""


@dataclass(frozen=True)
class City:
    """A city's delivery and truth.

    `sources` has a frame for each department: the contract's columns, identity as text in the form delivered.
    `truth` has the frames of `vocabulary.frames.TRUTH` and, beyond them, `events` and `presence`.
    """

    sources: dict[str, pl.DataFrame]
    truth: dict[str, pl.DataFrame]


def build_city(
    children: int,
    seed: int,
    years: range = range(2008, 2026),
    profile: str = "typical",
    dates_per_year: int = 1,
    shared_number: float = 0.0,
    onsets: str = "usual",
) -> City:
    """A city of exactly `children` children aged 0–18 who live in it, and are in some record, in the window.

    Parameters
    ----------
    children
        Distinct children of the truth, 1 or more.
    seed
        Same seed and parameters, same frames, in any process.
    years
        Fiscal years in which the reference dates fall, without gaps.
    profile
        Name of a table of `profiles.toml`.
    dates_per_year
        1 (1 April), 2 (1 April, 1 October) or 12 (the first of every month).
    shared_number
        Share of the children whom every department knows under one number too, 0–1. Only above 0 have the sources the
        column `shared_number`; all else of the city is the same.
    onsets
        How hardship shows in the records, one of `synthetic.hardship.ONSETS`.

    Raises
    ------
    UsageError
        A parameter is out of range, or there is no such profile.
    """
    if children < 1:
        raise UsageError("synthetic.no_children", children=children)
    if len(years) == 0:
        raise UsageError("synthetic.no_years")
    if dates_per_year not in (1, 2, 12):
        raise UsageError("synthetic.dates_per_year", dates=dates_per_year)
    if not 0 <= shared_number <= 1:
        raise UsageError("synthetic.shared_number", share=shared_number)
    if onsets not in ONSETS:
        raise UsageError("synthetic.unknown_onsets", onsets=onsets, known=", ".join(ONSETS))
    chosen, clock = load_profile(profile), Clock(years.start, years.stop, dates_per_year)
    families = int(children * FAMILIES_PER_CHILD) + 40
    while True:
        world = simulate(seed, families, chosen, clock, onsets)
        measured = _measure(seed, world)
        recorded = np.unique(np.concatenate([world.lives.child[rows] for rows, _ in measured.values()]))
        if len(recorded) >= children:
            return _record(seed, world, measured, recorded[:children], shared_number)
        families = int(families * 1.1 * children / max(len(recorded), 1)) + 40


def write_city(city: City, out: Path) -> list[Path]:
    """Write `out/delivery/<source>.csv` and, apart from it, `out/truth/<frame>.csv`; returns the files written.

    Raises
    ------
    UsageError
        One of the files is there already: cities are never mixed.
    """
    files = {out / "delivery" / f"{name}.csv": encoded(name, frame) for name, frame in city.sources.items()}
    files |= {out / "truth" / f"{name}.csv": frame.write_csv().encode() for name, frame in city.truth.items()}
    if any(path.exists() for path in files):
        raise UsageError("synthetic.not_empty", folder=out)
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return list(files)


def _measure(seed: int, world: World) -> Measured:
    """What each department measures, without the records that never arrive."""
    measured = {}
    for name, measure in MEASURE.items():
        rows, frame = measure(seed, world.lives)
        arrives = stream(seed, f"missing {name}").random(len(rows)) >= world.profile.missing_row
        measured[name] = rows[arrives], frame.filter(pl.Series(arrives))
    return measured


def _record(seed: int, world: World, measured: Measured, chosen: Ints, shared_number: float) -> City:
    """The delivery and the truth of the `chosen` children, of whom `shared_number` have a number all sources share."""
    kept: Bools = np.zeros(len(world.children), dtype=bool)
    kept[chosen] = True
    homes = build_homes(seed, world.households.homes)
    phones = build_phones(seed, 2 * world.households.phones)  # a father's and a mother's
    numbers = shared_numbers(seed, shared_number, kept, world)
    sources: dict[str, pl.DataFrame] = {}
    registers: dict[str, Register] = {}
    for name, (rows, frame) in measured.items():
        mask = kept[world.lives.child[rows]]
        life = rows[mask]
        rng = stream(seed, f"register {name}")
        register = keep_register(rng, DEPARTMENTS[name], life, world)
        identity = write_identity(rng, DEPARTMENTS[name], register, world, homes, phones)
        if shared_number:
            numbers_rng = stream(seed, f"shared numbers {name}")
            identity = identity.with_columns(shared_number=written_numbers(numbers_rng, numbers, register, world))
        measurements = frame.filter(pl.Series(mask))[np.searchsorted(life, register.life)]
        sources[name] = pl.concat([identity, measurements], how="horizontal")
        registers[name] = register
    return City(sources, tell_truth(world, kept, registers))
