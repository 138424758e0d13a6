"""What a person may ask for, where a request stands, and what can be done to it: data, whose completeness is tested."""

from enum import StrEnum

from governance.policy import Action, roles_with

MAY_HANDLE = roles_with(Action.HANDLE_REQUEST)
"""Roles that may show what is held of a child, and receive and decide requests."""

DECIDED_WITHIN_DAYS = 30
"""Act on the Protection of Personal Information, articles 83 (disclosure), 94 (correction), 102 (suspension of use)."""


class RequestKind(StrEnum):
    """What is asked for."""

    CORRECTION = "correction"  # 訂正: a value of a record is another
    OBJECTION = "objection"  # 利用停止: the child's records are not to be used


class RequestState(StrEnum):
    """Where a request stands."""

    RECEIVED = "received"
    ACCEPTED = "accepted"  # every later run honours it
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"  # by the person who made it; no later run honours it


class RequestStep(StrEnum):
    """What can be done to a request."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


TRANSITIONS: dict[tuple[RequestState, RequestStep], RequestState | None] = {
    (RequestState.RECEIVED, RequestStep.ACCEPT): RequestState.ACCEPTED,
    (RequestState.RECEIVED, RequestStep.REFUSE): RequestState.REFUSED,
    (RequestState.RECEIVED, RequestStep.WITHDRAW): RequestState.WITHDRAWN,
    (RequestState.ACCEPTED, RequestStep.ACCEPT): None,
    (RequestState.ACCEPTED, RequestStep.REFUSE): None,
    (RequestState.ACCEPTED, RequestStep.WITHDRAW): RequestState.WITHDRAWN,
    (RequestState.REFUSED, RequestStep.ACCEPT): None,
    (RequestState.REFUSED, RequestStep.REFUSE): None,
    (RequestState.REFUSED, RequestStep.WITHDRAW): None,
    (RequestState.WITHDRAWN, RequestStep.ACCEPT): None,
    (RequestState.WITHDRAWN, RequestStep.REFUSE): None,
    (RequestState.WITHDRAWN, RequestStep.WITHDRAW): None,
}
"""State after each step in each state; None where the step is not allowed."""
