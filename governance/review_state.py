"""What a reviewer may say, where a decision stands, and what can be done to it: data, whose completeness is tested."""

from enum import StrEnum

from governance.policy import Action, roles_with

MAY_REVIEW = roles_with(Action.REVIEW_LINKS)
"""Roles that may see two groups of records side by side and decide on them."""


class Verdict(StrEnum):
    """What a reviewer says of two records."""

    SAME = "same"  # one child
    DIFFERENT = "different"  # two children
    CANNOT_SAY = "cannot-say"  # binds nothing; the pair is not asked again


BINDING = (Verdict.SAME, Verdict.DIFFERENT)
"""Verdicts that later runs keep to."""


class ReviewState(StrEnum):
    """Where a decision stands."""

    PROPOSED = "proposed"  # by one person, waiting for a second
    CONFIRMED = "confirmed"  # holds
    DISPUTED = "disputed"  # the second person said otherwise; binds nothing until it is undone and decided anew
    UNDONE = "undone"  # for good


class ReviewStep(StrEnum):
    """What can be done to a decision."""

    CONFIRM = "confirm"  # another person gives the same verdict
    DISPUTE = "dispute"  # another person gives another one
    UNDO = "undo"


TRANSITIONS: dict[tuple[ReviewState, ReviewStep], ReviewState | None] = {
    (ReviewState.PROPOSED, ReviewStep.CONFIRM): ReviewState.CONFIRMED,
    (ReviewState.PROPOSED, ReviewStep.DISPUTE): ReviewState.DISPUTED,
    (ReviewState.PROPOSED, ReviewStep.UNDO): ReviewState.UNDONE,
    (ReviewState.CONFIRMED, ReviewStep.CONFIRM): None,
    (ReviewState.CONFIRMED, ReviewStep.DISPUTE): None,
    (ReviewState.CONFIRMED, ReviewStep.UNDO): ReviewState.UNDONE,
    (ReviewState.DISPUTED, ReviewStep.CONFIRM): None,
    (ReviewState.DISPUTED, ReviewStep.DISPUTE): None,
    (ReviewState.DISPUTED, ReviewStep.UNDO): ReviewState.UNDONE,
    (ReviewState.UNDONE, ReviewStep.CONFIRM): None,
    (ReviewState.UNDONE, ReviewStep.DISPUTE): None,
    (ReviewState.UNDONE, ReviewStep.UNDO): None,
}
"""State after each step in each state; None where the step is not allowed."""
