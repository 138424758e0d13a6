"""The evidence of one pair taken apart: what each comparison adds, in bits, to each of its two readings.

A reading is a sum: one child against two strangers, and one child against two children of one household. Against
strangers the household comparisons are a mixture of the ways in which a household may show, and a mixture is not a sum;
there each comparison is given what it adds to the mixture of those before it: the weight of its level, given theirs. So
the contributions of a reading, with what the other reading leaves open, add up to the evidence that linkage used.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from linkage.comparisons import COMPARISONS, HOUSEHOLD, INDIVIDUAL, Comparison
from linkage.evidence import (
    IMPLAUSIBLE_AGE,
    NAMESAKES,
    SAME_NUMBER,
    SAME_NUMBER_SIBLING,
    like_namesakes,
    like_twins,
    weigh,
    weight,
    weights,
)
from linkage.levels import level_key
from linkage.model import WAYS, Model, Shares

Reading = Literal["strangers", "siblings"]

CIRCUMSTANCES = ("prior", "same_number", "held_at_once", "implausible_age", "namesakes", "support")
"""Terms of a reading that are no comparison."""

BIRTH_DATE = next(comparison for comparison in COMPARISONS if comparison.name == "birth_date")

TAKEN = (
    "against_siblings",
    "against",
    "years",
    "like_twins",
    "held_at_once",
    "same_number",
    "implausible_age",
)
"""Columns of a weighed pair that an explanation takes over."""


@dataclass(frozen=True)
class Contribution:
    """What one thing adds to a reading.

    Attributes
    ----------
    term
        A comparison's name, or one of `CIRCUMSTANCES`: `prior` or `same_number`, what holds before anything is
        compared; `held_at_once`, that the household cannot have changed between two records of one source and date;
        `implausible_age`; `namesakes`, that strangers of one birthday are named alike more often than chance has it;
        `support`, that a brother or sister connects the two households.
    bits
        Weight: log2 of how many times likelier it is of one child.
    level
        `linkage.levels.level_key` of the level of agreement; None with nothing to compare, and of circumstances.
    frequency
        Share of the profiles that show the agreed value, where it is weighed by its frequency; else None.
    frequency_bits
        The part of `bits` that is due to it: by how much the value is rarer (positive) or more frequent than values
        that agree by chance mostly are.
    """

    term: str
    bits: float
    level: str | None = None
    frequency: float | None = None
    frequency_bits: float | None = None


@dataclass(frozen=True)
class Way:
    """One way in which the household of one child may show.

    Attributes
    ----------
    way
        Of `linkage.model.WAYS`.
    share
        Its share of the pairs of one child with this time between them.
    bits
        Weight of the household comparisons in this way by the comparison's name, its share not included.
    likely
        Its probability if the two are one child, from the household comparisons; 0 where circumstances exclude it.
    """

    way: str
    share: float
    bits: dict[str, float]
    likely: float


@dataclass(frozen=True)
class Explanation:
    """The evidence of a pair, in bits.

    Attributes
    ----------
    strangers, siblings
        Contributions to one child against two strangers, and against two children of one household. Each adds up to
        its reading, `against_strangers` and `against_siblings`.
    ways
        The household comparisons in each way the household may show.
    evidence, against
        As linkage used them; `evidence` is at most the smaller reading.
    decided_by
        The smaller reading.
    other_reading
        `evidence` less the smaller reading, from −1 to 0.
    years
        Class of the time between the two (`linkage.circumstances.YEARS_BETWEEN`).
    like_twins
        Whether birth dates agree, so that a brother or sister would be a twin.
    held_at_once, same_number, implausible_age
        Circumstances (`linkage.circumstances.with_circumstances`).
    """

    strangers: tuple[Contribution, ...]
    siblings: tuple[Contribution, ...]
    ways: tuple[Way, ...]
    against_strangers: float
    against_siblings: float
    evidence: float
    against: float
    decided_by: Reading
    other_reading: float
    years: int
    like_twins: bool
    held_at_once: bool
    same_number: bool
    implausible_age: bool


def explain(pair: pl.DataFrame, model: Model) -> Explanation:
    """Take the evidence of one pair apart.

    Parameters
    ----------
    pair
        One row: a compared pair with its circumstances and, if known, its `support`, as of
        `linkage.link.Linkage.pairs`.
    model
        The model that weighed it.
    """
    row = weigh(weights(pair, model), model).with_columns(like_twins=like_twins()).row(0, named=True)
    support = _support(pair)
    strangers, siblings = row["against_strangers"] + sum(one.bits for one in support), row["against_siblings"]
    evidence = -float(np.logaddexp2(-strangers, -siblings))
    return Explanation(
        strangers=(*_against_strangers(pair, model), *support),
        siblings=_against_siblings(pair, model),
        ways=_ways(pair, model),
        against_strangers=strangers,
        evidence=evidence,
        decided_by="strangers" if strangers <= siblings else "siblings",
        other_reading=evidence - min(strangers, siblings),
        **{name: row[name] for name in TAKEN},
    )


def _against_strangers(pair: pl.DataFrame, model: Model) -> tuple[Contribution, ...]:
    prior = math.log2(model.match_prior / (1 - model.match_prior))
    individual = [
        _contribution(pair, comparison, _bits(pair, comparison, model.m, model.u), model) for comparison in INDIVIDUAL
    ]
    household = _household(pair, model)
    parted = sum(one.bits for one in household) < 0 and pair.select(like_namesakes()).item()
    namesakes = [Contribution("namesakes", -NAMESAKES)] if parted else []
    return (*_before(pair, prior, SAME_NUMBER), *individual, *household, *namesakes)


def _against_siblings(pair: pl.DataFrame, model: Model) -> tuple[Contribution, ...]:
    other = model.twin if pair.select(like_twins()).item() else model.sibling
    under = {"birth_date": model.sibling["birth_date"]} | other
    individual = [
        Contribution(
            comparison.name, _bits(pair, comparison, model.m, under, by_frequency=False), _level(pair, comparison)
        )
        for comparison in INDIVIDUAL
    ]
    return (*_before(pair, -math.log2(model.sibling_odds), SAME_NUMBER_SIBLING), *individual)


def _before(pair: pl.DataFrame, prior: float, same_number: float) -> list[Contribution]:
    """What holds before the two are compared."""
    one_number = pair["same_number"].item()
    found = [Contribution("same_number", same_number) if one_number else Contribution("prior", prior)]
    born_alike = pair["gamma_birth_date"].item() == len(BIRTH_DATE.levels) - 1
    if pair["implausible_age"].item() and not born_alike:
        found.append(Contribution("implausible_age", -IMPLAUSIBLE_AGE))
    return found


def _household(pair: pl.DataFrame, model: Model) -> list[Contribution]:
    """The household comparisons one after the other, each with what it adds to those before it."""
    ways = _possible(pair, model)
    before = np.log2(list(ways.values()))
    found = []
    total = 0.0
    if pair["held_at_once"].item():
        total = float(np.logaddexp2.reduce(before))
        found.append(Contribution("held_at_once", total))
    for comparison in HOUSEHOLD:
        before = before + [_bits(pair, comparison, _shares(pair, model, way), model.u) for way in ways]
        after = float(np.logaddexp2.reduce(before))
        found.append(_contribution(pair, comparison, after - total, model))
        total = after
    return found


def _support(pair: pl.DataFrame) -> list[Contribution]:
    """What brothers and sisters add (`linkage.households.with_support`), which only a whole linkage can tell."""
    bits = pair["support"].item() if "support" in pair.columns else 0.0
    return [Contribution("support", bits)] if bits else []


def _ways(pair: pl.DataFrame, model: Model) -> tuple[Way, ...]:
    possible = _possible(pair, model)
    bits = {
        way: {comparison.name: _bits(pair, comparison, _shares(pair, model, way), model.u) for comparison in HOUSEHOLD}
        for way in WAYS
    }
    joint = {way: math.log2(share) + sum(bits[way].values()) for way, share in possible.items()}
    together = float(np.logaddexp2.reduce(list(joint.values())))
    return tuple(
        Way(way, model.ways[way][_time(pair)], bits[way], 2 ** (joint[way] - together) if way in joint else 0.0)
        for way in WAYS
    )


def _possible(pair: pl.DataFrame, model: Model) -> dict[str, float]:
    """The ways the household may show, with their shares; it does not change within one date of one source."""
    shares = {way: model.ways[way][_time(pair)] for way in WAYS}
    return {way: share for way, share in shares.items() if way != "changed" or not pair["held_at_once"].item()}


def _shares(pair: pl.DataFrame, model: Model, way: str) -> Shares:
    return model.household[way][_time(pair)]


def _time(pair: pl.DataFrame) -> int:
    return int(pair["years"].item())


def _bits(
    pair: pl.DataFrame, comparison: Comparison, over: Shares, under: Shares, *, by_frequency: bool = True
) -> float:
    return float(pair.select(weight([comparison], over, under, by_frequency=by_frequency)).item())


def _contribution(pair: pl.DataFrame, comparison: Comparison, bits: float, model: Model) -> Contribution:
    """With the agreed value's frequency, where the level is weighed by it."""
    place = _place(pair, comparison)
    if place is None or not comparison.levels[place].by_frequency:
        return Contribution(comparison.name, bits, _level(pair, comparison))
    rarity = pair[f"rarity_{comparison.name}"].item()
    due = rarity + math.log2(model.u[comparison.name][place])
    return Contribution(comparison.name, bits, _level(pair, comparison), 2**-rarity, due)


def _level(pair: pl.DataFrame, comparison: Comparison) -> str | None:
    place = _place(pair, comparison)
    return None if place is None else level_key(comparison.levels[place])


def _place(pair: pl.DataFrame, comparison: Comparison) -> int | None:
    """Place of the pair's level, the strongest being 0; None with nothing to compare."""
    gamma = pair[f"gamma_{comparison.name}"].item()
    return None if gamma < 0 else len(comparison.levels) - 1 - int(gamma)
