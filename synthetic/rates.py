"""How often things happen in families, a year: the official figures the city is set to.

Where a figure is an official one, `docs/synthetic-city.md` shows it beside what the city came to. Others are
estimates, and say so.
"""

import numpy as np

from synthetic.chance import Floats

CHILDREN_PER_FAMILY = (0.22, 0.52, 0.21, 0.05)  # of mothers with children: 1, 2, 3, 4 births
BIRTH_SPACING_YEARS = (1.2, 1.8)  # least, and mean beyond it
BORN_OUTSIDE_MARRIAGE = 0.024
FOREIGN_FAMILIES = 0.018

DIVORCE = 0.0122  # of married couples with children; with the one-parent families, 10.3 of 1,000 children
FATHER_CUSTODY = 0.135
SURNAME_CHANGES_AT_DIVORCE = 0.62  # of children who stay with their mother (estimate)
REMARRIAGE = 0.058  # of lone parents a year: 25 % within five years
ADOPTION_AT_REMARRIAGE = 0.64  # the child takes the new husband's name (estimate)

MOVES_OUT_BY_AGE_OF_ELDEST = ((3, 0.110), (5, 0.098), (8, 0.050), (11, 0.028), (15, 0.0135), (99, 0.012))
"""(below this age, share of families moving to another municipality in a year)."""
MOVES_WITHIN = 0.87  # for each move of a family out of the city, those after a divorce apart
LEAVES_HOME_AT_18 = 0.17  # share of 18-year-olds who leave the city alone
RETURNS = 0.13  # of families who moved out (estimate)
YEARS_AWAY = 2.0
MOVES_AT_DIVORCE = 0.6  # into another home of the city (estimate)
MOVES_AWAY_AT_DIVORCE = 0.08

CHANGES_PHONE = 0.06  # (estimate)
TWO_PHONES = 0.7  # of couples (estimate)


def moves_out(age_of_eldest: Floats) -> Floats:
    """Share of families that leave the city in a year, by the age of their eldest child."""
    ages = [age for age, _ in MOVES_OUT_BY_AGE_OF_ELDEST]
    shares = np.array([share for _, share in MOVES_OUT_BY_AGE_OF_ELDEST])
    return shares[np.minimum(np.searchsorted(ages, age_of_eldest, side="right"), len(ages) - 1)]
