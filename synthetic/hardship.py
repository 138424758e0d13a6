"""Hardship: when it begins in a child's life, how long it lasts, and how strongly it works at each reference date.

A latent process. Nothing of it is delivered; what departments record depends on it faintly and late. The onsets are
the truth that flags are measured against.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from synthetic.chance import Bools, Floats, Ints, happens, stream
from synthetic.clock import Clock
from synthetic.data import read_toml

LONE_PARENT_FACTOR = 1.8
LOW_INCOME_FACTOR = 2.0
"""How much likelier hardship begins in a one-parent or low-income home (estimates)."""


@dataclass(frozen=True)
class Kind:
    """One kind of hardship, as `hardship.toml` states it."""

    name: str
    whole_family: bool
    years: float
    lag: float
    effect: dict[str, float]
    by: str = "age"
    onset: Sequence[tuple[int, float]] = ()
    after: str | None = None
    share: float = 0.0

    def hazard(self, age: Floats, grade: Ints) -> Floats:
        """Share in whom it begins in a year, by age or grade; 0 below the first bound."""
        bounds = [bound for bound, _ in self.onset]
        shares = np.array([0.0, *[share for _, share in self.onset]])
        return shares[np.searchsorted(bounds, age if self.by == "age" else grade, side="right")]


ONSETS = {"usual": "hardship.toml", "faint": "hardship_faint.toml"}
"""How hardship shows, and the file that states it: as estimated, or a little in many records and nowhere much."""


@cache
def kinds(onsets: str = "usual") -> tuple[Kind, ...]:
    """Every kind of hardship as `onsets` (of `ONSETS`) has it, in the order of the file."""
    return tuple(Kind(name=name, **entry) for name, entry in read_toml(ONSETS[onsets]).items())


@dataclass(frozen=True)
class Hardship:
    """How strongly each kind works on each child at each step, and where it began.

    `kinds` are those drawn. `strength` is kind → (children, steps): the share of the step in which it was at work,
    times its severity.
    `onsets` is kind → (child, step) pairs in order of step; `severity` kind → of each child's episodes, 1 being usual.
    """

    kinds: tuple[Kind, ...]
    strength: dict[str, NDArray[np.float32]]
    onsets: dict[str, tuple[Ints, Ints]]
    severity: dict[str, Floats]


@dataclass(frozen=True)
class Circumstances:
    """What makes hardship likelier: shapes (children, steps), `divorced` the families of each step."""

    family: Ints
    present: Bools
    age: Floats
    grade: Ints
    lone: Bools
    poor: Bools
    divorced: list[Ints]


def draw_hardships(seed: int, life: Circumstances, clock: Clock, drawn: tuple[Kind, ...]) -> Hardship:
    """Draw the hardships of every child."""
    strength, onsets, severity = {}, {}, {}
    for kind in drawn:
        rng = stream(seed, f"hardship {kind.name}")
        unit = life.family if kind.whole_family else np.arange(len(life.present))
        severity[kind.name] = _severity(rng, unit)
        strength[kind.name], onsets[kind.name] = _one_kind(rng, kind, life, clock, unit, severity[kind.name])
    return Hardship(drawn, strength, onsets, severity)


def _severity(rng: np.random.Generator, unit: Ints) -> Floats:
    """How severe the episodes of each child are; those of one unit alike."""
    drawn: Floats = np.clip(rng.lognormal(-0.1, 0.4, int(unit.max()) + 1), 0.3, 2.0)[unit]
    return drawn


def _one_kind(
    rng: np.random.Generator, kind: Kind, life: Circumstances, clock: Clock, unit: Ints, severity: Floats
) -> tuple[NDArray[np.float32], tuple[Ints, Ints]]:
    """One kind's strength and onsets; while an episode lasts no second one of its kind begins."""
    children, steps = life.present.shape
    units = int(unit.max()) + 1
    begin, end = np.full(units, -np.inf), np.full(units, -np.inf)
    strength = np.zeros((children, steps), dtype=np.float32)
    began_children, began_steps = [], []
    youngest = _youngest(unit, units)
    for step, time in enumerate(clock.times):
        chosen = happens(rng, _onset_share(kind, life, step, clock)[youngest], units)
        new = chosen & (end <= time)
        lasting = kind.years * rng.gamma(2.0, 0.5, units) + 0.5
        onset = time + rng.random(units) * clock.step + rng.random(units) * kind.lag
        begin[new] = onset[new]
        end[new] = (onset + lasting)[new]
        overlap = np.minimum(end, time + clock.step) - np.maximum(begin, time)
        strength[:, step] = np.clip(overlap / clock.step, 0, 1)[unit] * severity
        began = np.flatnonzero(new[unit] & life.present[:, step])
        began_children.append(began)
        began_steps.append(np.full(len(began), step))
    return strength, (np.concatenate(began_children), np.concatenate(began_steps))


def _youngest(unit: Ints, units: int) -> Ints:
    """For each unit the last child that belongs to it; units without a child take child 0."""
    last = np.zeros(units, dtype=np.int64)
    np.maximum.at(last, unit, np.arange(len(unit)))
    return last


def _onset_share(kind: Kind, life: Circumstances, step: int, clock: Clock) -> Floats:
    """Probability for each child that this kind begins in this step."""
    if kind.after == "divorce":
        divorced = np.isin(life.family, life.divorced[step])
        return np.where(divorced, kind.share, 0.0)
    hazard = kind.hazard(life.age[:, step], life.grade[:, step]) * clock.step
    factor = np.where(life.lone[:, step], LONE_PARENT_FACTOR, 1.0)
    factor = factor * np.where(life.poor[:, step], LOW_INCOME_FACTOR, 1.0)
    return np.where(life.present[:, step], hazard * factor, 0.0)
