import numpy as np
import polars as pl
import pytest

from synthetic.health import CHECKUP_AT_AGE, LAST_GRADE_REPORTED, health_records


@pytest.fixture(scope="module")
def records(world):
    return health_records(1, world.lives)


@pytest.mark.parametrize(("age", "checkup"), CHECKUP_AT_AGE.items())
def test_every_checkup_is_that_of_the_age(world, records, age, checkup):
    rows, frame = records
    ages = np.floor(world.lives.age[rows[(frame["checkup"] == checkup).to_numpy()]])
    assert set(ages) == {age}


def test_school_checkups_end_with_elementary_school(world, records):
    rows, frame = records
    assert world.lives.grade[rows].max() == LAST_GRADE_REPORTED
    assert set(frame.filter(pl.Series(world.lives.grade[rows] >= 1))["checkup"]) == {"school"}


def test_who_did_not_come_was_not_measured(records):
    _, frame = records
    missed = frame.filter(pl.col("attended") == 0)
    assert missed.height > 20
    assert missed["height_cm"].is_null().all()
    assert missed["follow_up_needed"].is_null().all()


def test_no_more_doses_are_done_than_due(records):
    _, frame = records
    looked_at = frame.filter(pl.col("vaccinations_due").is_not_null())
    assert looked_at["vaccinations_done"].is_between(0, looked_at["vaccinations_due"]).all()
    assert (looked_at["vaccinations_done"] < looked_at["vaccinations_due"]).any()


def test_children_grow(world, records):
    rows, frame = records
    grown = frame.with_columns(child=pl.Series(world.lives.child[rows])).filter(pl.col("checkup") == "school")
    steps = grown.select(pl.col("height_cm").diff().over("child")).drop_nulls()["height_cm"]
    assert 3 < steps.mean() < 9
    assert (steps > -2).all()
