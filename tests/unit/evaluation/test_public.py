"""What of an evaluation may leave: no count below ten can be had from it, alone or by subtraction."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.effect_figures import ROUNDED_TO, SMALLEST_CELL
from evaluation.evaluate import evaluate
from evaluation.public import (
    NOTHING,
    PublicGroup,
    PublicShare,
    _without_differences,
    public_count,
    public_evaluation,
    public_share,
)
from evaluation.rate import Rate
from governance import disclosure
from tests.unit.evaluation.town import town_outputs, town_truth


def test_the_rules_are_those_of_statistics():
    assert (SMALLEST_CELL, ROUNDED_TO) == (disclosure.THRESHOLD, disclosure.ROUNDING)
    assert all(public_count(count) == disclosure.told(count) for count in range(300))


@pytest.mark.parametrize(
    ("hits", "of", "told"),
    [
        (0, 0, NOTHING),
        (3, 9, NOTHING),
        (3, 15, PublicShare(of=15, value=None, low=None, high=None).model_copy(update={"low": 0.0, "high": 0.667})),
        (5, 12, PublicShare(of=10, value=None, low=None, high=None)),
        (3, 1000, PublicShare(of=1000, value=None, low=0.0, high=0.01)),
        (997, 1000, PublicShare(of=1000, value=None, low=0.99, high=1.0)),
        (1000, 1000, PublicShare(of=1000, value=None, low=0.99, high=1.0)),
    ],
)
def test_a_side_below_ten_is_told_by_its_bound(hits, of, told):
    assert public_share(Rate.counted(hits, of)) == told


def test_a_larger_share_is_that_of_rounded_counts_with_its_interval():
    told = public_share(Rate.counted(212, 803))
    assert (told.of, told.value) == (805, round(210 / 805, 3))
    rate = Rate.counted(212, 803)
    assert told.low <= rate.low
    assert rate.high <= told.high
    assert told.high - told.low < rate.high - rate.low + 0.02


@given(of=st.integers(0, 5000), small=st.integers(0, 9), other=st.integers(0, 9), missed=st.booleans())
def test_every_small_count_tells_the_same(of, small, other, missed):
    if of < 20:
        return
    first, second = (of - small, of - other) if missed else (small, other)
    assert public_share(Rate.counted(first, of)) == public_share(Rate.counted(second, of))


@given(of=st.integers(0, 9), hits=st.data())
def test_nothing_is_told_of_few(of, hits):
    assert public_share(Rate.counted(hits.draw(st.integers(0, of)), of)) == NOTHING


def test_a_hidden_group_is_not_had_by_subtraction():
    def group(dimension, name, hits, of):
        return PublicGroup(
            dimension=dimension, group=name, children=None, shares={"whole": public_share(Rate.counted(hits, of))}
        )

    told = _without_differences(
        [group("sex", "girls", 4, 200), group("sex", "boys", 100, 200), group("grade", "a", 50, 100)]
    )
    assert told[0].shares["whole"].high == 0.05
    assert told[1].shares["whole"] == NOTHING
    assert told[2].shares["whole"].value == 0.5


def test_no_id_no_example_and_no_small_count_is_in_the_figures():
    found = evaluate(**town_outputs(), truth=town_truth(), capacities=(0.1, 0.2))
    told = json.loads(public_evaluation(found).model_dump_json())
    assert "person_id" not in json.dumps(told)
    for count in re.findall(r'"(?:of|listed|children|records)": (\d+)', json.dumps(told)):
        assert int(count) >= SMALLEST_CELL
        assert int(count) % ROUNDED_TO == 0
    assert told["lists"]
