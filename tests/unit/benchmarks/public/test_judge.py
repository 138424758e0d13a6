import polars as pl
import pytest

from benchmarks.public.judge import Option, best, figures, judge
from benchmarks.steps import Spent


@pytest.fixture
def truth():
    """Person a three rows, b two, c one; those of b are a child's."""
    return pl.DataFrame(
        {
            "source": ["s"] * 6,
            "record": ["1", "2", "3", "4", "5", "6"],
            "person": ["a", "a", "a", "b", "b", "c"],
            "child": [False, False, False, True, True, False],
        }
    )


def groups(**group_of):
    records = list(group_of)
    return pl.DataFrame(
        {"source": ["s"] * len(records), "record": [r.strip("r") for r in records], "group": list(group_of.values())}
    )


def test_pairs_are_counted_by_hand(truth):
    # Found pairs: 1-2, 4-5, 4-6, 5-6; right are the first two; true ones are 1-2, 1-3, 2-3, 4-5.
    found = judge(groups(r1=0, r2=0, r3=1, r4=2, r5=2, r6=2), truth)
    assert found["precision"] == pytest.approx(2 / 4)
    assert found["recall"] == pytest.approx(2 / 4)
    assert found["mixed_groups"] == 1
    assert found["split_persons"] == 1


def test_a_row_left_out_is_not_found(truth):
    found = judge(groups(r1=0, r2=0, r4=2, r5=2), truth)
    assert found["left_out"] == 2
    assert found["precision"] == 1
    assert found["recall"] == pytest.approx(2 / 4)


def test_children_are_judged_among_their_own_rows(truth):
    found = figures(groups(r1=0, r2=1, r3=2, r4=3, r5=3, r6=3), truth)
    assert found["recall"] == pytest.approx(1 / 4)
    assert found["children"]["records"] == 2
    assert found["children"]["f1"] == 1


def test_no_row_of_a_child_leaves_them_out(truth):
    assert "children" not in figures(groups(r1=0, r2=0), truth.with_columns(child=pl.lit(False)))


def test_the_best_option_is_the_best_on_the_truth(truth):
    worse = Option("all one", groups(r1=0, r2=0, r3=0, r4=0, r5=0, r6=0), Spent(1, 1), 1)
    better = Option("persons", groups(r1=0, r2=0, r3=0, r4=1, r5=1, r6=2), Spent(9, 9), 9)
    assert best([worse, better], truth).name == "persons"
