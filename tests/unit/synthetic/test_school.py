import numpy as np
import polars as pl
import pytest

from synthetic.school import SURVEY_FROM_GRADE, TEST_FROM_GRADE, school_records


@pytest.fixture(scope="module")
def records(world):
    return school_records(1, world.lives)


def test_only_children_of_school_age_are_pupils(world, records):
    rows, frame = records
    assert np.array_equal(frame["grade"].to_numpy(), world.lives.grade[rows])
    assert frame["grade"].min() == 1
    assert frame["grade"].max() == 12


@pytest.mark.parametrize(("low", "high", "least", "most"), [(1, 6, 0.97, 1.0), (7, 9, 0.88, 0.95), (10, 12, 0.03, 0.1)])
def test_some_pupils_go_to_schools_that_are_not_the_citys(world, records, low, high, least, most):
    grades = pl.Series(world.lives.grade).is_between(low, high)
    here = pl.Series(world.lives.grade[records[0]]).is_between(low, high)
    assert least < here.sum() / grades.sum() < most


@pytest.mark.parametrize(("column", "first"), [("score_math", TEST_FROM_GRADE), ("study_habit", SURVEY_FROM_GRADE)])
def test_tests_and_surveys_begin_in_their_grade(records, column, first):
    _, frame = records
    assert frame.filter(pl.col("grade") < first)[column].is_null().all()
    assert 0.01 < frame.filter(pl.col("grade") >= first)[column].is_null().mean() < 0.08


def test_nobody_is_absent_more_often_than_school_is_held(records):
    _, frame = records
    assert (frame["days_absent"] <= frame["days_required"]).all()


def test_scores_of_one_child_hang_together(records):
    _, frame = records
    both = frame.select("score_language", "score_math").drop_nulls()
    assert both.select(pl.corr("score_language", "score_math")).item() == pytest.approx(0.6, abs=0.1)


def test_school_codes_tell_the_kind_of_school(records):
    _, frame = records
    kind = {code[0] for code in frame.filter(pl.col("grade") <= 6)["school_code"]}
    assert kind == {"E"}
    assert set(frame.filter(pl.col("grade") > 9)["school_code"]) == {"H01"}
