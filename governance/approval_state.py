"""Where a version of an approval stands and what can be done to it: data, whose completeness is tested.

The first version is the approval as it was registered; each amendment is a further one with a course of its own.
"""

from enum import StrEnum


class State(StrEnum):
    """Where a version of an approval stands."""

    REQUESTED = "requested"  # registered by one person, waiting for a second
    COUNTERSIGNING = "countersigning"  # confirmed, waiting for the departments whose data are read
    IN_FORCE = "in_force"  # runs may be made under it within its period
    SUPERSEDED = "superseded"  # a later version is in force instead
    REVOKED = "revoked"  # for good


class Step(StrEnum):
    """What can be done to a version of an approval."""

    CONFIRM = "confirm"  # by a second person
    COUNTERSIGN = "countersign"  # by the owner of one source
    COMPLETE = "complete"  # follows of itself once it is confirmed and no countersignature is missing
    SUPERSEDE = "supersede"  # follows of itself once a later version is in force
    REVOKE = "revoke"


TRANSITIONS: dict[tuple[State, Step], State | None] = {
    (State.REQUESTED, Step.CONFIRM): State.COUNTERSIGNING,
    (State.REQUESTED, Step.COUNTERSIGN): State.REQUESTED,
    (State.REQUESTED, Step.COMPLETE): None,
    (State.REQUESTED, Step.SUPERSEDE): None,
    (State.REQUESTED, Step.REVOKE): State.REVOKED,
    (State.COUNTERSIGNING, Step.CONFIRM): None,
    (State.COUNTERSIGNING, Step.COUNTERSIGN): State.COUNTERSIGNING,
    (State.COUNTERSIGNING, Step.COMPLETE): State.IN_FORCE,
    (State.COUNTERSIGNING, Step.SUPERSEDE): None,
    (State.COUNTERSIGNING, Step.REVOKE): State.REVOKED,
    (State.IN_FORCE, Step.CONFIRM): None,
    (State.IN_FORCE, Step.COUNTERSIGN): None,
    (State.IN_FORCE, Step.COMPLETE): None,
    (State.IN_FORCE, Step.SUPERSEDE): State.SUPERSEDED,
    (State.IN_FORCE, Step.REVOKE): State.REVOKED,
    (State.SUPERSEDED, Step.CONFIRM): None,
    (State.SUPERSEDED, Step.COUNTERSIGN): None,
    (State.SUPERSEDED, Step.COMPLETE): None,
    (State.SUPERSEDED, Step.SUPERSEDE): None,
    (State.SUPERSEDED, Step.REVOKE): None,
    (State.REVOKED, Step.CONFIRM): None,
    (State.REVOKED, Step.COUNTERSIGN): None,
    (State.REVOKED, Step.COMPLETE): None,
    (State.REVOKED, Step.SUPERSEDE): None,
    (State.REVOKED, Step.REVOKE): None,
}
"""State after each step in each state; None where the step is not allowed."""

WAITING = (State.REQUESTED, State.COUNTERSIGNING)
"""States of a version that may yet come into force."""

ENDED = (State.SUPERSEDED, State.REVOKED)
"""States that nothing leads out of."""


def diagram() -> str:
    """The states and steps as a Mermaid diagram, in the order of `TRANSITIONS`."""
    lines = ["stateDiagram-v2", f"    [*] --> {State.REQUESTED}", f"    [*] --> {State.IN_FORCE}: no accounts"]
    lines += [f"    {state} --> {after}: {step}" for (state, step), after in TRANSITIONS.items() if after]
    return "\n".join(lines + [f"    {state} --> [*]" for state in ENDED])
