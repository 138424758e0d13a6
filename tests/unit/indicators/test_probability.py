import numpy as np
import pytest

from indicators.probability import deal, fit_onsets

DOMAINS = ["livelihood", "attendance", "learning", "health"]


def mixture(seed: int, shares: list[float], rows: int = 20_000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log likelihood ratios of four domains in some years, who is struck, and the year."""
    chance = np.random.default_rng(seed)
    year = np.repeat(np.arange(2020, 2020 + len(shares)), rows)
    struck = chance.random(len(year)) < np.repeat(shares, rows)
    z = chance.normal(size=(len(year), 4)) + 2.0 * struck[:, None]
    return 2 * z - 2, struck, year


def test_a_known_mixture_is_calibrated():
    terms, struck, year = mixture(1, [0.02, 0.05])
    onsets = fit_onsets(terms, np.isfinite(terms), DOMAINS, year)
    found = onsets.probability(terms.sum(axis=1), year)
    assert struck.mean() == pytest.approx(found.mean(), abs=0.01)
    for least in (0.1, 0.5, 0.9):
        assert struck[found >= least].mean() == pytest.approx(found[found >= least].mean(), abs=0.12)
    sure = found > 0.9
    assert struck[sure].mean() == pytest.approx(found[sure].mean(), abs=0.05)
    assert onsets.share[1] > 1.8 * onsets.share[0]


def test_where_the_domains_have_nothing_in_common_nobody_is_sure():
    terms, _, year = mixture(2, [0.0, 0.0])
    onsets = fit_onsets(terms, np.isfinite(terms), DOMAINS, year)
    found = onsets.probability(terms.sum(axis=1), year)
    assert onsets.share.max() < 0.02
    assert (found > 0.5).mean() < 0.001


def test_the_probability_rises_with_the_statistic_and_stays_within_bounds():
    terms, _, year = mixture(3, [0.03], rows=3000)
    onsets = fit_onsets(terms, np.isfinite(terms), DOMAINS, year)
    found = onsets.probability(np.linspace(-60, 60, 500), np.full(500, 2020))
    assert (np.diff(found) >= 0).all()
    assert 0 < found.min() <= found.max() < 1


def test_dealing_keeps_each_domain_and_each_year_and_parts_what_went_together():
    chance = np.random.default_rng(4)
    common = chance.normal(size=(4000, 1))
    terms = np.repeat(common, 4, axis=1) + np.repeat([[0.0], [10.0]], 2000, axis=0)
    group = np.repeat([0, 1], 2000)
    for dealt in deal(terms, np.isfinite(terms), DOMAINS, group, np.random.default_rng(1)):
        assert dealt.sum() == pytest.approx(terms.sum())
        assert dealt[group == 1].mean() == pytest.approx(terms[group == 1].sum(axis=1).mean())
        assert dealt[group == 0].std() == pytest.approx(2, abs=0.15)  # of four independent ones; together it was 4


def test_a_child_year_known_to_one_domain_is_dealt_only_among_its_like():
    terms = np.zeros((100, 4))
    known = np.ones((100, 4), dtype=bool)
    terms[:50, 1], known[:50, [0, 2, 3]] = 7.0, False
    assert [
        int((dealt == 7).sum())
        for dealt in deal(terms, known, DOMAINS, np.zeros(100, dtype=int), np.random.default_rng(1))
    ] == [50] * 4


def test_a_handful_of_children_does_no_harm():
    terms = np.array([[0.5, np.nan, np.nan, np.nan]])
    onsets = fit_onsets(np.nan_to_num(terms), np.isfinite(terms), DOMAINS, np.array([2024]))
    assert 0 < onsets.probability(np.array([0.5]), np.array([2024]))[0] < 0.1
