"""The policy says something of every role and action, denies what it does not grant, and is what the page shows."""

import tomllib
from importlib.resources import files
from itertools import product
from pathlib import Path

import pytest
from pydantic import ValidationError

from governance.account_state import Role
from governance.policy import Action, Policy, Scope, cells, policy, roles_with, scope
from mimamori.roles_page import roles_page

CHILD = {Action.VIEW_CHILD, Action.VIEW_IDENTITY, Action.VIEW_SIBLINGS}
"""What shows one child."""

CASES = {Action.LIST_FLAGS, Action.WORK_CASE, Action.ASSIGN_CASE, Action.RECORD_OUTCOME, Action.BREAK_GLASS}
"""What is done with children."""


def stated():
    return tomllib.loads(files("governance").joinpath("policy.toml").read_text("utf-8"))


def test_every_cell_has_a_scope_and_a_reason_in_both_languages():
    assert set(cells()) == set(product(Role, Action))
    assert all(cell.reason.ja.strip() and cell.reason.en.strip() for cell in cells().values())
    assert all(scope(role, action) is cells()[role, action].scope for role, action in cells())


def test_what_no_rule_grants_is_denied():
    granted = {(role, action) for rule in policy().rules for role in rule.roles for action in rule.actions}
    denied = set(cells()) - granted
    assert len(denied) > 100
    assert all(scope(*cell) is Scope.NONE for cell in denied)


@pytest.mark.parametrize(
    "break_it",
    [
        lambda toml: toml["actions"].pop("view_child"),
        lambda toml: toml["roles"].pop("council"),
        lambda toml: toml["scopes"].pop("none"),
        lambda toml: toml["rules"].append(toml["rules"][0]),
        lambda toml: toml["rules"][0].update(scope="everything"),
        lambda toml: toml["rules"][0].update(actions=["fly"]),
        lambda toml: toml["rules"][0].pop("reason"),
        lambda toml: toml["rules"][0]["reason"].pop("ja"),
    ],
)
def test_a_policy_that_is_not_whole_or_says_a_cell_twice_is_not_read(break_it):
    toml = stated()
    Policy.model_validate(toml)
    break_it(toml)
    with pytest.raises(ValidationError):
        Policy.model_validate(toml)


def test_nobody_reaches_every_child_by_its_page():
    assert not [role for role, action in product(Role, CHILD) if scope(role, action) is Scope.ALL]
    assert set(roles_with(Action.VIEW_IDENTITY)) == {Role.SUPPORT_WORKER, Role.SCHOOL}


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ANALYST, Role.DATA_OWNER, Role.COUNCIL, Role.ADMINISTRATOR])
def test_roles_that_support_no_child_see_none(role):
    assert {scope(role, action) for action in CHILD | CASES} == {Scope.NONE}


def test_an_administrator_has_accounts_and_nothing_else():
    has = {action for action in Action if scope(Role.ADMINISTRATOR, action) is not Scope.NONE}
    accounts = {Action.MANAGE_ACCOUNTS, Action.CONFIRM_ACCOUNT, Action.VIEW_ACCOUNTS}
    assert has == accounts | {Action.NAME_DATA_OWNER}


def test_an_analyst_has_statistics_and_papers_and_nothing_else():
    has = {scope(Role.ANALYST, action) for action in set(Action) - {Action.VIEW_PAPERS}}
    assert has == {Scope.STATISTICS, Scope.NONE}


def test_a_school_reaches_no_further_than_itself():
    reach = {action: scope(Role.SCHOOL, action) for action in Action}
    assert {action for action in reach if reach[action] is Scope.ALL} == set()
    assert {action for action in reach if reach[action] is Scope.OWN_SCHOOL} == {
        Action.LIST_FLAGS,
        Action.VIEW_CHILD,
        Action.VIEW_IDENTITY,
        Action.FIND_CHILD,
        Action.RECORD_OUTCOME,
    }


@pytest.mark.parametrize(
    ("asks", "decides"),
    [
        (Action.REQUEST_APPROVAL, Action.CONFIRM_APPROVAL),
        (Action.START_RUN, Action.CONFIRM_APPROVAL),
        (Action.DRAFT_RELEASE, Action.APPROVE_RELEASE),
        (Action.TRAIN_SCORE, Action.ADOPT_SCORE),
        (Action.DISPOSE, Action.LIFT_HOLD),
        (Action.BREAK_GLASS, Action.REVIEW_BREAK_GLASS),
        (Action.BREAK_GLASS, Action.ACKNOWLEDGE_ALERT),
        (Action.ROTATE_KEYS, Action.COUNTERSIGN_LOG),
    ],
)
def test_no_role_has_both_sides_of_what_takes_two(asks, decides):
    assert set(roles_with(asks)) & set(roles_with(decides)) == set()
    assert roles_with(asks)
    assert roles_with(decides)


def test_the_page_is_the_policy():
    page = (Path(__file__).parents[3] / "docs" / "roles.md").read_text(encoding="utf-8")
    assert page == roles_page()
