"""Nobody enters by default; a token makes a password once; every change is logged."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from sqlalchemy import select

from governance import accounts, tables
from governance.account_state import TRANSITIONS, AccountState, AccountStep, Role
from governance.accounts import STEP_KIND, TOKEN_LIFE, Account
from governance.runlog import entries
from governance.verify import verify
from tests.unit.governance.conftest import stored_bytes
from vocabulary.errors import WorkspaceError

PASSWORD = "correct horse battery"


def log(workspace):
    with workspace.reading() as connection:
        return [
            (entry.kind, entry.actor, entry.content["role"], entry.content["state"])
            for entry in entries(connection, kinds=accounts.KINDS)
        ]


@pytest.fixture
def sato(workspace):
    invitation = accounts.add(workspace, "sato", Role.SUPPORT_WORKER, actor="os:operator")
    return accounts.set_password(workspace, "sato", invitation.token, PASSWORD)


def test_transitions_are_total_and_every_step_has_its_entry():
    assert set(TRANSITIONS) == set(product(AccountState, AccountStep))
    assert set(STEP_KIND) == set(AccountStep)


def test_there_is_no_account_at_first(workspace):
    assert accounts.list_accounts(workspace) == []
    with workspace.reading() as connection:
        assert not accounts.accounts_in_use(connection)
    assert accounts.authenticate(workspace, "admin", "admin") is None


def test_from_invitation_to_authentication(workspace, sato):
    assert sato == Account("sato", Role.SUPPORT_WORKER, AccountState.ACTIVE)
    assert accounts.authenticate(workspace, "sato", PASSWORD) == sato
    assert accounts.list_accounts(workspace) == [sato]
    assert log(workspace) == [
        ("account_added", "os:operator", "support_worker", "invited"),
        ("account_password_set", "sato", "support_worker", "active"),
    ]
    assert verify(workspace).findings == ()


@pytest.mark.parametrize(
    ("name", "password"), [("sato", ""), ("sato", PASSWORD.upper()), ("SATO", PASSWORD), ("suzuki", PASSWORD), ("", "")]
)
def test_a_wrong_name_or_password_is_a_miss(workspace, sato, name, password):
    assert accounts.authenticate(workspace, name, password) is None


def test_a_name_that_is_not_there_costs_a_computation_too(workspace, sato, monkeypatch):
    verified = []
    real = accounts._hasher()

    class Counting:
        def verify(self, stored, password):
            verified.append(stored)
            return real.verify(stored, password)

        def hash(self, password):
            return real.hash(password)

    monkeypatch.setattr(accounts, "_hasher", Counting)
    accounts.authenticate(workspace, "nobody", PASSWORD)
    accounts.authenticate(workspace, "sato", "wrong")
    assert len(verified) == 2
    assert {stored.split("$")[1:4] == verified[1].split("$")[1:4] for stored in verified} == {True}


def test_a_token_is_used_once_by_its_owner(workspace):
    invitation = accounts.add(workspace, "sato", Role.ANALYST, actor="os:operator")
    accounts.add(workspace, "suzuki", Role.ANALYST, actor="os:operator")
    for name, token in [("suzuki", invitation.token), ("nobody", invitation.token), ("sato", "x"), ("sato", "None")]:
        with pytest.raises(WorkspaceError, match="do not fit"):
            accounts.set_password(workspace, name, token, PASSWORD)
    accounts.set_password(workspace, "sato", invitation.token, PASSWORD)
    for token in (invitation.token, "None", ""):
        with pytest.raises(WorkspaceError, match="do not fit"):
            accounts.set_password(workspace, "sato", token, "another password")


def test_a_token_expires(workspace, monkeypatch):
    invitation = accounts.add(workspace, "sato", Role.ANALYST, actor="os:operator")
    later = datetime.now(UTC) + TOKEN_LIFE + timedelta(seconds=5)

    class Later(datetime):
        @classmethod
        def now(cls, tz=None):
            return later

    monkeypatch.setattr(accounts, "datetime", Later)
    with pytest.raises(WorkspaceError, match="expired"):
        accounts.set_password(workspace, "sato", invitation.token, PASSWORD)


def test_a_password_has_its_length(workspace):
    invitation = accounts.add(workspace, "sato", Role.ANALYST, actor="os:operator")
    with pytest.raises(WorkspaceError, match="at least 12 characters"):
        accounts.set_password(workspace, "sato", invitation.token, "short")


def test_neither_password_nor_token_is_stored(workspace):
    invitation = accounts.add(workspace, "sato", Role.ANALYST, actor="os:operator")
    accounts.add(workspace, "suzuki", Role.ANALYST, actor="os:operator")
    accounts.set_password(workspace, "sato", invitation.token, PASSWORD)
    stored = stored_bytes(workspace)
    assert PASSWORD.encode() not in stored
    assert invitation.token.encode() not in stored
    with workspace.reading() as connection:
        hashes = list(connection.execute(select(tables.accounts.c.password_hash)).scalars())
    assert sum(found is not None and found.startswith("$argon2id$") for found in hashes) == 1


def test_a_new_invitation_ends_the_old_password(workspace, sato):
    invitation = accounts.invite(workspace, "sato", actor="sato")
    assert accounts.authenticate(workspace, "sato", PASSWORD) is None
    accounts.set_password(workspace, "sato", invitation.token, "another password")
    assert accounts.authenticate(workspace, "sato", "another password") == sato


def test_a_disabled_account_does_not_enter(workspace, sato):
    assert accounts.disable(workspace, "sato", actor="sato").state is AccountState.DISABLED
    assert accounts.authenticate(workspace, "sato", PASSWORD) is None
    for step in (accounts.disable, lambda *args, **named: accounts.set_role(*args, Role.ANALYST, **named)):
        with pytest.raises(WorkspaceError, match="in state disabled"):
            step(workspace, "sato", actor="os:operator")


def test_a_role_is_changed_and_logged(workspace, sato):
    assert accounts.set_role(workspace, "sato", Role.COUNCIL, actor="sato").role is Role.COUNCIL
    assert log(workspace)[-1] == ("account_role_set", "sato", "council", "active")


def test_once_an_account_is_active_only_an_active_one_changes_accounts(workspace, sato):
    accounts.add(workspace, "suzuki", Role.ANALYST, actor="sato")
    before = log(workspace)
    for actor in ("os:operator", "suzuki", "nobody"):
        for step in (
            lambda actor: accounts.add(workspace, "tanaka", Role.COUNCIL, actor=actor),
            lambda actor: accounts.invite(workspace, "suzuki", actor=actor),
            lambda actor: accounts.disable(workspace, "suzuki", actor=actor),
            lambda actor: accounts.set_role(workspace, "suzuki", Role.COUNCIL, actor=actor),
        ):
            with pytest.raises(WorkspaceError, match=f"cannot be done as {actor}. Name yourself with --as"):
                step(actor)
    assert log(workspace) == before


def test_before_an_account_is_active_and_when_none_is_any_more_the_systems_user_changes_accounts(workspace):
    invitation = accounts.add(workspace, "suzuki", Role.ANALYST, actor="os:operator")
    accounts.set_role(workspace, "suzuki", Role.COUNCIL, actor="os:operator")
    accounts.set_password(workspace, "suzuki", invitation.token, PASSWORD)
    accounts.disable(workspace, "suzuki", actor="suzuki")
    assert accounts.invite(workspace, "suzuki", actor="os:operator").account.state is AccountState.INVITED


def test_names(workspace, sato):
    with pytest.raises(WorkspaceError, match="sato already"):
        accounts.add(workspace, "sato", Role.ANALYST, actor="sato")
    for name in ("", "os:root", "a b", "a/b", "x" * 65):
        with pytest.raises(WorkspaceError, match="without spaces, colons or slashes"):
            accounts.add(workspace, name, Role.ANALYST, actor="sato")
    with pytest.raises(WorkspaceError, match="There is no account suzuki"):
        accounts.disable(workspace, "suzuki", actor="sato")
    accounts.add(workspace, "佐藤", Role.ANALYST, actor="sato")
