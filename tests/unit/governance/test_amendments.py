"""Amendments are further versions; owners countersign; a revocation ends every version."""

import pytest
from sqlalchemy import delete, update

from governance import accounts, data_owners, gate, register, tables
from governance.account_state import Role
from governance.approval_state import State
from governance.runlog import Kind, entries
from governance.staging import stage
from governance.verify import verify
from tests.accounts import ADMINISTRATOR, enter
from tests.unit.governance.conftest import APPROVAL, DAY
from vocabulary.errors import ApprovalError, IntegrityError, RefusalError, WorkspaceError
from vocabulary.source import load_sources

PASSWORD = "correct horse battery"
WIDER = APPROVAL.replace("max_runs = 4", "max_runs = 5")
WIDER_STILL = APPROVAL.replace("max_runs = 4", "max_runs = 6")
COUNTERSIGNED = 'kind = "目的外利用協議"\nconditions = ["a"]\n' + APPROVAL


def add(workspace, toml=APPROVAL, actor="os:operator"):
    return register.add(workspace, toml, file="a.toml", sources=load_sources(), actor=actor)


def amend(workspace, toml=WIDER, actor="os:operator", approval="2026-03"):
    return register.amend(workspace, approval, toml, file="b.toml", sources=load_sources(), actor=actor)


def admit(workspace):
    return gate.admit(workspace, "2026-03", today=DAY, delivered=["school"], actor="os:operator")


def states(workspace):
    return [one.state for one in register.history(workspace, "2026-03")]


@pytest.fixture
def staffed(workspace):
    """Active accounts: an operator, a council member, and owners of the two sources."""
    roles = {"sato": Role.OPERATOR, "tanaka": Role.COUNCIL, "fukushi": Role.DATA_OWNER, "gakko": Role.DATA_OWNER}
    enter(workspace, roles)
    data_owners.set_owner(workspace, "welfare", "fukushi", actor="tanaka")
    data_owners.set_owner(workspace, "school", "gakko", actor="tanaka")
    return workspace


def test_an_amendment_takes_the_place_of_the_version_before(approved):
    added = amend(approved)
    assert (added.version, added.state) == (2, State.IN_FORCE)
    assert states(approved) == [State.SUPERSEDED, State.IN_FORCE]
    assert admit(approved).approval.max_runs == 5
    assert [one.version for one in register.list_approvals(approved)] == [2]
    assert amend(approved, WIDER_STILL).version == 3
    assert verify(approved).findings == ()
    with approved.reading() as connection:
        added = entries(connection, kinds=[Kind.APPROVAL_ADDED], subject="2026-03/2")
        ended = entries(connection, kinds=[Kind.APPROVAL_SUPERSEDED], subject="2026-03")
    assert added[0].content["confirmation"] == "none: the workspace has no accounts"
    assert ended[0].content["by"] == "2026-03/2"


def test_what_an_amendment_changes():
    old, new = (register.parse_approval(toml, file="a", sources=load_sources()) for toml in (APPROVAL, WIDER))
    assert register.differences(old, new) == {"max_runs": (4, 5)}
    assert register.differences(old, old) == {}


def test_until_an_amendment_is_confirmed_the_version_before_holds(staffed):
    add(staffed, actor="sato")
    register.confirm(staffed, "2026-03", actor="tanaka")
    assert amend(staffed, actor="sato").state is State.REQUESTED
    assert admit(staffed).approval.max_runs == 4
    with pytest.raises(ApprovalError, match="another amendment waits"):
        amend(staffed, WIDER_STILL, actor="sato")
    with pytest.raises(ApprovalError, match="sato requested it"):
        register.confirm(staffed, "2026-03", actor="sato")
    register.confirm(staffed, "2026-03", actor="tanaka")
    assert states(staffed) == [State.SUPERSEDED, State.IN_FORCE]
    assert admit(staffed).approval.max_runs == 5
    assert verify(staffed).findings == ()


def test_a_waiting_amendment_is_withdrawn_without_ending_the_approval(staffed):
    add(staffed, actor="sato")
    register.confirm(staffed, "2026-03", actor="tanaka")
    with pytest.raises(ApprovalError, match="no version waits"):
        register.revoke(staffed, "2026-03", reason="r", actor="sato", waiting_only=True)
    amend(staffed, actor="sato")
    register.revoke(staffed, "2026-03", reason="r", actor="sato", waiting_only=True)
    assert states(staffed) == [State.IN_FORCE, State.REVOKED]
    assert admit(staffed).approval.max_runs == 4
    assert amend(staffed, WIDER_STILL, actor="sato").version == 3


def test_a_revocation_ends_every_version(staffed):
    add(staffed, actor="sato")
    register.confirm(staffed, "2026-03", actor="tanaka")
    amend(staffed, actor="sato")
    register.revoke(staffed, "2026-03", reason="r", actor="tanaka")
    assert states(staffed) == [State.REVOKED, State.REVOKED]
    with pytest.raises(RefusalError, match="was revoked"):
        admit(staffed)
    with pytest.raises(ApprovalError, match="in state revoked it cannot be amended"):
        amend(staffed, WIDER_STILL, actor="sato")
    assert verify(staffed).findings == ()


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        (APPROVAL, "says the same as the version"),
        ("# a note\n" + APPROVAL, "says the same as the version"),
        (APPROVAL.replace('id = "2026-03"', 'id = "2026-04"'), "a file of 2026-04 cannot amend approval 2026-03"),
    ],
)
def test_what_is_no_amendment(approved, toml, message):
    with pytest.raises(ApprovalError, match=message):
        amend(approved, toml)
    assert states(approved) == [State.IN_FORCE]


def test_what_is_not_registered_is_not_amended(workspace):
    with pytest.raises(ApprovalError, match="not registered"):
        amend(workspace)


def test_a_version_does_not_pass_for_an_approval(approved):
    amend(approved)
    with pytest.raises(RefusalError, match="2026-03/2 is not registered"):
        gate.admit(approved, "2026-03/2", today=DAY, delivered=["school"], actor="os:operator")


def test_runs_under_every_version_count(approved, publish):
    for _ in range(4):
        publish(approved)
    amend(approved)
    publish(approved)
    with pytest.raises(RefusalError, match="The 5 runs"):
        admit(approved)


def test_an_amendment_during_a_run_keeps_it_from_being_published(approved):
    under_way = stage(approved, admit(approved), actor="os:operator")
    amend(approved)
    with pytest.raises(RefusalError, match="was amended during the run"), under_way as run:
        run.publish(inputs=(), parameters={}, counts={}, seeds={})
    assert list((approved.path / "runs").iterdir()) == []
    assert verify(approved).findings == ()


@pytest.mark.parametrize(
    "tampering",
    [
        delete(tables.approvals).where(tables.approvals.c.id == "2026-03/2"),
        update(tables.approvals).where(tables.approvals.c.id == "2026-03").values(state="in_force"),
        update(tables.approvals).where(tables.approvals.c.id == "2026-03/2").values(countersigned='{"school":"x"}'),
    ],
    ids=["the new version taken out", "the old one put back in force", "a countersignature added"],
)
def test_versions_edited_in_the_database_admit_nothing(approved, tampering):
    amend(approved)
    with approved.writing() as connection:
        connection.execute(tampering)
    with pytest.raises(IntegrityError):
        admit(approved)
    assert verify(approved).findings != ()


def test_the_owner_of_every_source_countersigns_in_any_order(staffed):
    add(staffed, COUNTERSIGNED, actor="sato")
    first = register.countersign(staffed, "2026-03", source="school", actor="gakko")
    assert (first.state, first.missing) == (State.REQUESTED, ("welfare",))
    assert register.confirm(staffed, "2026-03", actor="tanaka").state is State.COUNTERSIGNING
    with pytest.raises(RefusalError, match="has not been countersigned"):
        admit(staffed)
    last = register.countersign(staffed, "2026-03", source="welfare", actor="fukushi")
    assert (last.state, dict(last.countersigned)) == (State.IN_FORCE, {"school": "gakko", "welfare": "fukushi"})
    assert admit(staffed).columns == {"school": "*"}
    assert verify(staffed).findings == ()


def test_countersigned_before_it_is_confirmed_it_holds_at_the_confirmation(staffed):
    add(staffed, COUNTERSIGNED, actor="sato")
    for source, owner in (("school", "gakko"), ("welfare", "fukushi")):
        register.countersign(staffed, "2026-03", source=source, actor=owner)
    assert register.confirm(staffed, "2026-03", actor="tanaka").state is State.IN_FORCE


@pytest.mark.parametrize(
    ("source", "actor", "message"),
    [
        ("welfare", "gakko", "gakko does not answer for source welfare"),
        ("welfare", "sato", "sato does not answer"),
        ("welfare", "os:operator", "os:operator does not answer"),
        ("health", "gakko", "a countersignature for health is not asked for"),
    ],
)
def test_nobody_else_countersigns(staffed, source, actor, message):
    add(staffed, COUNTERSIGNED, actor="sato")
    with pytest.raises(ApprovalError, match=message):
        register.countersign(staffed, "2026-03", source=source, actor=actor)


def test_a_countersignature_is_given_once_and_not_after_the_fact(staffed):
    add(staffed, COUNTERSIGNED, actor="sato")
    register.countersign(staffed, "2026-03", source="school", actor="gakko")
    with pytest.raises(ApprovalError, match="is not asked for, or was given"):
        register.countersign(staffed, "2026-03", source="school", actor="gakko")
    register.confirm(staffed, "2026-03", actor="tanaka")
    register.countersign(staffed, "2026-03", source="welfare", actor="fukushi")
    with pytest.raises(ApprovalError, match="in state in_force the step countersign"):
        register.countersign(staffed, "2026-03", source="welfare", actor="fukushi")


def test_a_disabled_owner_does_not_countersign(staffed):
    add(staffed, COUNTERSIGNED, actor="sato")
    accounts.disable(staffed, "gakko", actor=ADMINISTRATOR)
    with pytest.raises(ApprovalError, match="does not answer"):
        register.countersign(staffed, "2026-03", source="school", actor="gakko")


def test_single_sources_can_be_asked_for(staffed):
    add(staffed, 'countersigned_by = ["school"]\n' + APPROVAL, actor="sato")
    assert register.confirm(staffed, "2026-03", actor="tanaka").missing == ("school",)


def test_without_accounts_nobody_countersigns_and_the_log_says_so(workspace):
    assert add(workspace, COUNTERSIGNED).state is State.IN_FORCE
    with workspace.reading() as connection:
        (entry,) = entries(connection, kinds=[Kind.APPROVAL_ADDED])
    assert (entry.content["confirmation"], entry.content["countersignatures"]) == (
        "none: the workspace has no accounts",
        [],
    )


def test_owners_are_named_by_others_and_are_data_owners(staffed):
    assert data_owners.owners(staffed) == {"school": "gakko", "welfare": "fukushi"}
    for account in ("sato", "nobody"):
        with pytest.raises(ApprovalError, match="not an active account of the role data_owner"):
            data_owners.set_owner(staffed, "health", account, actor="tanaka")
    for actor in ("gakko", "sato"):
        with pytest.raises(ApprovalError, match=f"the role of {actor} cannot name its owner"):
            data_owners.set_owner(staffed, "health", "gakko", actor=actor)
    with pytest.raises(WorkspaceError, match="Name yourself with --as"):
        data_owners.set_owner(staffed, "health", "gakko", actor="os:operator")
    data_owners.set_owner(staffed, "school", "fukushi", actor="tanaka")
    assert data_owners.owners(staffed)["school"] == "fukushi"


def test_an_owner_written_into_the_database_does_not_countersign(staffed):
    add(staffed, COUNTERSIGNED, actor="sato")
    with staffed.writing() as connection:
        connection.execute(update(tables.data_owners).values(account="gakko"))
    with pytest.raises(IntegrityError):
        register.countersign(staffed, "2026-03", source="welfare", actor="gakko")
    assert verify(staffed).findings != ()
