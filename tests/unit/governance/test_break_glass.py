"""Emergency access: for a time, with a reason, told at once, reviewed by another; of whom and why lies sealed."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from governance import access, break_glass, grants
from governance.account_state import Role
from governance.alerts import AlertKind, list_alerts
from governance.break_glass import LONGEST, TRANSITIONS
from governance.grants import GrantState
from governance.policy import Action
from governance.runlog import Kind, entries
from governance.verify import verify
from tests.accounts import COUNCIL, enter
from tests.unit.governance.conftest import by_hand, sqlite_only, stored_bytes
from vocabulary.errors import IntegrityError, RefusalError, UsageError, WorkspaceError

CHILD = {Action.VIEW_CHILD, Action.VIEW_IDENTITY, Action.VIEW_SIBLINGS, Action.WORK_CASE, Action.RECORD_OUTCOME}
PERSON, REASON = "p-7f3a91c2d4", "夜間に警察から照会があった"


@pytest.fixture
def staffed(workspace):
    enter(workspace, {"sato": Role.SUPPORT_WORKER, "ito": Role.SUPPORT_WORKER, "gakko": Role.DATA_OWNER})
    return workspace


def who(workspace, name="sato"):
    return access.actor(workspace, name)


def use(workspace, name="sato", minutes=60, reason=REASON):
    return break_glass.use(workspace, PERSON, reason=reason, minutes=minutes, actor=who(workspace, name))


def reaches(workspace, name="sato", person=PERSON):
    return {action for action in CHILD if access.allowed(workspace, who(workspace, name), action, person_id=person)}


def review(workspace, grant_id, name=COUNCIL, verdict=GrantState.JUSTIFIED, reason="as the log of the night says"):
    return break_glass.review(workspace, grant_id, verdict, reason=reason, actor=who(workspace, name))


class Later(datetime):
    """A clock that stands `by` ahead."""

    by = timedelta(0)

    @classmethod
    def now(cls, tz=None):
        return datetime.now(tz) + cls.by


def test_transitions_are_total():
    assert set(TRANSITIONS) == set(product(GrantState, GrantState))
    assert {after for after in TRANSITIONS.values() if after} == {GrantState.JUSTIFIED, GrantState.NOT_JUSTIFIED}


def test_it_reaches_one_child_for_one_account(staffed):
    assert reaches(staffed) == set()
    given = use(staffed)
    assert given.until - given.granted_at == timedelta(minutes=60)
    assert reaches(staffed) == CHILD
    assert reaches(staffed, "ito") == set()
    assert reaches(staffed, person="p-another") == set()


def test_it_ends_by_the_clock(staffed, monkeypatch):
    use(staffed, minutes=10)
    monkeypatch.setattr(grants, "datetime", Later)
    for minutes, expected in ((9, CHILD), (11, set()), (-1, set())):
        monkeypatch.setattr(Later, "by", timedelta(minutes=minutes))
        assert reaches(staffed) == expected


@pytest.mark.parametrize("minutes", [0, -5, 241, 100_000])
def test_it_is_never_longer_than_four_hours(staffed, minutes):
    with pytest.raises(UsageError, match="from 1 to 240 minutes"):
        use(staffed, minutes=minutes)
    assert grants.list_grants(staffed) == []
    assert use(staffed, minutes=240).until <= datetime.now(UTC) + LONGEST


def test_it_needs_its_reason(staffed):
    with pytest.raises(WorkspaceError, match="A reason is missing"):
        use(staffed, reason=" ")


@sqlite_only
@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SUPPORT_WORKER}))
def test_other_roles_have_none(workspace, role):
    enter(workspace, {"taro": role})
    with pytest.raises(RefusalError, match="emergency access"):
        use(workspace, "taro")
    with workspace.reading() as connection:
        assert [one.content["action"] for one in entries(connection, kinds=[Kind.REFUSAL])] == ["break_glass"]


def test_others_are_told_in_the_same_transaction(staffed, monkeypatch):
    given = use(staffed)
    assert [(one.kind, one.about) for one in list_alerts(staffed)] == [(AlertKind.BREAK_GLASS, given.id)]

    def unable(*_, **__):
        raise WorkspaceError("workspace.database_unreachable", problem="readonly")

    monkeypatch.setattr(break_glass, "raise_alert", unable)
    with pytest.raises(WorkspaceError, match="readonly"):
        use(staffed, "ito")
    assert [one.account for one in grants.list_grants(staffed)] == ["sato"]
    assert reaches(staffed, "ito") == set()


def test_of_whom_and_why_lies_sealed(staffed):
    review(staffed, use(staffed).id, reason="照会の記録と合う")
    stored = stored_bytes(staffed)
    for told in (PERSON, REASON, "照会の記録と合う"):
        assert told.encode() not in stored
        assert told not in stored.decode(errors="replace")
    (kept,) = grants.list_grants(staffed)
    assert (kept.person_id, kept.reason, kept.review_reason) == (PERSON, REASON, "照会の記録と合う")


def test_somebody_else_reviews_it_once(staffed):
    given = use(staffed)
    with pytest.raises(RefusalError, match="ito"):
        review(staffed, given.id, "ito")
    with pytest.raises(RefusalError, match="sato"):
        review(staffed, given.id, "sato")
    assert review(staffed, given.id, "gakko").reviewed_by == "gakko"
    with pytest.raises(WorkspaceError, match="reviewed already"):
        review(staffed, given.id)
    with pytest.raises(WorkspaceError, match="no emergency access none"):
        review(staffed, "none")
    assert verify(staffed).findings == ()


def test_its_user_does_not_review_it_in_another_role_either(workspace):
    given = break_glass.use(workspace, PERSON, reason=REASON, minutes=5, actor=who(workspace, "os:operator"))
    with pytest.raises(WorkspaceError, match="another person reviews it"):
        review(workspace, given.id, "os:operator")


def test_a_verdict_is_one(staffed):
    with pytest.raises(WorkspaceError, match="reviewed already"):
        review(staffed, use(staffed).id, verdict=GrantState.GRANTED)


def test_one_found_not_justified_ends_at_once(staffed):
    given = use(staffed)
    assert review(staffed, given.id, verdict=GrantState.NOT_JUSTIFIED).state is GrantState.NOT_JUSTIFIED
    assert reaches(staffed) == set()


def test_the_log_commits_to_it_and_names_no_child(staffed):
    given = use(staffed)
    with staffed.reading() as connection:
        (entry,) = entries(connection, kinds=[Kind.BREAK_GLASS])
    assert (entry.actor, entry.subject, entry.content["minutes"]) == ("sato", given.id, 60)
    assert PERSON not in entry.body


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE grants SET until = '2999-01-01T00:00:00+00:00'",
        "UPDATE grants SET account = 'ito'",
        "UPDATE grants SET state = 'justified'",
        "DELETE FROM grants",
    ],
)
def test_a_grant_edited_in_the_database_opens_nothing(staffed, statement):
    use(staffed)
    by_hand(staffed, statement)
    assert [str(found) for found in verify(staffed).findings if "table grants" in str(found)] != []
    name = "ito" if "ito" in statement else "sato"
    if statement.startswith("DELETE"):
        assert reaches(staffed, name) == set()
    else:
        with pytest.raises(IntegrityError, match="table grants"):
            reaches(staffed, name)
