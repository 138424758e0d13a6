"""Several tests at once, against the procedure worked by hand."""

import pytest

from evaluation.holm import beyond_chance


@pytest.mark.parametrize(
    ("p_values", "expected"),
    [
        ([], ()),
        ([0.04], (True,)),
        ([0.04, 0.04], (False, False)),  # the smallest would have to be below .025
        ([0.01, 0.04, 0.03], (True, False, False)),  # .01 ≤ .05/3, then .03 > .05/2 and it ends there
        ([0.03, 0.001, 0.02], (True, True, True)),  # .001 ≤ .0167, .02 ≤ .025, .03 ≤ .05
        ([None, 0.04, None], (False, True, False)),  # a test that was not made does not count
    ],
)
def test_step_down(p_values, expected):
    assert beyond_chance(p_values) == expected
