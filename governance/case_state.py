"""What the team does with a child it looks at: where a case stands, which steps there are, and where they lead: data.

Nothing here is decided by the system: every step is a person's, with a name, a time and an entry in the log.
"""

from enum import StrEnum

from governance.outcome_state import Outcome


class CaseState(StrEnum):
    """Where a case stands."""

    NEW = "new"  # opened, in nobody's hands yet
    ASSIGNED = "assigned"  # somebody has it, and has not assessed it
    ASSESSED = "assessed"
    PLANNED = "planned"  # what is to be done is written down
    FOLLOWING = "following"  # to be looked at again by a date
    CLOSED = "closed"


class CaseStep(StrEnum):
    """What can be done to a case that was opened."""

    ASSIGN = "assign"  # into somebody's hands: one's own, or another worker's
    HAND_OVER = "hand_over"  # by the one who has it, with a note to the next
    ASSESS = "assess"
    PLAN = "plan"
    FOLLOW_UP = "follow_up"  # what was found, and when to look again
    NOTE = "note"
    DISAGREE = "disagree"  # with a flag of the system
    CLOSE = "close"
    REOPEN = "reopen"  # by whoever takes it up again
    RENUMBER = "renumber"  # a later run gave the child's records to another person id


class Assessment(StrEnum):
    """What a worker holds a child to need."""

    NEEDS_SUPPORT = "needs_support"
    WATCH = "watch"  # to be looked at again, before anything is said
    NOT_NEEDED = "not_needed"
    ALREADY_KNOWN = "already_known"  # somebody has it in hand


class CloseReason(StrEnum):
    """Why a case ends."""

    SETTLED = "settled"  # what was to be done is done
    NOT_NEEDED = "not_needed"
    WITH_OTHERS = "with_others"  # another office or body goes on with it
    MOVED_AWAY = "moved_away"
    AGED_OUT = "aged_out"
    BY_MISTAKE = "by_mistake"


class Disagreement(StrEnum):
    """Why a worker holds a flag to be mistaken."""

    VALUE_WRONG = "value_wrong"  # a value it rests on is not right
    OTHER_CHILD = "other_child"  # records of another child are among them
    EXPLAINED = "explained"  # the change is known, and has a reason that needs no support
    KNOWN_BEFORE = "known_before"  # nothing new
    OTHER = "other"


OUTCOME: dict[Assessment, Outcome | None] = {
    Assessment.NEEDS_SUPPORT: Outcome.CONFIRMED,
    Assessment.WATCH: None,
    Assessment.NOT_NEEDED: Outcome.NOT_NEEDED,
    Assessment.ALREADY_KNOWN: Outcome.ALREADY_KNOWN,
}
"""The outcome of the child and year that an assessment says, which comes back as a label; None where it says none."""

WITHOUT_PLAN = {Assessment.NOT_NEEDED}
"""Assessments after which nothing is planned or followed up, unless the child is assessed anew."""

_OPEN = (CaseState.ASSIGNED, CaseState.ASSESSED, CaseState.PLANNED, CaseState.FOLLOWING)
_SAME: dict[CaseState, CaseState | None] = {state: state for state in _OPEN}

_AFTER: dict[CaseStep, dict[CaseState, CaseState | None]] = {
    CaseStep.ASSIGN: {CaseState.NEW: CaseState.ASSIGNED, **_SAME},
    CaseStep.HAND_OVER: _SAME,
    CaseStep.ASSESS: dict.fromkeys(_OPEN, CaseState.ASSESSED),
    CaseStep.PLAN: {
        CaseState.ASSESSED: CaseState.PLANNED,
        CaseState.PLANNED: CaseState.PLANNED,
        CaseState.FOLLOWING: CaseState.FOLLOWING,
    },
    CaseStep.FOLLOW_UP: dict.fromkeys(_OPEN[1:], CaseState.FOLLOWING),
    CaseStep.NOTE: _SAME,
    CaseStep.DISAGREE: _SAME,
    CaseStep.CLOSE: dict.fromkeys(_OPEN, CaseState.CLOSED),
    CaseStep.REOPEN: {CaseState.CLOSED: CaseState.ASSIGNED},
    CaseStep.RENUMBER: {state: state for state in CaseState},
}

TRANSITIONS: dict[tuple[CaseState, CaseStep], CaseState | None] = {
    (state, step): _AFTER[step].get(state) for state in CaseState for step in CaseStep
}
"""State after each step in each state; None where the step is not allowed."""


def next_state(state: CaseState, step: CaseStep, assessment: Assessment | None) -> CaseState | None:
    """The state after a step; None where the step is not allowed, also because nothing is to be planned.

    Parameters
    ----------
    state
        Where the case stands.
    step
        What is to be done.
    assessment
        The one that stands; None where there is none yet.
    """
    if step in (CaseStep.PLAN, CaseStep.FOLLOW_UP) and assessment in WITHOUT_PLAN:
        return None
    return TRANSITIONS[state, step]
