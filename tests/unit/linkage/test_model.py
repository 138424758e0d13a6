"""The model: what is expected before any data, and how data move it."""

import json
import math
from dataclasses import replace

import polars as pl
import pytest

from linkage.comparisons import COMPARISONS
from linkage.model import (
    EXPECTED_PAIRS,
    SMALLEST_SHARE,
    TIMES,
    WAYS,
    Model,
    drawn_to,
    expected_model,
    observed_shares,
)

MODEL = expected_model(1e-4)


def test_shares_stand_for_the_comparisons_they_can_tell_apart_and_sum_to_one():
    roles = {c.name: c.role for c in COMPARISONS}
    individual = {name for name, role in roles.items() if role == "individual"}
    assert set(MODEL.u) == set(roles)
    assert set(MODEL.m) == set(MODEL.sibling) == individual
    assert set(MODEL.twin) == individual - {"birth_date"}
    assert set(MODEL.ways) == set(MODEL.household) == set(WAYS)
    by_time = [shares for way in WAYS for shares in MODEL.household[way]]
    assert len(by_time) == len(WAYS) * TIMES
    assert all(set(shares) == set(roles) - individual for shares in by_time)
    for shares in (MODEL.m, MODEL.u, MODEL.sibling, MODEL.twin, *by_time):
        for name, values in shares.items():
            assert sum(values) == pytest.approx(1, abs=1e-6), name
    for time in range(TIMES):
        assert sum(MODEL.ways[way][time] for way in WAYS) == pytest.approx(1)


def test_without_data_what_is_expected_stays():
    assert drawn_to([0, 0], [0.3, 0.7]) == [0.3, 0.7]


def test_as_many_pairs_as_expected_ones_meet_half_way():
    assert drawn_to([EXPECTED_PAIRS, 0], [0.0, 1.0]) == [0.5, 0.5]


def test_no_share_is_zero():
    assert drawn_to([1e9, 0], [1.0, 0.0]) == [1.0, SMALLEST_SHARE]


def test_observed_shares_leave_out_pairs_with_nothing_to_compare():
    gammas = pl.DataFrame({"gamma_sex": [1] * 300 + [0] * 100 + [-1] * 999})
    assert observed_shares(gammas, {"sex": [0.5, 0.5]}) == {"sex": [350 / 500, 150 / 500]}


def test_one_source_holding_both_at_once_speaks_against():
    assert MODEL.held_at_once_weight == pytest.approx(math.log2(0.003 / 0.3))


def test_a_model_is_json_and_comes_back_from_it():
    assert Model(**json.loads(json.dumps(MODEL.as_json()))) == MODEL


def test_one_version_is_one_set_of_parameters():
    assert expected_model(1e-4).version == MODEL.version
    assert expected_model(1e-5).version != MODEL.version
    assert replace(MODEL, m=MODEL.m | {"sex": [0.98, 0.02]}).version != MODEL.version
    later = [*MODEL.household["stayed"][:-1], MODEL.household["changed"][0]]
    assert replace(MODEL, household=MODEL.household | {"stayed": later}).version != MODEL.version
    assert len(MODEL.version) == 12
