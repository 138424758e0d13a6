"""Outcomes of a simulated team on cities with faint onsets: the list gets no worse, and its probability means more."""

import numpy as np
import pytest

from benchmarks.team import outcomes, town
from indicators.compute import compute_indicators
from indicators.flags import raise_flags
from indicators.rules import load_rules
from indicators.score import score_changes
from indicators.training import labels_of, train
from synthetic.city import build_city
from tests.recovery.flag_scenes import true_timeline

pytestmark = pytest.mark.slow

FIRST_JUDGED, LAST = 2021, 2025


def test_three_hundred_outcomes_make_a_better_list():
    rules = load_rules()
    hits, calibration = np.zeros(2), np.zeros(2)
    places = 0
    for seed, profile in ((11, "typical"), (12, "hard")):
        city = build_city(6000, seed, range(2014, 2026), profile, onsets="faint")
        timeline, persons = true_timeline(city)
        indicators = compute_indicators(timeline, persons, rules)
        scores = score_changes(indicators, rules)
        same = persons.select("person_id", child="person_id")
        here = town(scores.table, persons, same, city.truth["shocks"])
        free = scores.table["statistic"].to_numpy()
        recorded = outcomes(here, free, before=FIRST_JUDGED, labels=300, seed=seed)
        domains = [rules.indicators[name].domain for name in scores.names]
        card = train(scores, labels_of(scores, recorded), domains)
        points = card.terms(scores.names, scores.surprises).sum(axis=1)
        judged = here.of_years(FIRST_JUDGED, LAST)
        for at, order in enumerate((free, points)):
            listed = here.listed(order) & judged
            hits[at] += here.hardship[listed].sum()
            places += listed.sum() if at else 0
            if at:
                calibration += [card.probability(points)[listed].sum(), here.hardship[listed].sum()]
        shown = raise_flags(indicators, timeline, persons, rules, scorecard=card).shown
        assert shown["score"].is_between(0, 1).all()
        ranks = shown.filter(shown["year"] == LAST).sort("rank")["score"].to_list()
        assert ranks == sorted(ranks, reverse=True)
    label_free, trained = hits / places
    predicted, found = calibration / places
    assert trained >= 0.7
    assert trained > label_free - 0.01
    assert predicted == pytest.approx(found, abs=0.1)
