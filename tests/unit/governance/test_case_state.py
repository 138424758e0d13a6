"""Every state × step of a case is decided, every state is reached, and the page draws what the data says."""

from itertools import product

import pytest

from governance.case_state import (
    OUTCOME,
    TRANSITIONS,
    WITHOUT_PLAN,
    Assessment,
    CaseState,
    CaseStep,
    next_state,
)
from governance.outcome_state import Outcome

NEW, ASSIGNED, ASSESSED, PLANNED, FOLLOWING, CLOSED = CaseState


def test_transitions_are_total_and_every_state_is_reached_from_new():
    assert set(TRANSITIONS) == set(product(CaseState, CaseStep))
    reached, fresh = {NEW}, {NEW}
    while fresh:
        fresh = {after for (state, _), after in TRANSITIONS.items() if state in fresh and after} - reached
        reached |= fresh
    assert reached == set(CaseState)


def test_what_is_in_nobodys_hands_can_only_be_assigned_and_what_is_closed_only_reopened():
    def possible(state):
        return {step for step in CaseStep if TRANSITIONS[state, step]} - {CaseStep.RENUMBER}

    assert possible(NEW) == {CaseStep.ASSIGN}
    assert possible(CLOSED) == {CaseStep.REOPEN}
    for state in (ASSIGNED, ASSESSED, PLANNED, FOLLOWING):
        assert {CaseStep.HAND_OVER, CaseStep.ASSESS, CaseStep.NOTE, CaseStep.DISAGREE, CaseStep.CLOSE} <= possible(
            state
        )


def test_a_plan_comes_after_an_assessment():
    assert [state for state in CaseState if TRANSITIONS[state, CaseStep.PLAN]] == [ASSESSED, PLANNED, FOLLOWING]
    assert TRANSITIONS[FOLLOWING, CaseStep.PLAN] is FOLLOWING, "changing the plan does not forget the day to look again"


@pytest.mark.parametrize("step", [CaseStep.PLAN, CaseStep.FOLLOW_UP])
@pytest.mark.parametrize("assessment", [None, *Assessment])
def test_nothing_is_planned_where_nothing_is_needed(step, assessment):
    after = next_state(ASSESSED, step, assessment)
    assert (after is None) == (assessment in WITHOUT_PLAN)
    assert next_state(ASSESSED, CaseStep.ASSESS, assessment) is ASSESSED, "it can always be assessed anew"


def test_every_assessment_but_watch_says_an_outcome():
    assert set(OUTCOME) == set(Assessment)
    assert [one for one in Assessment if OUTCOME[one] is None] == [Assessment.WATCH]
    assert {one for one in OUTCOME.values() if one} == set(Outcome)
