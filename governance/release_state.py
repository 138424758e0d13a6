"""Where a release of statistics stands, and what can be done to it and by whom: data, whose completeness is tested."""

from enum import StrEnum

from governance.policy import Action, roles_with

MAY_DRAFT = roles_with(Action.DRAFT_RELEASE)
"""Roles that may ask for statistics, and publish and withdraw them."""


class ReleaseState(StrEnum):
    """Where a release stands."""

    DRAFT = "draft"  # protected, and held against what was released before; waits for a second person
    APPROVED = "approved"  # may be published
    PUBLISHED = "published"  # its files were written
    WITHDRAWN = "withdrawn"  # for good; what was published of it stays known


class ReleaseStep(StrEnum):
    """What can be done to a release."""

    APPROVE = "approve"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"


TRANSITIONS: dict[tuple[ReleaseState, ReleaseStep], ReleaseState | None] = {
    (ReleaseState.DRAFT, ReleaseStep.APPROVE): ReleaseState.APPROVED,
    (ReleaseState.DRAFT, ReleaseStep.PUBLISH): None,
    (ReleaseState.DRAFT, ReleaseStep.WITHDRAW): ReleaseState.WITHDRAWN,
    (ReleaseState.APPROVED, ReleaseStep.APPROVE): None,
    (ReleaseState.APPROVED, ReleaseStep.PUBLISH): ReleaseState.PUBLISHED,
    (ReleaseState.APPROVED, ReleaseStep.WITHDRAW): ReleaseState.WITHDRAWN,
    (ReleaseState.PUBLISHED, ReleaseStep.APPROVE): None,
    (ReleaseState.PUBLISHED, ReleaseStep.PUBLISH): None,
    (ReleaseState.PUBLISHED, ReleaseStep.WITHDRAW): ReleaseState.WITHDRAWN,
    (ReleaseState.WITHDRAWN, ReleaseStep.APPROVE): None,
    (ReleaseState.WITHDRAWN, ReleaseStep.PUBLISH): None,
    (ReleaseState.WITHDRAWN, ReleaseStep.WITHDRAW): None,
}
"""State after each step in each state; None where the step is not allowed."""
