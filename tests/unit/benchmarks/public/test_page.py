import pytest

from benchmarks.public.cases import CASES, CONTENDERS, MAKERS, RUNS, TITLES
from benchmarks.public.page import HEADER, as_markdown, page


@pytest.fixture
def row():
    return {
        "case": "FEBRL4",
        "linkage": "splink",
        "machine": {"cores": 2},
        "precision": 1.0,
        "recall": 0.5,
        "f1": 0.66667,
        "bcubed_f1": 0.8,
        "exact_recall": 0.5,
        "mixed_groups": 0,
        "split_persons": 1234,
        "option": "components at 2 bits",
        "seconds": 1.234,
        "processor_seconds": 2.0,
        "peak_mb": 512,
    }


def test_a_row_has_a_cell_for_each_column(row):
    columns = HEADER.splitlines()[0].count("|")
    assert as_markdown(row).count("|") == columns
    assert as_markdown(row | {"children": {"f1": 0.9}}).count("|") == columns


def test_the_page_says_which_option_is_shown_and_where_it_ran(row):
    assert "FEBRL4, Splink: components at 2 bits; cores 2" in page([row])


def test_a_default_has_a_second_row_for_its_best_threshold(row):
    ours = row | {
        "linkage": "mimamori",
        "option": "default",
        "best": row | {"option": "joined from -4 bits", "f1": 0.7},
    }
    default, best = as_markdown(ours).splitlines()
    assert "| Mimamori |" in default
    assert "0.6667" in default
    assert "| Mimamori, best threshold* |" in best
    assert "0.7000" in best
    assert "FEBRL4, Mimamori: default, best joined from -4 bits" in page([ours])


def test_every_case_and_contender_can_be_run():
    assert {case.data for case in CASES} == set(TITLES) == set(MAKERS)
    assert set(CONTENDERS) == set(RUNS)
