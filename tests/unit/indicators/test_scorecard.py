"""A scorecard is a table that rises, adds up by hand and survives being written down."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pydantic import ValidationError

from indicators.score import combine
from indicators.scorecard import EXPECTED, SURPRISES, VERSION_LENGTH, Reason, Scorecard
from tests.unit.indicators.learning_scenes import DOMAINS, NAMES

STEPS = st.lists(st.integers(0, 30), min_size=len(SURPRISES), max_size=len(SURPRISES))


def points_of(steps: list[int]) -> tuple[int, ...]:
    """Points that rise by these steps and are at most 0 where nothing is unexpected."""
    rising = np.cumsum(steps)
    return tuple(int(value) for value in rising - rising[EXPECTED])


@st.composite
def scorecards(draw: st.DrawFn) -> Scorecard:
    reasons = [
        Reason(indicator=name, domain=domain, points=points_of(draw(STEPS)))
        for name, domain in zip(NAMES, DOMAINS, strict=True)
    ]
    intercept, slope = draw(st.floats(-6, 2)), draw(st.floats(0.001, 0.2))
    return Scorecard(reasons=tuple(reasons), intercept=intercept, slope=slope)


def surprises(rows: int):
    elements = st.one_of(st.floats(-7, 7), st.just(float("nan")))
    return arrays.arrays(np.float64, (rows, len(NAMES)), elements=elements)


@given(scorecards(), surprises(6), st.floats(0, 5), st.integers(0, len(NAMES) - 1))
def test_no_reason_takes_points_off_as_it_grows(card: Scorecard, matrix: np.ndarray, more: float, at: int):
    worse = matrix.copy()
    worse[:, at] += more
    before, after = card.terms(NAMES, matrix), card.terms(NAMES, worse)
    assert (after >= before).all()
    assert (card.probability(after.sum(axis=1)) >= card.probability(before.sum(axis=1))).all()
    others = [column for column in range(len(NAMES)) if column != at]
    assert (after[:, others] == before[:, others]).all()


@given(scorecards(), surprises(8))
def test_contributions_of_a_score_add_up_to_it(card: Scorecard, matrix: np.ndarray):
    table = pl.DataFrame({"person_id": [f"p{row}" for row in range(8)], "year": [2025] * 8})
    scores = combine(table, NAMES, matrix, DOMAINS, card)
    contributions = scores.parts(pl.Series(range(8))).contributions
    assert contributions.sum(axis=1) == pytest.approx(scores.table["score"].to_numpy())
    assert (contributions >= 0).all()


@given(scorecards())
def test_written_down_and_read_again_it_is_the_same(card: Scorecard):
    again = Scorecard.model_validate_json(card.model_dump_json())
    assert again == card
    assert again.version == card.version
    assert len(card.version) == VERSION_LENGTH


def one(points: tuple[int, ...] = (-4, -2, 0, 2, 10, 20, 30, 31)) -> Scorecard:
    reason = Reason(indicator="absence", domain="attendance", points=points)
    return Scorecard(reasons=(reason,), intercept=-2.0, slope=0.05)


@pytest.mark.parametrize(
    ("surprise", "points"),
    [(0, 0), (1, 2), (1.5, 6), (2, 10), (5, 31), (9, 31), (-1, -2), (-1.5, -3), (-9, -4), (np.nan, 0)],
)
def test_points_are_those_of_the_table_and_linear_in_between(surprise: float, points: float):
    assert one().terms(["absence"], np.array([[surprise]]))[0, 0] == points


def test_an_indicator_it_does_not_know_adds_nothing():
    assert one().terms(["fitness", "absence"], np.array([[4.0, 2.0]])).tolist() == [[0.0, 10.0]]


def test_the_probability_is_the_logistic_of_the_points():
    assert one().probability(np.array([0.0, 40.0])) == pytest.approx([0.119203, 0.5], abs=1e-6)


@pytest.mark.parametrize("points", [(-4, -2, 0, 2, 10, 9, 30, 31), (0, 0, 1, 2, 3, 4, 5, 6), (0, 1, 2)])
def test_points_that_fall_or_begin_too_early_are_refused(points: tuple[int, ...]):
    with pytest.raises(ValidationError):
        one(points)


def test_another_table_is_another_version():
    assert one().version != one((-4, -2, 0, 2, 10, 20, 30, 32)).version


def test_the_table_lists_the_heaviest_reason_first():
    light = Reason(indicator="fitness", domain="health", points=(0, 0, 0, 0, 1, 2, 3, 4))
    card = one().model_copy(update={"reasons": (light, *one().reasons)})
    table = card.table()
    assert table["indicator"].to_list() == ["absence", "fitness"]
    assert table.columns == ["indicator", "domain", *map(str, SURPRISES)]
