import numpy as np

from synthetic.welfare import SUBSIDY_FOR_ALL_BELOW_AGE, welfare_records


def test_every_small_child_is_known(world):
    rows, _ = welfare_records(1, world.lives)
    assert set(np.flatnonzero(world.lives.age < SUBSIDY_FOR_ALL_BELOW_AGE)) <= set(rows)


def test_older_children_are_known_while_there_is_a_reason_and_a_year_after(world):
    lives = world.lives
    rows, frame = welfare_records(1, lives)
    reason = (
        (frame["public_assistance"] == 1)
        | (frame["child_rearing_allowance"] != "none")
        | (frame["tax_exempt"] == 1)
        | (frame["school_expense_aid"].fill_null(0) == 1)
        | (frame["consultation_count"] > 0)
    ).to_numpy()
    with_reason = set(zip(lives.child[rows[reason]], lives.step[rows[reason]], strict=True))
    without = rows[~reason & (lives.age[rows] >= SUBSIDY_FOR_ALL_BELOW_AGE)]
    assert len(without) > 100
    assert {
        (child, step - 1) for child, step in zip(lives.child[without], lives.step[without], strict=True)
    } <= with_reason


def test_topics_are_given_where_there_was_a_consultation(world):
    _, frame = welfare_records(1, world.lives)
    assert ((frame["consultation_count"] > 0) == frame["consultation_topics"].is_not_null()).all()


def test_school_expense_aid_is_for_pupils_and_nursery_fees_for_small_children(world):
    rows, frame = welfare_records(1, world.lives)
    grade = world.lives.grade[rows]
    assert np.array_equal(frame["school_expense_aid"].is_not_null().to_numpy(), (grade >= 1) & (grade <= 9))
    assert np.array_equal(frame["nursery_fee_arrears_months"].is_not_null().to_numpy(), grade < 1)
