"""What workers say of a child whose change was looked at, where an outcome stands, and what can be done to it: data."""

from enum import StrEnum

from governance.policy import Action, roles_with

MAY_RECORD = roles_with(Action.RECORD_OUTCOME)
"""Roles that may record outcomes, see them and take them back."""

MAY_LEARN = roles_with(Action.TRAIN_SCORE)
"""Roles that may have scorecards trained from outcomes, without seeing one."""


class Outcome(StrEnum):
    """What was found of a child in a year."""

    CONFIRMED = "confirmed"  # hardship was there, and nobody had it in hand
    ALREADY_KNOWN = "already_known"  # hardship was there, and somebody had it in hand
    NOT_NEEDED = "not_needed"  # the change had another cause, or needs no support


HARDSHIP = (Outcome.CONFIRMED, Outcome.ALREADY_KNOWN)
"""Outcomes that say that hardship was there."""


class OutcomeState(StrEnum):
    """Where a recorded outcome stands."""

    STANDS = "stands"  # what is held to be so now
    REPLACED = "replaced"  # a later outcome of the same child and year stands
    WITHDRAWN = "withdrawn"  # recorded by mistake


class OutcomeStep(StrEnum):
    """What can be done to a recorded outcome."""

    REPLACE = "replace"
    WITHDRAW = "withdraw"


TRANSITIONS: dict[tuple[OutcomeState, OutcomeStep], OutcomeState | None] = {
    (OutcomeState.STANDS, OutcomeStep.REPLACE): OutcomeState.REPLACED,
    (OutcomeState.STANDS, OutcomeStep.WITHDRAW): OutcomeState.WITHDRAWN,
    (OutcomeState.REPLACED, OutcomeStep.REPLACE): None,
    (OutcomeState.REPLACED, OutcomeStep.WITHDRAW): None,
    (OutcomeState.WITHDRAWN, OutcomeStep.REPLACE): None,
    (OutcomeState.WITHDRAWN, OutcomeStep.WITHDRAW): None,
}
"""State after each step in each state; None where the step is not allowed."""
