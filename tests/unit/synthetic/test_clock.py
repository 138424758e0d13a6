from datetime import date

import numpy as np
import pytest

from synthetic.clock import Clock, month_after_april


@pytest.mark.parametrize(
    ("per_year", "dates"),
    [
        (1, [date(2019, 4, 1), date(2020, 4, 1)]),
        (2, [date(2019, 4, 1), date(2019, 10, 1), date(2020, 4, 1), date(2020, 10, 1)]),
    ],
)
def test_reference_dates_fall_in_their_fiscal_years(per_year, dates):
    assert Clock(2019, 2021, per_year).dates == dates


def test_twelve_dates_are_the_first_of_every_month():
    clock = Clock(2019, 2020, 12)
    assert clock.dates[0] == date(2019, 4, 1)
    assert clock.dates[9] == date(2020, 1, 1)
    assert clock.dates[-1] == date(2020, 3, 1)
    assert set(clock.years) == {2019}


@pytest.mark.parametrize(("months", "day"), [(0, date(2020, 4, 1)), (8, date(2020, 12, 1)), (9, date(2021, 1, 1))])
def test_months_are_counted_from_april(months, day):
    assert month_after_april(2020, months) == day


def test_times_are_days_of_the_fiscal_year():
    days = Clock(2019, 2020, 1).day(np.array([2019.0, 2019.5, 2019.999]))
    assert days[0] == date(2019, 4, 1)
    assert days[1] == date(2019, 9, 30)
    assert days[2] == date(2020, 3, 30)
