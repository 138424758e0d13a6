"""Learning keeps the order of the label-free list until labels speak against it, and refuses too few of them."""

import numpy as np
import polars as pl
import pytest

from indicators.comparison import auc
from indicators.scorecard import SURPRISES
from indicators.training import FEWEST_LABELS, FEWEST_OF_EITHER, labels_of, require_enough, train
from tests.unit.indicators.learning_scenes import DOMAINS, NAMES, TELLING, scene
from vocabulary.errors import MimamoriError


def points_at(card, surprise):
    return card.table().sort("indicator").select(pl.col(str(surprise))).to_series().to_list()


def test_labels_stand_on_their_rows_and_others_are_left_out():
    city = scene(1, children=50)
    rows = np.array([3, 77, 120])
    stranger = city.outcomes(rows[:1]).with_columns(person_id=pl.lit("nobody"))
    labels = labels_of(city.scores, pl.concat([city.outcomes(rows), stranger]))
    assert labels.row.tolist() == rows.tolist()
    assert labels.hardship.tolist() == city.hardship[rows].tolist()


def test_already_known_is_hardship_too():
    city = scene(1, children=50)
    known = city.outcomes(np.array([3])).with_columns(outcome=pl.lit("already_known"))
    assert labels_of(city.scores, known).hardship.tolist() == [True]


def test_what_shows_hardship_gets_the_points():
    city = scene(2)
    labels = labels_of(city.scores, city.outcomes(city.first(60)))
    card = train(city.scores, labels, DOMAINS)
    at_two = dict(zip(sorted(NAMES), points_at(card, 2), strict=True))
    telling = [at_two[NAMES[at]] for at in TELLING]
    assert min(telling) > max(points for name, points in at_two.items() if name not in [NAMES[at] for at in TELLING])


def test_it_orders_better_than_without_labels_and_means_what_it_says():
    city = scene(3)
    years = city.scores.table["year"].to_numpy()
    rows = city.first(60)
    labels = labels_of(city.scores, city.outcomes(rows))
    card = train(city.scores, labels.where(labels.year < 2024), DOMAINS)
    later = rows[years[rows] >= 2024]
    points = card.terms(NAMES, city.scores.surprises[later]).sum(axis=1)
    assert auc(points, city.hardship[later]) > auc(
        city.scores.table["statistic"].to_numpy()[later], city.hardship[later]
    )
    assert card.probability(points).mean() == pytest.approx(city.hardship[later].mean(), abs=0.12)


def test_labels_that_tell_nothing_leave_the_order_of_the_list():
    city = scene(4)
    rows = city.first(60)
    half = np.random.default_rng(1).random(len(rows)) < 0.5
    tossed = city.outcomes(rows).with_columns(outcome=pl.Series(np.where(half, "confirmed", "not_needed")))
    card = train(city.scores, labels_of(city.scores, tossed), DOMAINS)
    points = card.terms(NAMES, city.scores.surprises).sum(axis=1)
    order = city.scores.table["statistic"].to_numpy()
    assert np.corrcoef(points.argsort().argsort(), order.argsort().argsort())[0, 1] > 0.7


def test_children_found_elsewhere_do_not_shift_the_probability_of_listed_ones():
    city = scene(5)
    listed = city.outcomes(city.first(60))
    missed = np.setdiff1d(np.flatnonzero(city.hardship), city.first(60))[:60]
    both = pl.concat([listed, city.outcomes(missed, listed=False)])
    rows = city.first(60)
    told = [train(city.scores, labels_of(city.scores, outcomes), DOMAINS) for outcomes in (listed, both)]
    means = [card.probability(card.terms(NAMES, city.scores.surprises[rows]).sum(axis=1)).mean() for card in told]
    assert means[1] == pytest.approx(means[0], abs=0.05)


def test_the_same_labels_in_another_order_give_the_same_version():
    city = scene(6)
    outcomes = city.outcomes(city.first(40))
    cards = [train(city.scores, labels_of(city.scores, given), DOMAINS) for given in (outcomes, outcomes.reverse())]
    assert cards[0].version == cards[1].version


def test_an_indicator_nobody_ever_had_gets_points_all_the_same():
    city = scene(7)
    city.scores.surprises[:, 2] = np.nan
    city.scores.terms[:, 2] = 0.0
    card = train(city.scores, labels_of(city.scores, city.outcomes(city.first(40))), DOMAINS)
    assert len(card.reasons) == len(NAMES)
    assert all(len(reason.points) == len(SURPRISES) for reason in card.reasons)


@pytest.mark.parametrize(
    ("places", "hardship", "said"),
    [
        (FEWEST_LABELS // 5 - 1, None, "too few outcomes"),
        (40, "confirmed", "too few outcomes"),
        (40, "not_needed", "too few outcomes"),
    ],
)
def test_too_few_labels_are_refused_in_words(monkeypatch, places, hardship, said):
    monkeypatch.setenv("MIMAMORI_LANG", "en")
    city = scene(8)
    outcomes = city.outcomes(city.first(places))
    if hardship:
        outcomes = outcomes.with_columns(outcome=pl.lit(hardship))
    with pytest.raises(MimamoriError, match=f"{said}.*{FEWEST_LABELS}.*{FEWEST_OF_EITHER} of either"):
        require_enough(labels_of(city.scores, outcomes))


def test_labels_of_one_year_are_refused(monkeypatch):
    monkeypatch.setenv("MIMAMORI_LANG", "en")
    city = scene(9)
    outcomes = city.outcomes(city.first(200)).filter(pl.col("year") == 2025)
    with pytest.raises(MimamoriError, match="All outcomes are of fiscal year 2025"):
        require_enough(labels_of(city.scores, outcomes))
