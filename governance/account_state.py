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


GIVEN_BY_TWO = (Role.OPERATOR, Role.ADMINISTRATOR)
"""Roles with which one person could go far: they are asked for by one and confirmed by another."""


class AccountState(StrEnum):
    """Where an account stands."""

    REQUESTED = "requested"  # waits for a second person, since its role is one that two give
    INVITED = "invited"  # has a token, and no password that holds
    ACTIVE = "active"
    DISABLED = "disabled"


class AccountStep(StrEnum):
    """What can be done to an account."""

    CONFIRM = "confirm"  # by a second person: the account, or the role that was asked for
    INVITE = "invite"  # a new token; what a forgotten password needs
    SET_PASSWORD = "set_password"  # noqa: S105 - the name of a step
    REQUEST_ROLE = "request_role"  # one that two give
    SET_ROLE = "set_role"
    SET_SCHOOLS = "set_schools"
    DISABLE = "disable"


TRANSITIONS: dict[tuple[AccountState, AccountStep], AccountState | None] = {
    (AccountState.REQUESTED, AccountStep.CONFIRM): AccountState.INVITED,
    (AccountState.REQUESTED, AccountStep.INVITE): None,
    (AccountState.REQUESTED, AccountStep.SET_PASSWORD): None,
    (AccountState.REQUESTED, AccountStep.REQUEST_ROLE): None,
    (AccountState.REQUESTED, AccountStep.SET_ROLE): None,
    (AccountState.REQUESTED, AccountStep.SET_SCHOOLS): None,
    (AccountState.REQUESTED, AccountStep.DISABLE): AccountState.DISABLED,
    (AccountState.INVITED, AccountStep.CONFIRM): AccountState.INVITED,
    (AccountState.INVITED, AccountStep.INVITE): AccountState.INVITED,
    (AccountState.INVITED, AccountStep.SET_PASSWORD): AccountState.ACTIVE,
    (AccountState.INVITED, AccountStep.REQUEST_ROLE): AccountState.INVITED,
    (AccountState.INVITED, AccountStep.SET_ROLE): AccountState.INVITED,
    (AccountState.INVITED, AccountStep.SET_SCHOOLS): AccountState.INVITED,
    (AccountState.INVITED, AccountStep.DISABLE): AccountState.DISABLED,
    (AccountState.ACTIVE, AccountStep.CONFIRM): AccountState.ACTIVE,
    (AccountState.ACTIVE, AccountStep.INVITE): AccountState.INVITED,
    (AccountState.ACTIVE, AccountStep.SET_PASSWORD): None,
    (AccountState.ACTIVE, AccountStep.REQUEST_ROLE): AccountState.ACTIVE,
    (AccountState.ACTIVE, AccountStep.SET_ROLE): AccountState.ACTIVE,
    (AccountState.ACTIVE, AccountStep.SET_SCHOOLS): AccountState.ACTIVE,
    (AccountState.ACTIVE, AccountStep.DISABLE): AccountState.DISABLED,
    (AccountState.DISABLED, AccountStep.CONFIRM): None,
    (AccountState.DISABLED, AccountStep.INVITE): AccountState.INVITED,
    (AccountState.DISABLED, AccountStep.SET_PASSWORD): None,
    (AccountState.DISABLED, AccountStep.REQUEST_ROLE): None,
    (AccountState.DISABLED, AccountStep.SET_ROLE): None,
    (AccountState.DISABLED, AccountStep.SET_SCHOOLS): None,
    (AccountState.DISABLED, AccountStep.DISABLE): None,
}
"""State after each step in each state; None where the step is not allowed.

An account of a role that two give, once disabled, is `REQUESTED` when it is invited again.
"""
