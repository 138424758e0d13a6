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
from synthetic.families import Children, Families, bear_children, found_families
from synthetic.health import health_records
from synthetic.households import Households, live
from synthetic.identity import write_identity
from synthetic.lives import Lives, lead
from synthetic.names import names
from synthetic.places import build_homes, build_phones
from synthetic.profile import Profile, load_profile
from synthetic.register import keep_register
from synthetic.school import school_records
from synthetic.truth import tell_truth
from synthetic.welfare import welfare_records
from vocabulary.errors import UsageError

MEASURE = {"welfare": welfare_records, "school": school_records, "health": health_records}
FAMILIES_PER_CHILD = 0.75
"""First guess of how many families have to be simulated for each child that some department comes to know."""


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
    chosen, clock = load_profile(profile), Clock(years.start, years.stop, dates_per_year)
    families = int(children * FAMILIES_PER_CHILD) + 40
    while True:
        city, known = _simulate(families, children, seed, chosen, clock)
        if known >= children:
            return city
        families = int(families * 1.05 * children / max(known, 1)) + 40


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


def _simulate(count: int, wanted: int, seed: int, profile: Profile, clock: Clock) -> tuple[City, int]:
    """A city of `count` families cut to `wanted` recorded children, and how many were recorded before the cut."""
    families = found_families(seed, count, clock, names())
    households = live(seed, families, clock)
    children = bear_children(seed, families, profile.twins, names())
    lives, hardship = lead(seed, children, households, clock)
    measured = {name: measure(seed, lives) for name, measure in MEASURE.items()}
    delivered = {
        name: _delivered(stream(seed, f"missing {name}"), profile, rows, frame)
        for name, (rows, frame) in measured.items()
    }
    recorded = np.unique(np.concatenate([lives.child[rows] for rows, _ in delivered.values()]))
    kept = np.zeros(len(children), dtype=bool)
    kept[recorded[:wanted]] = True
    if len(recorded) < wanted:
        return City({}, {}), len(recorded)
    sources, records = _keep(seed, delivered, kept, lives, families, children, households, profile, clock)
    truth = tell_truth(kept, records, children, lives, households, hardship, clock)
    return City(sources, truth), len(recorded)


def _delivered(
    rng: np.random.Generator, profile: Profile, rows: Ints, frame: pl.DataFrame
) -> tuple[Ints, pl.DataFrame]:
    """The records that are delivered at all."""
    arrives = rng.random(len(rows)) >= profile.missing_row
    return rows[arrives], frame.filter(pl.Series(arrives))


def _keep(
    seed: int,
    delivered: dict[str, tuple[Ints, pl.DataFrame]],
    kept: Bools,
    lives: Lives,
    families: Families,
    children: Children,
    households: Households,
    profile: Profile,
    clock: Clock,
) -> tuple[dict[str, pl.DataFrame], dict[str, tuple[pl.Series, Ints]]]:
    """Each department's records with its identity columns, and for the truth the local id and life row of each."""
    homes, phones = build_homes(seed, households.homes), build_phones(seed, households.phones)
    foreign = families.country >= 0
    sources, records = {}, {}
    for name, (rows, frame) in delivered.items():
        rng = stream(seed, f"register {name}")
        chosen = kept[lives.child[rows]]
        life, measured = rows[chosen], frame.filter(pl.Series(chosen))
        register = keep_register(rng, DEPARTMENTS[name], life, lives, families, children, households, profile, clock)
        identity = write_identity(
            rng, DEPARTMENTS[name], register, lives, children, foreign, homes, phones, profile, clock
        )
        whole = pl.concat([identity, measured[np.searchsorted(life, register.life)]], how="horizontal")
        order = np.lexsort((register.registration, lives.step[register.life]))
        sources[name] = whole[order]
        records[name] = (register.local_id.gather(order), register.life[order])
    return sources, records
