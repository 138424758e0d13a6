"""Nobody enters by default; a token makes a password once; every change is logged."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from sqlalchemy import select

from governance import account_rows, accounts, passwords, tables
from governance.account_roles import confirm, set_role, set_schools
from governance.account_rows import STEP_KIND, TOKEN_LIFE
from governance.account_state import GIVEN_BY_TWO, TRANSITIONS, AccountState, AccountStep, Role
from governance.accounts import Account
from governance.runlog import entries
from governance.verify import verify
from tests.accounts import ADMINISTRATOR, COUNCIL, PASSWORD, enter
from tests.unit.governance.conftest import sqlite_only, stored_bytes
from vocabulary.errors import WorkspaceError


def log(workspace):
    with workspace.reading() as connection:
        return [
            (entry.kind, entry.actor, entry.content["role"], entry.content["state"])
            for entry in entries(connection, kinds=accounts.KINDS)
        ]


@pytest.fixture
def sato(workspace):
    enter(workspace, {"sato": Role.SUPPORT_WORKER})
    return Account("sato", Role.SUPPORT_WORKER, AccountState.ACTIVE)


def test_transitions_are_total_and_every_step_has_its_entry():
    assert set(TRANSITIONS) == set(product(AccountState, AccountStep))
    assert set(STEP_KIND) == set(AccountStep)


def test_there_is_no_account_at_first(workspace):
    assert accounts.list_accounts(workspace) == []
    with workspace.reading() as connection:
        assert not accounts.accounts_in_use(connection)
    assert accounts.authenticate(workspace, "admin", "admin") is None


def test_from_invitation_to_authentication(workspace):
    invitation = accounts.add(workspace, "kanri", Role.ADMINISTRATOR, actor="os:operator")
    kanri = accounts.set_password(workspace, "kanri", invitation.token, PASSWORD)
    assert kanri == Account("kanri", Role.ADMINISTRATOR, AccountState.ACTIVE)
    assert accounts.authenticate(workspace, "kanri", PASSWORD) == kanri
    assert accounts.list_accounts(workspace) == [kanri]
    assert log(workspace) == [
        ("account_added", "os:operator", "administrator", "invited"),
        ("account_password_set", "kanri", "administrator", "active"),
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
    enter(workspace, {})
    invitation = accounts.add(workspace, "sato", Role.ANALYST, actor=ADMINISTRATOR)
    accounts.add(workspace, "suzuki", Role.ANALYST, actor=ADMINISTRATOR)
    for name, token in [("suzuki", invitation.token), ("nobody", invitation.token), ("sato", "x"), ("sato", "None")]:
        with pytest.raises(WorkspaceError, match="do not fit"):
            accounts.set_password(workspace, name, token, PASSWORD)
    accounts.set_password(workspace, "sato", invitation.token, PASSWORD)
    for token in (invitation.token, "None", ""):
        with pytest.raises(WorkspaceError, match="do not fit"):
            accounts.set_password(workspace, "sato", token, "another password")


def test_a_token_expires(workspace, monkeypatch):
    enter(workspace, {})
    invitation = accounts.add(workspace, "sato", Role.ANALYST, actor=ADMINISTRATOR)
    later = datetime.now(UTC) + TOKEN_LIFE + timedelta(seconds=5)

    class Later(datetime):
        @classmethod
        def now(cls, tz=None):
            return later

    for module in (accounts, account_rows):
        monkeypatch.setattr(module, "datetime", Later)
    with pytest.raises(WorkspaceError, match="expired"):
        accounts.set_password(workspace, "sato", invitation.token, PASSWORD)


@pytest.mark.parametrize(("password", "said"), [("short", "at least 12 characters"), ("x" * 257, "at most 256")])
def test_a_password_has_its_length(workspace, password, said):
    refused(workspace, password, said)


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("passwordpassword", "used by many"),
        ("sato-sato-sato-1", "is like the name"),
        ("abcabcabcabcabc", "easily guessed"),
    ],
)
def test_a_password_that_is_easily_guessed_is_set_by_nobody(workspace, password, said):
    refused(workspace, password, said)


def refused(workspace, password, said):
    """Neither by its token nor as what is kept of another one is the password taken."""
    enter(workspace, {})
    invitation = accounts.add(workspace, "sato", Role.ANALYST, actor=ADMINISTRATOR)
    with pytest.raises(WorkspaceError, match=said):
        accounts.set_password(workspace, "sato", invitation.token, password)
    assert accounts.authenticate(workspace, "sato", password) is None
    with pytest.raises(WorkspaceError, match=said):
        passwords.hashed("sato", password)


def test_neither_password_nor_token_is_stored(workspace):
    enter(workspace, {})
    invitation = accounts.add(workspace, "sato", Role.ANALYST, actor=ADMINISTRATOR)
    accounts.add(workspace, "suzuki", Role.ANALYST, actor=ADMINISTRATOR)
    accounts.set_password(workspace, "sato", invitation.token, PASSWORD)
    stored = stored_bytes(workspace)
    assert PASSWORD.encode() not in stored
    assert invitation.token.encode() not in stored
    with workspace.reading() as connection:
        hashes = list(connection.execute(select(tables.accounts.c.password_hash)).scalars())
    assert sum(found is not None and found.startswith("$argon2id$") for found in hashes) == 3


def test_a_new_invitation_ends_the_old_password(workspace, sato):
    invitation = accounts.invite(workspace, "sato", actor=ADMINISTRATOR)
    assert accounts.authenticate(workspace, "sato", PASSWORD) is None
    accounts.set_password(workspace, "sato", invitation.token, "another password")
    assert accounts.authenticate(workspace, "sato", "another password") == sato


def test_a_disabled_account_does_not_enter(workspace, sato):
    assert accounts.disable(workspace, "sato", actor=ADMINISTRATOR).state is AccountState.DISABLED
    assert accounts.authenticate(workspace, "sato", PASSWORD) is None
    for step in (accounts.disable, lambda *args, **named: set_role(*args, Role.ANALYST, **named)):
        with pytest.raises(WorkspaceError, match="in state disabled"):
            step(workspace, "sato", actor=ADMINISTRATOR)


def test_a_role_is_changed_and_logged(workspace, sato):
    assert set_role(workspace, "sato", Role.COUNCIL, actor=ADMINISTRATOR).role is Role.COUNCIL
    assert log(workspace)[-1] == ("account_role_set", ADMINISTRATOR, "council", "active")


def test_once_an_account_is_active_only_an_active_one_changes_accounts(workspace, sato):
    accounts.add(workspace, "suzuki", Role.ANALYST, actor=ADMINISTRATOR)
    before = log(workspace)
    for actor in ("os:operator", "suzuki", "nobody"):
        for step in (
            lambda actor: accounts.add(workspace, "tanaka", Role.COUNCIL, actor=actor),
            lambda actor: accounts.invite(workspace, "suzuki", actor=actor),
            lambda actor: accounts.disable(workspace, "suzuki", actor=actor),
            lambda actor: set_role(workspace, "suzuki", Role.COUNCIL, actor=actor),
        ):
            with pytest.raises(WorkspaceError, match=f"cannot be done as {actor}. Name yourself with --as"):
                step(actor)
    assert log(workspace) == before


def test_before_an_account_is_active_the_systems_user_changes_accounts_and_never_again_after(workspace):
    invitation = accounts.add(workspace, "kanri", Role.ADMINISTRATOR, actor="os:operator")
    accounts.add(workspace, "suzuki", Role.ANALYST, actor="os:operator")
    assert set_role(workspace, "suzuki", Role.COUNCIL, actor="os:operator").role is Role.COUNCIL
    accounts.set_password(workspace, "kanri", invitation.token, PASSWORD)
    with pytest.raises(WorkspaceError, match="Name yourself"):
        accounts.invite(workspace, "suzuki", actor="os:operator")


def test_names(workspace, sato):
    with pytest.raises(WorkspaceError, match="sato already"):
        accounts.add(workspace, "sato", Role.ANALYST, actor=ADMINISTRATOR)
    for name in ("", "os:root", "a b", "a/b", "x" * 65):
        with pytest.raises(WorkspaceError, match="without spaces, colons or slashes"):
            accounts.add(workspace, name, Role.ANALYST, actor=ADMINISTRATOR)
    with pytest.raises(WorkspaceError, match="There is no account suzuki"):
        accounts.disable(workspace, "suzuki", actor=ADMINISTRATOR)
    accounts.add(workspace, "佐藤", Role.ANALYST, actor=ADMINISTRATOR)


@sqlite_only
def test_the_first_account_is_an_administrators(workspace):
    for role in set(Role) - {Role.ADMINISTRATOR}:
        schools = ["S01"] if role is Role.SCHOOL else ()
        with pytest.raises(WorkspaceError, match="first account has to be an administrator's"):
            accounts.add(workspace, "sato", role, actor="os:operator", schools=schools)
    assert accounts.add(workspace, "sato", Role.ADMINISTRATOR, actor="os:operator").token is not None


@pytest.mark.parametrize("role", GIVEN_BY_TWO)
def test_an_account_that_could_go_far_takes_a_second_person(workspace, role):
    enter(workspace, {"second": Role.ADMINISTRATOR, "sato": Role.SUPPORT_WORKER})
    asked = accounts.add(workspace, "taro", role, actor=ADMINISTRATOR)
    assert (asked.token, asked.account.state, asked.account.wanted_role) == (None, AccountState.REQUESTED, role)
    for actor, said in [
        (ADMINISTRATOR, "another person has to confirm"),
        ("sato", "may not do this to accounts"),
        ("os:operator", "Name yourself"),
    ]:
        with pytest.raises(WorkspaceError, match=said):
            confirm(workspace, "taro", actor=actor)
    with pytest.raises(WorkspaceError, match="in state requested the step invite"):
        accounts.invite(workspace, "taro", actor="second")
    given = confirm(workspace, "taro", actor="second")
    assert (given.account.state, given.account.wanted_role) == (AccountState.INVITED, None)
    assert accounts.set_password(workspace, "taro", given.token, PASSWORD).role is role
    with pytest.raises(WorkspaceError, match="Nothing of account taro waits"):
        confirm(workspace, "taro", actor="second")
    assert verify(workspace).findings == ()


@pytest.mark.parametrize("role", GIVEN_BY_TWO)
def test_a_role_that_could_go_far_is_kept_back_until_a_second_person_confirms(workspace, role):
    enter(workspace, {"taro": Role.SUPPORT_WORKER})
    asked = set_role(workspace, "taro", role, actor=ADMINISTRATOR)
    assert (asked.role, asked.wanted_role) == (Role.SUPPORT_WORKER, role)
    with pytest.raises(WorkspaceError, match="another person has to confirm"):
        confirm(workspace, "taro", actor=ADMINISTRATOR)
    confirmed = confirm(workspace, "taro", actor=COUNCIL)
    assert (confirmed.account.role, confirmed.token) == (role, None)
    assert log(workspace)[-1] == ("account_confirmed", COUNCIL, role.value, "active")


def test_an_account_that_waits_can_be_refused_and_does_not_come_back_by_one_person(workspace):
    enter(workspace, {})
    accounts.add(workspace, "taro", Role.OPERATOR, actor=ADMINISTRATOR)
    accounts.disable(workspace, "taro", actor=ADMINISTRATOR)
    again = accounts.invite(workspace, "taro", actor=ADMINISTRATOR)
    assert (again.token, again.account.state) == (None, AccountState.REQUESTED)
    with pytest.raises(WorkspaceError, match="another person has to confirm"):
        confirm(workspace, "taro", actor=ADMINISTRATOR)


def test_nobody_changes_their_own_role_or_confirms_it(workspace):
    enter(workspace, {"second": Role.ADMINISTRATOR, "taro": Role.COUNCIL})
    with pytest.raises(WorkspaceError, match="Nobody changes the role"):
        set_role(workspace, "second", Role.COUNCIL, actor="second")
    set_role(workspace, "taro", Role.OPERATOR, actor=ADMINISTRATOR)
    with pytest.raises(WorkspaceError, match="Nobody changes the role"):
        confirm(workspace, "taro", actor="taro")


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMINISTRATOR}))
def test_only_administrators_change_accounts(workspace, role):
    enter(workspace, {"taro": role})
    for step in (
        lambda: accounts.add(workspace, "hanako", Role.ANALYST, actor="taro"),
        lambda: accounts.invite(workspace, COUNCIL, actor="taro"),
        lambda: accounts.disable(workspace, COUNCIL, actor="taro"),
        lambda: set_role(workspace, COUNCIL, Role.ANALYST, actor="taro"),
        lambda: set_schools(workspace, COUNCIL, ["S01"], actor="taro"),
    ):
        with pytest.raises(WorkspaceError, match="may not do this to accounts; those that may: administrator"):
            step()


def test_the_last_active_administrator_stays(workspace):
    enter(workspace, {"second": Role.ADMINISTRATOR})
    accounts.disable(workspace, "second", actor=ADMINISTRATOR)
    accounts.invite(workspace, "second", actor=ADMINISTRATOR)
    confirm(workspace, "second", actor=COUNCIL)  # invited, not active
    for step in (
        lambda: accounts.disable(workspace, ADMINISTRATOR, actor=ADMINISTRATOR),
        lambda: accounts.invite(workspace, ADMINISTRATOR, actor=ADMINISTRATOR),
    ):
        with pytest.raises(WorkspaceError, match="no active administrator but kanri"):
            step()
    assert accounts.authenticate(workspace, ADMINISTRATOR, PASSWORD) is not None


def test_an_administrator_is_moved_only_while_another_stays(workspace):
    enter(workspace, {"second": Role.ADMINISTRATOR})
    set_role(workspace, "second", Role.OPERATOR, actor=ADMINISTRATOR)
    set_role(workspace, ADMINISTRATOR, Role.COUNCIL, actor="second")
    with pytest.raises(WorkspaceError, match="no active administrator but second"):
        confirm(workspace, "second", actor=COUNCIL)


def test_schools_are_of_a_schools_account_alone(workspace):
    enter(workspace, {"kocho": Role.SCHOOL, "kyoto": Role.SCHOOL}, schools={"kocho": ["S02", "S01", "S02"]})
    held = {one.name: one.schools for one in accounts.list_accounts(workspace)}
    assert held == {ADMINISTRATOR: set(), COUNCIL: set(), "kocho": {"S01", "S02"}, "kyoto": {"S01"}}
    assert set_schools(workspace, "kyoto", ["S09"], actor=ADMINISTRATOR).schools == {"S09"}
    for step in (
        lambda: set_schools(workspace, "kyoto", [" "], actor=ADMINISTRATOR),
        lambda: set_schools(workspace, COUNCIL, ["S01"], actor=ADMINISTRATOR),
        lambda: accounts.add(workspace, "a", Role.SCHOOL, actor=ADMINISTRATOR),
        lambda: accounts.add(workspace, "a", Role.ANALYST, actor=ADMINISTRATOR, schools=["S01"]),
    ):
        with pytest.raises(WorkspaceError, match="takes one or more codes by --school"):
            step()
    assert set_role(workspace, "kyoto", Role.ANALYST, actor=ADMINISTRATOR).schools == frozenset()
    assert verify(workspace).findings == ()
