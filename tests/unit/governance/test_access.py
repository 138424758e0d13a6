"""Every role × action × child, school or source, asked for real: what the scope reaches is allowed, all else is not."""

from itertools import product

import pytest

from governance import access, accounts, data_owners
from governance.access import Actor, scope_of
from governance.account_state import Role
from governance.case_work import Opening, open_case
from governance.policy import Action, Scope, scope
from governance.runlog import Kind, entries
from tests.accounts import ADMINISTRATOR, COUNCIL, enter
from tests.unit.governance.conftest import by_hand, new_workspace, sqlite_only
from vocabulary.errors import IntegrityError, RefusalError, WorkspaceError

SUBJECTS = {
    "nobody": {},
    "own child": {"person_id": "p-own"},
    "another's child": {"person_id": "p-other"},
    "child without a case": {"person_id": "p-none"},
    "own school": {"school": "S01"},
    "another school": {"school": "S02"},
    "own child of own school": {"person_id": "p-own", "school": "S01"},
    "own child of another school": {"person_id": "p-own", "school": "S02"},
    "another's child of own school": {"person_id": "p-other", "school": "S01"},
    "own source": {"source": "school"},
    "another source": {"source": "welfare"},
    "own child in another source": {"person_id": "p-own", "source": "welfare"},
    "another's child in own source": {"person_id": "p-other", "source": "school"},
}
"""Whom something is done to; own is of the account of each role, where it has such a thing."""

OWN_CHILD = {"own child", "own child of own school", "own child of another school", "own child in another source"}
OWN_SCHOOL = {"own school", "own child of own school", "another's child of own school"}
OWN_SOURCE = {"own source", "another's child in own source"}

REACHES = {
    Scope.ALL: set(SUBJECTS),
    Scope.OWN_ASSIGNMENTS: {"nobody"} | OWN_CHILD,
    Scope.OWN_SCHOOL: {"nobody"} | OWN_SCHOOL,
    Scope.OWN_DEPARTMENT: {"nobody"} | OWN_SOURCE,
    Scope.STATISTICS: {"nobody"},
    Scope.NONE: set(),
}
"""What each scope allows, said once more than in the code."""


@pytest.fixture(scope="module")
def staffed(tmp_path_factory):
    """An account of every role named by it, another worker, two schools, owners of two sources, and two cases."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MIMAMORI_DATABASE", raising=False)
        workspace = new_workspace(tmp_path_factory.mktemp("access") / "workspace", None)
    enter(workspace, {role.value: role for role in Role} | {"other": Role.SUPPORT_WORKER, "owner": Role.DATA_OWNER})
    data_owners.set_owner(workspace, "school", Role.DATA_OWNER.value, actor=COUNCIL)
    data_owners.set_owner(workspace, "welfare", "owner", actor=COUNCIL)
    for person, worker in (("p-own", Role.SUPPORT_WORKER.value), ("p-other", "other")):
        opening = Opening(person, 2025, text="reported by a neighbour")
        open_case(workspace, opening, actor=access.actor(workspace, worker), assign_to=worker)
    return workspace


@pytest.fixture
def english(monkeypatch):
    monkeypatch.setenv("MIMAMORI_LANG", "en")


def refusals(workspace):
    with workspace.reading() as connection:
        return entries(connection, kinds=[Kind.REFUSAL])


@pytest.mark.parametrize("role", Role)
def test_every_action_on_everybody(staffed, role):
    found = access.actor(staffed, role.value)
    assert found.role is role
    allowed = {
        (action, subject)
        for action, subject in product(Action, SUBJECTS)
        if access.allowed(staffed, found, action, **SUBJECTS[subject])
    }
    assert allowed == {(action, subject) for action in Action for subject in REACHES[scope(role, action)]}


@pytest.mark.parametrize("role", Role)
def test_what_is_not_allowed_is_refused_and_logged_and_what_is_gives_its_scope(staffed, english, role):
    found = access.actor(staffed, role.value)
    for action in Action:
        before = len(refusals(staffed))
        if scope(role, action) is Scope.NONE:
            with pytest.raises(RefusalError, match=role.value):
                access.require(staffed, found, action)
            logged = refusals(staffed)[before:]
            assert [(one.actor, one.content["action"]) for one in logged] == [(role.value, action.value)]
        else:
            assert access.require(staffed, found, action) is scope(role, action)
            assert len(refusals(staffed)) == before


def test_a_refusal_names_whom_it_was_asked_of(staffed):
    worker = access.actor(staffed, Role.SUPPORT_WORKER.value)
    with pytest.raises(RefusalError) as refused:
        access.require(staffed, worker, Action.VIEW_IDENTITY, person_id="p-other")
    assert "p-other" not in str(refused.value)
    (logged,) = refusals(staffed)[-1:]
    said = {"rule": "access.denied", "action": "view_identity", "person": "p-other"}
    assert (logged.subject, logged.content) == ("access/view_identity", said)


def test_heads_and_deputies_hold_the_same_school_and_a_head_may_hold_two(staffed):
    enter(staffed, {"deputy": Role.SCHOOL, "head": Role.SCHOOL}, schools={"head": ["S01", "S07"]})
    for name, school, expected in [("deputy", "S01", True), ("head", "S07", True), ("deputy", "S07", False)]:
        asks = access.actor(staffed, name)
        assert access.allowed(staffed, asks, Action.VIEW_CHILD, person_id="p-none", school=school) is expected


def test_the_lone_operator_may_do_everything_until_an_account_was_active(workspace):
    alone = access.actor(workspace, "os:operator")
    assert alone == Actor("os:operator", None)
    assert all(access.require(workspace, alone, action, person_id="p") is Scope.ALL for action in Action)
    accounts.add(workspace, ADMINISTRATOR, Role.ADMINISTRATOR, actor="os:operator")
    assert access.actor(workspace, "os:operator").role is None
    enter_again = accounts.invite(workspace, ADMINISTRATOR, actor="os:operator")
    accounts.set_password(workspace, ADMINISTRATOR, enter_again.token, "correct horse battery")
    with pytest.raises(WorkspaceError, match="Name yourself"):
        access.actor(workspace, "os:operator")


@sqlite_only
@pytest.mark.parametrize("name", ["waits", "gone", "nobody", ""])
def test_who_is_not_active_is_nobody(workspace, name):
    enter(workspace, {"gone": Role.ANALYST})
    accounts.add(workspace, "waits", Role.ANALYST, actor=ADMINISTRATOR)
    accounts.disable(workspace, "gone", actor=ADMINISTRATOR)
    with pytest.raises(WorkspaceError, match="Name yourself"):
        access.actor(workspace, name)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts SET role = 'operator' WHERE name = 'bunseki'",
        "UPDATE accounts SET schools = '[\"S02\"]' WHERE name = 'kocho'",
        "UPDATE accounts SET state = 'active' WHERE name = 'gone'",
    ],
)
def test_a_row_edited_in_the_database_gives_nothing(workspace, statement):
    enter(workspace, {"bunseki": Role.ANALYST, "kocho": Role.SCHOOL, "gone": Role.SUPPORT_WORKER})
    accounts.disable(workspace, "gone", actor=ADMINISTRATOR)
    by_hand(workspace, statement)
    name = statement.split("'")[-2]
    with pytest.raises(IntegrityError, match=f"{name} of table accounts"):
        access.actor(workspace, name)


def test_an_owner_written_into_the_database_owns_nothing(workspace):
    enter(workspace, {"gakko": Role.DATA_OWNER})
    by_hand(workspace, "INSERT INTO data_owners (source, account) VALUES ('welfare', 'gakko')")
    with pytest.raises(IntegrityError, match="welfare of table data_owners"):
        access.actor(workspace, "gakko")


def test_a_programs_token_narrows_every_question_not_only_the_first():
    program = Actor("sato", Role.SUPPORT_WORKER, actions=frozenset({Action.LIST_FLAGS}))
    assert scope_of(program, Action.LIST_FLAGS) is Scope.ALL
    assert scope_of(program, Action.ASSIGN_CASE) is Scope.NONE
