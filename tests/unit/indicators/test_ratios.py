import numpy as np
import pytest

from indicators.ratios import MARKS, before_any_data, learn_ratios
from tests.unit.indicators.tables import surprises

DOMAINS = ["livelihood", "livelihood", "attendance", "learning"]


def test_a_surprise_that_other_domains_confirm_is_worth_more():
    found = learn_ratios(surprises(1), DOMAINS)
    large = (MARKS > 1.5) & (MARKS < 2.5)
    assert (found.at_marks[large, 2] > found.at_marks[large, 3] + 0.1).all()


def test_what_is_shared_within_a_domain_alone_is_no_evidence():
    chance = np.random.default_rng(2)
    matrix = chance.normal(size=(20_000, 4))
    matrix[:400, :2] += 3
    found = learn_ratios(matrix, DOMAINS).at_marks
    assert (found <= before_any_data(MARKS)[:, None] + 0.1).all()


def test_the_ratio_of_a_known_mixture_is_recovered():
    chance = np.random.default_rng(3)
    matrix = chance.normal(size=(100_000, 4))
    matrix[:2000] += 2.0  # the log ratio is 2 z - 2, whatever the share
    found = learn_ratios(matrix, ["livelihood", "attendance", "learning", "health"]).at_marks.mean(axis=1)
    at = (MARKS > 1) & (MARKS < 3.5)
    assert found[at] == pytest.approx(2 * MARKS[at] - 2, rel=0.2, abs=0.6)


def test_where_the_other_domains_tell_nothing_the_ratio_stays_near_that_from_before_any_data():
    chance = np.random.default_rng(9)
    matrix = chance.normal(size=(20_000, 3))
    found = learn_ratios(matrix, ["learning", "learning", "health"]).at_marks
    rise = found[MARKS > 2.6] - found[MARKS == 1.125]
    expected = before_any_data(MARKS)
    assert rise[:, :2] == pytest.approx(
        np.repeat((expected[MARKS > 2.6] - expected[MARKS == 1.125])[:, None], 2, axis=1), abs=0.9
    )


def test_ratios_never_fall_as_the_surprise_rises():
    matrix = surprises(4, rows=300)
    ratios = learn_ratios(matrix, DOMAINS)
    rising = np.repeat(np.linspace(-6, 6, 200)[:, None], 4, axis=1)
    assert (np.diff(ratios.terms(rising), axis=0) >= 0).all()


def test_without_other_domains_the_ratio_is_that_from_before_any_data():
    matrix = surprises(5, rows=500)
    found = learn_ratios(matrix, ["learning"] * 4)
    assert found.at_marks == pytest.approx(np.repeat(before_any_data(MARKS)[:, None], 4, axis=1), abs=1e-6)
    unknown = np.full((5, 4), np.nan)
    assert learn_ratios(unknown, DOMAINS).terms(unknown).tolist() == np.zeros((5, 4)).tolist()


def test_a_domain_that_others_cannot_confirm_is_left_unlearnt():
    found = learn_ratios(surprises(7), DOMAINS, ["learning"]).at_marks
    assert found[:, 3] == pytest.approx(before_any_data(MARKS), abs=1e-6)
    assert found[0, 0] < 0


def test_the_order_of_the_children_does_not_matter():
    matrix = surprises(6, rows=2000)
    assert (learn_ratios(matrix, DOMAINS).at_marks == learn_ratios(matrix[::-1], DOMAINS).at_marks).all()
