"""Holds: placed at once, lifted by two where accounts exist."""

import pytest

from governance.account_state import Role
from governance.holds import list_holds, place, release
from tests.unit.governance.test_register import make_active
from vocabulary.errors import WorkspaceError

OPERATOR = "os:operator"


def test_without_accounts_one_person_places_and_lifts(approved, publish):
    run_id = publish(approved)
    place(approved, run_id, reason="complaint 12", actor=OPERATOR)
    with pytest.raises(WorkspaceError, match="under hold already"):
        place(approved, run_id, reason="again", actor=OPERATOR)
    assert [(hold.target, hold.reason) for hold in list_holds(approved)] == [(run_id, "complaint 12")]
    assert release(approved, run_id, reason="settled", actor=OPERATOR) is None
    assert list_holds(approved) == []
    with pytest.raises(WorkspaceError, match="not under hold"):
        release(approved, run_id, reason="settled", actor=OPERATOR)


def test_with_accounts_two_persons_of_deciding_roles_lift(approved):
    make_active(approved, sato=Role.DATA_OWNER, ito=Role.COUNCIL, abe=Role.SCHOOL)
    place(approved, "2026-03", reason="audit", actor="abe")
    assert release(approved, "2026-03", reason="done", actor="sato").release_asked_by == "sato"
    for name, said in (("sato", "Another person"), ("abe", "of the roles"), (OPERATOR, "account")):
        with pytest.raises(WorkspaceError, match=said):
            release(approved, "2026-03", reason="done", actor=name)
    assert [hold.target for hold in list_holds(approved)] == ["2026-03"]
    assert release(approved, "2026-03", reason="done", actor="ito") is None
    assert list_holds(approved) == []


@pytest.mark.parametrize(
    ("target", "reason", "said"), [("none", "r", "no run and no approval"), ("2026-03", " ", "reason")]
)
def test_a_hold_names_what_is_there_and_why(approved, target, reason, said):
    with pytest.raises(WorkspaceError, match=said):
        place(approved, target, reason=reason, actor=OPERATOR)
