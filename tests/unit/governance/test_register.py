"""The register keeps what was decided, asks for two persons where there are two, and logs every step."""

from itertools import product

import pytest

from governance import accounts, register
from governance.account_state import Role
from governance.digest import sha256
from governance.register import TRANSITIONS, State, Step
from governance.runlog import entries
from governance.verify import verify
from tests.unit.governance.conftest import APPROVAL
from vocabulary.errors import ApprovalError
from vocabulary.source import load_sources

PASSWORD = "correct horse battery"


def add(workspace, actor, toml=APPROVAL):
    return register.add(workspace, toml, file="a.toml", sources=load_sources(), actor=actor)


def log(workspace):
    with workspace.reading() as connection:
        return [(entry.kind, entry.actor, entry.subject) for entry in entries(connection, kinds=register.KINDS)]


@pytest.fixture
def with_accounts(workspace):
    for name in ("sato", "tanaka"):
        invitation = accounts.add(workspace, name, Role.OPERATOR, actor="os:operator")
        accounts.set_password(workspace, name, invitation.token, PASSWORD)
    return workspace


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
    accounts.disable(with_accounts, "tanaka", actor="os:operator")
    with pytest.raises(ApprovalError, match="tanaka is not an active account"):
        register.confirm(with_accounts, "2026-03", actor="tanaka")


def test_disabling_every_account_does_not_bring_the_one_person_rule_back(with_accounts):
    for name in ("sato", "tanaka"):
        accounts.disable(with_accounts, name, actor="os:operator")
    assert add(with_accounts, "os:operator").state is State.REQUESTED


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
