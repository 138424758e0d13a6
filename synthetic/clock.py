"""The city's clock: reference dates of the window, and the years before it in which the families of the window begin.

Time is counted in fiscal years: 2008.0 is 1 April 2008, 2008.5 is 1 October.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from synthetic.chance import Floats, Ints

YEARS_BEFORE = 26
"""Years simulated before the window, so that its oldest children and their families have a history."""


@dataclass(frozen=True)
class Clock:
    """Reference dates: `per_year` a fiscal year (a divisor of 12), from `start` to before `stop`."""

    start: int
    stop: int
    per_year: int

    @property
    def step(self) -> float:
        """Years between two reference dates."""
        return 1 / self.per_year

    @property
    def steps(self) -> int:
        """Reference dates in the window."""
        return (self.stop - self.start) * self.per_year

    @property
    def warm_up(self) -> int:
        """Steps before the window."""
        return YEARS_BEFORE * self.per_year

    @property
    def times(self) -> Floats:
        """Time of each reference date of the window, shape (steps,)."""
        return self.start + np.arange(self.steps) / self.per_year

    @property
    def years(self) -> Ints:
        """Fiscal year of each reference date of the window, shape (steps,)."""
        return self.start + np.arange(self.steps) // self.per_year

    @property
    def dates(self) -> list[date]:
        """The reference dates of the window."""
        months = 12 // self.per_year
        return [month_after_april(self.start, index * months) for index in range(self.steps)]

    def day(self, times: Floats) -> list[date]:
        """The calendar day of each time, counted down to whole days."""
        year = np.floor(times).astype(int)
        offset = np.floor((times - year) * 365).astype(int)
        return [date(y, 4, 1) + timedelta(days=o) for y, o in zip(year.tolist(), offset.tolist(), strict=True)]


def month_after_april(year: int, months: int) -> date:
    """The first day of the month that begins `months` after 1 April of `year`."""
    years, month = divmod(months + 3, 12)
    return date(year + years, month + 1, 1)
