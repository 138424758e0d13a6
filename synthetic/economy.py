"""What families live on: a latent income, the poverty it means, and the benefits that follow a year late.

Income is a standard normal score of the family's disposable income: four fifths lasting, the rest drifting from year
to year, lowered in one-parent homes and by hardship. Benefits look at last year's income as much as at this year's.
"""

from dataclasses import dataclass

import numpy as np

from synthetic.chance import Bools, Floats, Ints, stream
from synthetic.clock import Clock

LASTING_SD, DRIFTING_SD, DRIFT_KEPT = 0.8, 0.6, 0.6
ONE_PARENT_PENALTY = 1.24
POOR_BELOW = -1.42
TAX_EXEMPT_BELOW = -1.55
SCHOOL_AID_BELOW = -1.29
PUBLIC_ASSISTANCE_BELOW = -2.70
ALLOWANCE_FULL_BELOW, ALLOWANCE_PARTIAL_BELOW = -0.75, -0.1
APPLICATION_SD = 0.35
"""Scatter of who applies, and of what counts as income, from family to family."""


@dataclass(frozen=True)
class Economy:
    """Per family and reference date, shape (families, steps)."""

    poor: Bools
    tax_exempt: Bools
    school_aid: Bools  # entitled to 就学援助; paid only for children at school
    public_assistance: Bools
    allowance: Ints  # 児童扶養手当: 0 none, 1 partial, 2 full


def usual_income(seed: int, lone: Bools, clock: Clock) -> Floats:
    """Income of each family as it would be without hardship, shape (families, steps)."""
    rng = stream(seed, "income")
    families, steps = lone.shape
    lasting = rng.normal(0, LASTING_SD, families)
    kept = DRIFT_KEPT**clock.step
    drift = rng.normal(0, DRIFTING_SD, families)
    income = np.empty((families, steps))
    for step in range(steps):
        income[:, step] = lasting + drift
        drift = kept * drift + rng.normal(0, DRIFTING_SD * np.sqrt(1 - kept**2), families)
    return income - ONE_PARENT_PENALTY * lone


def poor(income: Floats) -> Bools:
    """Who lives in poverty."""
    below: Bools = income < POOR_BELOW
    return below


def benefits(seed: int, income: Floats, lone: Bools, clock: Clock) -> Economy:
    """Poverty and benefits that follow from `income` (families, steps)."""
    rng = stream(seed, "benefits")
    families = len(income)
    lagged = (income + _a_year_before(income, clock)) / 2

    def below(limit: float) -> Bools:
        mask: Bools = lagged + rng.normal(0, APPLICATION_SD, families)[:, None] < limit
        return mask

    full, partial = below(ALLOWANCE_FULL_BELOW), below(ALLOWANCE_PARTIAL_BELOW)
    return Economy(
        poor=poor(income),
        tax_exempt=below(TAX_EXEMPT_BELOW),
        school_aid=below(SCHOOL_AID_BELOW),
        public_assistance=below(PUBLIC_ASSISTANCE_BELOW),
        allowance=np.where(lone, np.where(full, 2, np.where(partial, 1, 0)), 0),
    )


def _a_year_before(values: Floats, clock: Clock) -> Floats:
    columns: Ints = np.maximum(np.arange(values.shape[1]) - clock.per_year, 0)
    before: Floats = values[:, columns]
    return before
