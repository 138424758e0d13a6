"""Who may do what, and to whom: every cell of role × action with its scope and its reason, read from `policy.toml`.

What the policy does not grant is denied. The file is written to be read by a council; `docs/roles.md` is made from it.
`governance.access` asks it about an account and a child, a school or a source.
"""

import tomllib
from functools import cache
from importlib.resources import files
from typing import NamedTuple, Self

from pydantic import BaseModel, ConfigDict, model_validator

from governance.account_state import Role
from governance.actions import Action as Action
from governance.actions import Scope as Scope
from vocabulary.source import Titled
from vocabulary.texts import current_language


class RolePolicy(BaseModel):
    """What a role is called and what it is for, and why it may do nothing else."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: Titled
    task: Titled
    denied: Titled


class Rule(BaseModel):
    """Cells that share a scope and a reason: every role here with every action here."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    roles: tuple[Role, ...]
    actions: tuple[Action, ...]
    scope: Scope
    reason: Titled


class Policy(BaseModel):
    """The whole of `policy.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    scopes: dict[Scope, Titled]
    roles: dict[Role, RolePolicy]
    actions: dict[Action, Titled]
    rules: tuple[Rule, ...]

    @model_validator(mode="after")
    def _whole_and_said_once(self) -> Self:
        if set(self.roles) != set(Role) or set(self.actions) != set(Action) or set(self.scopes) != set(Scope):
            raise ValueError("every role, action and scope is described")
        cells = [(role, action) for rule in self.rules for role in rule.roles for action in rule.actions]
        if len(cells) != len(set(cells)):
            raise ValueError("a cell stands in one rule")
        return self


class Cell(NamedTuple):
    """What a role may do of one action, and why."""

    scope: Scope
    reason: Titled


@cache
def policy() -> Policy:
    """The policy as it stands in the file."""
    return Policy.model_validate(tomllib.loads(files("governance").joinpath("policy.toml").read_text("utf-8")))


@cache
def cells() -> dict[tuple[Role, Action], Cell]:
    """Every role × action: what a rule says, else denied for the reason of the role."""
    stated = policy()
    denied = {(role, action): Cell(Scope.NONE, stated.roles[role].denied) for role in Role for action in Action}
    ruled = {
        (role, action): Cell(rule.scope, rule.reason)
        for rule in stated.rules
        for role in rule.roles
        for action in rule.actions
    }
    return denied | ruled


def scope(role: Role, action: Action) -> Scope:
    """To whom `action` reaches for `role`; `Scope.NONE` where it is denied."""
    return cells()[role, action].scope


def action_title(action: Action) -> str:
    """What an action is called, in the reader's language."""
    return str(getattr(policy().actions[action], current_language()))


def role_title(role: Role) -> str:
    """What a role is called, in the reader's language."""
    return str(getattr(policy().roles[role].title, current_language()))


def roles_with(action: Action) -> tuple[Role, ...]:
    """Roles to which `action` is granted, at whatever scope."""
    return tuple(role for role in Role if scope(role, action) is not Scope.NONE)
