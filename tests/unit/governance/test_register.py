"""The register keeps what was decided, asks for two persons where there are two, and logs every step."""

from itertools import product

import pytest
from sqlalchemy import delete

from governance import accounts, register, tables
from governance.account_state import Role
from governance.approval_state import TRANSITIONS, State, Step
from governance.digest import sha256
from governance.runlog import entries
from governance.verify import verify
from tests.accounts import ADMINISTRATOR, enter
from tests.unit.governance.conftest import APPROVAL
from vocabulary.errors import ApprovalError, IntegrityError, WorkspaceError
from vocabulary.source import load_sources

PASSWORD = "correct horse battery"


def add(workspace, actor, toml=APPROVAL):
    return register.add(workspace, toml, file="a.toml", sources=load_sources(), actor=actor)


def log(workspace):
    with workspace.reading() as connection:
        return [(entry.kind, entry.actor, entry.subject) for entry in entries(connection, kinds=register.KINDS)]


@pytest.fixture
def with_accounts(workspace):
    make_active(workspace, sato=Role.OPERATOR, tanaka=Role.COUNCIL)
    return workspace


def make_active(workspace, **roles):
    """Active accounts beside an administrator."""
    enter(workspace, roles)


def test_transitions_are_total():
    assert set(TRANSITIONS) == set(product(State, Step))
    assert all(TRANSITIONS[State.REVOKED, step] is None for step in Step), "revoked is for good"


def test_without_accounts_it_holds_at_once_and_the_log_says_so(workspace):
    added = add(workspace, "os:operator")
    assert added.state is State.IN_FORCE
    assert added.sha256 == sha256(APPROVAL.encode())
    with workspace.reading() as connection:
        (entry,) = entries(connection, kinds=register.KINDS)
    assert entry.content["confirmation"] == "none: the workspace has no accounts"
    assert entry.content["text_sha256"] == added.sha256
    assert entry.content["terms"]["sources"] == {"welfare": ["public_assistance", "tax_exempt"], "school": ["*"]}


def test_with_accounts_a_second_person_confirms(with_accounts):
    assert add(with_accounts, "sato").state is State.REQUESTED
    with pytest.raises(ApprovalError, match="sato requested it and cannot confirm it"):
        register.confirm(with_accounts, "2026-03", actor="sato")
    with pytest.raises(ApprovalError, match="os:operator is not an active account"):
        register.confirm(with_accounts, "2026-03", actor="os:operator")
    confirmed = register.confirm(with_accounts, "2026-03", actor="tanaka")
    assert (confirmed.state, confirmed.requested_by, confirmed.confirmed_by) == (State.IN_FORCE, "sato", "tanaka")
    assert log(with_accounts) == [("approval_added", "sato", "2026-03"), ("approval_confirmed", "tanaka", "2026-03")]
    assert verify(with_accounts).findings == ()


def test_a_disabled_account_does_not_confirm(with_accounts):
    add(with_accounts, "sato")
    accounts.disable(with_accounts, "tanaka", actor=ADMINISTRATOR)
    with pytest.raises(ApprovalError, match="tanaka is not an active account"):
        register.confirm(with_accounts, "2026-03", actor="tanaka")


def test_disabling_accounts_does_not_bring_the_one_person_rule_back(with_accounts):
    for name in ("tanaka", "sato"):
        accounts.disable(with_accounts, name, actor=ADMINISTRATOR)
    with pytest.raises(WorkspaceError, match="Name yourself"):
        add(with_accounts, "os:operator")
    assert add(with_accounts, ADMINISTRATOR).state is State.REQUESTED


def test_before_an_account_is_active_the_systems_user_requests_and_an_account_confirms(workspace):
    accounts.add(workspace, "a", Role.ADMINISTRATOR, actor="os:operator")
    invitation = accounts.add(workspace, "b", Role.COUNCIL, actor="os:operator")
    assert add(workspace, "os:operator").state is State.REQUESTED
    for actor in ("os:operator", "os:somebody", "a", "b"):
        with pytest.raises(ApprovalError):
            register.confirm(workspace, "2026-03", actor=actor)
    accounts.set_password(workspace, "b", invitation.token, PASSWORD)
    assert register.confirm(workspace, "2026-03", actor="b").state is State.IN_FORCE


def test_once_an_account_is_active_no_other_actor_requests_or_revokes(with_accounts):
    accounts.add(with_accounts, "invited", Role.ANALYST, actor=ADMINISTRATOR)
    add(with_accounts, "sato")
    before = log(with_accounts)
    for actor in ("os:operator", "invited", "nobody"):
        with pytest.raises(WorkspaceError, match=f"cannot be done as {actor}. Name yourself with --as"):
            add(with_accounts, actor, APPROVAL.replace("2026-03", "2026-04"))
        with pytest.raises(WorkspaceError, match="Name yourself with --as"):
            register.revoke(with_accounts, "2026-03", reason="r", actor=actor)
    assert log(with_accounts) == before
    assert register.revoke(with_accounts, "2026-03", reason="r", actor="tanaka").state is State.REVOKED


def test_taking_the_accounts_out_of_the_table_does_not_lift_the_rule(with_accounts):
    with with_accounts.writing() as connection:
        connection.execute(delete(tables.accounts))
    with pytest.raises(IntegrityError, match="of table accounts"):
        add(with_accounts, "os:operator")


@pytest.mark.parametrize("role", Role)
def test_only_some_roles_confirm(workspace, role):
    make_active(workspace, sato=Role.OPERATOR, tanaka=role)
    add(workspace, "sato")
    if role in {Role.DATA_OWNER, Role.COUNCIL}:
        assert register.confirm(workspace, "2026-03", actor="tanaka").state is State.IN_FORCE
    else:
        with pytest.raises(ApprovalError, match="data_owner, council"):
            register.confirm(workspace, "2026-03", actor="tanaka")
        assert register.show(workspace, "2026-03").state is State.REQUESTED


def test_what_is_in_force_is_not_confirmed_again(with_accounts):
    add(with_accounts, "sato")
    register.confirm(with_accounts, "2026-03", actor="tanaka")
    with pytest.raises(ApprovalError, match="in state in_force the step confirm is not allowed"):
        register.confirm(with_accounts, "2026-03", actor="tanaka")


def test_revoked_is_for_good(approved):
    revoked = register.revoke(approved, "2026-03", reason=" 審議会の決定 ", actor="os:operator")
    assert (revoked.state, revoked.reason) == (State.REVOKED, "審議会の決定")
    with pytest.raises(ApprovalError, match="in state revoked the step revoke"):
        register.revoke(approved, "2026-03", reason="again", actor="os:operator")
    with pytest.raises(ApprovalError, match="registered already"):
        add(approved, "os:operator")
    assert [kind for kind, _, _ in log(approved)] == ["approval_added", "approval_revoked"]


def test_a_revocation_needs_its_reason(approved):
    with pytest.raises(ApprovalError, match="needs its reason"):
        register.revoke(approved, "2026-03", reason=" ", actor="os:operator")


def test_an_id_is_registered_once(approved):
    with pytest.raises(ApprovalError, match="2026-03 is registered already"):
        add(approved, "os:operator", APPROVAL.replace("max_runs = 4", "max_runs = 99"))
    assert register.show(approved, "2026-03").approval.max_runs == 4
    assert len(log(approved)) == 1


def test_show_and_list(approved):
    add(approved, "os:operator", APPROVAL.replace('id = "2026-03"', 'id = "令和8年-1"'))
    assert [found.approval.id for found in register.list_approvals(approved)] == ["2026-03", "令和8年-1"]
    assert register.show(approved, "2026-03").text == APPROVAL
    with pytest.raises(ApprovalError, match="approvals list"):
        register.show(approved, "2026-99")
