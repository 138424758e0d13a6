"""Both scores on later years: the split, the figures by hand, and intervals that hold the truth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from indicators.comparison import BINS, Share, auc, calibration_error, compare, put_first, split_year
from indicators.training import Labels, labels_of, train
from tests.unit.indicators.learning_scenes import DOMAINS, scene


def labels(years: list[int], listed: bool = True) -> Labels:
    count = len(years)
    return Labels(
        row=np.arange(count),
        year=np.array(years),
        hardship=np.arange(count) % 2 == 0,
        listed=np.full(count, listed),
        outcome=np.array(["confirmed"] * count),
    )


@pytest.mark.parametrize(
    ("by_year", "first"),
    [
        ({2021: 60, 2022: 60, 2023: 60}, 2023),
        ({2021: 100, 2022: 60, 2023: 30}, 2022),
        ({2021: 30, 2022: 30, 2023: 100}, 2023),
        ({2021: 20, 2022: 20, 2023: 20}, 2022),
    ],
)
def test_the_latest_years_are_judged(by_year: dict[int, int], first: int):
    assert split_year(labels([year for year, count in by_year.items() for _ in range(count)])) == first


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=40))
def test_the_area_under_the_curve_is_scikit_learns(rows: list[tuple[int, bool]]):
    order, hit = np.array([row[0] for row in rows], dtype=float), np.array([row[1] for row in rows])
    if hit.all() or not hit.any():
        assert np.isnan(auc(order, hit))
    else:
        assert auc(order, hit) == pytest.approx(roc_auc_score(hit, order))


def test_half_of_each_year_is_put_first():
    order = np.array([0.9, 0.1, 0.5, 0.2, 0.3])
    year = np.array([2024, 2024, 2024, 2025, 2025])
    assert put_first(order, year).tolist() == [True, False, True, False, True]


def test_the_calibration_error_by_hand():
    probability = np.repeat([0.1, 0.3, 0.5, 0.7, 0.9], 10)
    exact = np.concatenate([np.arange(10) < share for share in (1, 3, 5, 7, 9)])
    assert calibration_error(probability, exact) == pytest.approx(0.0)
    assert calibration_error(probability, np.ones(50, dtype=bool)) == pytest.approx(0.5)


def test_a_share_of_nothing_is_null_and_others_have_their_interval():
    assert Share.counted(0, 0).value is None
    share = Share.counted(9, 10)
    assert share.low == pytest.approx(0.596, abs=0.001)
    assert share.high == pytest.approx(0.982, abs=0.001)


def test_two_scores_on_the_same_children():
    city = scene(3)
    all_labels = labels_of(city.scores, city.outcomes(city.first(60)))
    first = split_year(all_labels)
    card = train(city.scores, all_labels.where(all_labels.year < first), DOMAINS)
    found = compare(city.scores, card, all_labels)
    assert (found.first_year, found.last_year) == (first, 2025)
    assert found.judged + found.learnt_from == len(all_labels)
    assert found.trained.precision.of == found.label_free.precision.of
    assert found.trained.auc.value - found.label_free.auc.value == pytest.approx(found.auc_difference.value)
    for side in (found.trained, found.label_free):
        for figure in (side.precision, side.auc, side.calibration_error):
            assert figure.low <= figure.value <= figure.high
    assert sum(one.found.of for one in found.bins) == found.judged
    assert len(found.bins) == BINS
    assert found.trained.calibration_error.value < found.label_free.calibration_error.value
    again = compare(city.scores, card, all_labels)
    assert again == found, "draws are the same every time"


def test_children_found_elsewhere_are_not_judged():
    city = scene(3)
    rows = city.first(60)
    listed, elsewhere = (
        labels_of(city.scores, city.outcomes(rows)),
        labels_of(city.scores, city.outcomes(rows, listed=False)),
    )
    card = train(city.scores, listed, DOMAINS)
    half = elsewhere.row % 2 == 0
    mixed = Labels(listed.row, listed.year, listed.hardship, listed.listed & half, listed.outcome)
    assert compare(city.scores, card, mixed).judged < compare(city.scores, card, listed).judged
