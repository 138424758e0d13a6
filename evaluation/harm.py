"""What wrong flags and missed children cost, under assumptions the reader sets.

No figure of quality says whether a list is worth having: that depends on how much worse it is to miss a child than to
look at one in vain. So the reader states both in hours, and the list is valued over the whole range of that ratio by
its net benefit, which counts children found less wrong flags at the exchange the ratio sets (Vickers & Elkin 2006).
"""

from collections.abc import Mapping
from functools import partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from evaluation.estimate import Estimate, estimates, per_child
from evaluation.judgement import Scene, hits, share
from evaluation.rate import Figures, Rate

Floats = NDArray[np.float64]

RATIOS = (0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0)
"""How many wrong flags a missed child is taken to be as bad as."""

PER = 1000


class Assumptions(Figures):
    """What the reader states, in hours of work or whatever unit is held to be as good.

    `case` is what looking at any one flag takes, `wrong` what a wrong flag costs beyond that (the child's family
    included), `missed` what it costs that a child with an onset is not looked at.
    """

    case: float = 3.0
    wrong: float = 2.0
    missed: float = 40.0

    @property
    def ratio(self) -> float:
        """Wrong flags that a missed child is as bad as: what finding it saves, over what a wrong flag costs in all."""
        return max(self.missed - self.case, 0.0) / (self.case + self.wrong) if self.case + self.wrong > 0 else 0.0


class Cost(Figures):
    """What one rule's list costs per 1,000 child-years, in the assumed unit; `net` is what it saves beside no list."""

    rule: str
    looking: float
    wrong: float
    missed: float
    total: float
    net: Estimate


class Benefit(Figures):
    """Net benefit of one rule per 1,000 child-years where a missed child is as bad as `ratio` wrong flags."""

    rule: str
    ratio: float
    net: Estimate


class Harm(Figures):
    """The costs under the reader's assumptions, and the net benefit over all ratios.

    `breaks_even` is the ratio from which the flags are worth more than no list: wrong flags for each right one.
    """

    capacity: float
    assumptions: Assumptions
    precision: Rate
    costs: tuple[Cost, ...]
    benefits: tuple[Benefit, ...]
    breaks_even: Estimate


def harm(listed: Mapping[str, pl.DataFrame], judged: Scene, capacity: float, assumptions: Assumptions) -> Harm:
    """Value lists (`child, year`, by rule) on child-years with and without an onset."""
    there = judged.present.height
    everyone = hits(judged.present, judged)
    with_onset = int(everyone["hit"].sum())
    sums = {rule: _right_and_wrong(hits(each.select("child", "year"), judged)) for rule, each in listed.items()}
    nobody = _cost("nobody", np.zeros((1, 2)), there, with_onset, assumptions)
    flags = sums["flags"]
    return Harm(
        capacity=capacity,
        assumptions=assumptions,
        precision=share(hits(listed["flags"], judged), pl.col("hit")),
        costs=(nobody, *(_cost(rule, each, there, with_onset, assumptions) for rule, each in sums.items())),
        benefits=tuple(
            benefit
            for rule, each in ({**sums, "everyone": _right_and_wrong(everyone)}).items()
            for benefit in _benefits(rule, each, there)
        ),
        breaks_even=estimates(flags, lambda totals: totals[:, 1] / totals[:, 0])[0],
    )


def _right_and_wrong(marked: pl.DataFrame) -> Floats:
    """Right and wrong child-years of each child."""
    return per_child(marked.with_columns(wrong=~pl.col("hit")), ["hit", "wrong"])


def _benefits(rule: str, totals: Floats, there: int) -> tuple[Benefit, ...]:
    """Net benefit over all ratios."""

    def net(ratio: float, sums: Floats) -> Floats:
        return np.asarray(PER * (sums[:, 0] - sums[:, 1] / ratio) / there)

    found = estimates(totals, *(partial(net, ratio) for ratio in RATIOS))
    return tuple(Benefit(rule=rule, ratio=ratio, net=each) for ratio, each in zip(RATIOS, found, strict=True))


def _cost(rule: str, totals: Floats, there: int, with_onset: int, assumed: Assumptions) -> Cost:
    right, wrong = totals.sum(axis=0)
    looking = PER * assumed.case * (right + wrong) / there
    beyond = PER * assumed.wrong * wrong / there
    missed = PER * assumed.missed * (with_onset - right) / there
    saved = estimates(
        totals,
        lambda sums: (
            PER
            * (assumed.missed * sums[:, 0] - assumed.wrong * sums[:, 1] - assumed.case * (sums[:, 0] + sums[:, 1]))
            / there
        ),
    )[0]
    return Cost(
        rule=rule,
        looking=float(looking),
        wrong=float(beyond),
        missed=float(missed),
        total=float(looking + beyond + missed),
        net=saved,
    )
