"""What an account is for, where it stands, and what can be done to it and by it: data, whose completeness is tested."""

from enum import StrEnum


class Role(StrEnum):
    """What an account is for."""

    OPERATOR = "operator"
    SUPPORT_WORKER = "support_worker"
    SCHOOL = "school"
    ANALYST = "analyst"
    DATA_OWNER = "data_owner"
    COUNCIL = "council"
    ADMINISTRATOR = "administrator"


MAY_CONFIRM = (Role.OPERATOR, Role.DATA_OWNER, Role.COUNCIL, Role.ADMINISTRATOR)
"""Roles that may confirm an approval which another person requested."""


class AccountState(StrEnum):
    """Where an account stands."""

    INVITED = "invited"  # has a token, and no password that holds
    ACTIVE = "active"
    DISABLED = "disabled"


class AccountStep(StrEnum):
    """What can be done to an account."""

    INVITE = "invite"  # a new token; what a forgotten password needs
    SET_PASSWORD = "set_password"  # noqa: S105 - the name of a step
    SET_ROLE = "set_role"
    DISABLE = "disable"


TRANSITIONS: dict[tuple[AccountState, AccountStep], AccountState | None] = {
    (AccountState.INVITED, AccountStep.INVITE): AccountState.INVITED,
    (AccountState.INVITED, AccountStep.SET_PASSWORD): AccountState.ACTIVE,
    (AccountState.INVITED, AccountStep.SET_ROLE): AccountState.INVITED,
    (AccountState.INVITED, AccountStep.DISABLE): AccountState.DISABLED,
    (AccountState.ACTIVE, AccountStep.INVITE): AccountState.INVITED,
    (AccountState.ACTIVE, AccountStep.SET_PASSWORD): None,
    (AccountState.ACTIVE, AccountStep.SET_ROLE): AccountState.ACTIVE,
    (AccountState.ACTIVE, AccountStep.DISABLE): AccountState.DISABLED,
    (AccountState.DISABLED, AccountStep.INVITE): AccountState.INVITED,
    (AccountState.DISABLED, AccountStep.SET_PASSWORD): None,
    (AccountState.DISABLED, AccountStep.SET_ROLE): None,
    (AccountState.DISABLED, AccountStep.DISABLE): None,
}
"""State after each step in each state; None where the step is not allowed."""
