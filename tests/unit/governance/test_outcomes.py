"""An outcome is kept, sealed and logged; a later one of the same child and year replaces it; roles hold."""

from contextlib import nullcontext
from datetime import date
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import select

from governance import outcomes, tables
from governance.account_state import Role
from governance.custody import Custody
from governance.outcome_state import HARDSHIP, MAY_RECORD, TRANSITIONS, Outcome, OutcomeState, OutcomeStep
from governance.outcomes import STEP_KIND, Finding
from governance.runlog import Kind, entries, stored_entries
from governance.verify import verify
from tests.accounts import enter
from tests.unit.governance.conftest import by_hand, new_workspace, sqlite_only, stored_bytes
from vocabulary.errors import IntegrityError, WorkspaceError
from vocabulary.frames import OUTCOMES

PASSWORD = "correct horse battery"
CONFIRMED, KNOWN, NOT_NEEDED = Outcome


def finding(person="p-hanako", year=2025, outcome=CONFIRMED, day=10, run="run-1", reason=None):
    return Finding(person, year, outcome, date(2026, 1, day), run, reason)


def record(workspace, *findings, actor="os:operator"):
    return outcomes.record(workspace, findings or [finding()], actor=actor)


def standing(workspace):
    return outcomes.standing(workspace).rows()


def log(workspace, *kinds):
    with workspace.reading() as connection:
        return entries(connection, kinds=kinds or outcomes.KINDS)


@pytest.fixture
def staffed(workspace):
    """A workspace with an account of every role."""
    enter(workspace, {role.value: role for role in Role})
    return workspace


def test_transitions_are_total_and_every_step_has_its_entry():
    assert set(TRANSITIONS) == set(product(OutcomeState, OutcomeStep))
    assert set(STEP_KIND) == set(OutcomeStep)
    assert set(HARDSHIP) < set(Outcome)
    reached = {after for after in TRANSITIONS.values() if after}
    assert reached == set(OutcomeState) - {OutcomeState.STANDS}


def test_what_is_recorded_stands(workspace):
    assert outcomes.standing(workspace).height == 0
    (made,) = record(workspace)
    assert (made.state, made.person_id, made.year, made.outcome) == (OutcomeState.STANDS, "p-hanako", 2025, CONFIRMED)
    found = outcomes.standing(workspace)
    assert dict(found.drop("run").schema) == dict(OUTCOMES)
    assert found.rows() == [("p-hanako", 2025, "confirmed", date(2026, 1, 10), "run-1")]
    assert verify(workspace).findings == ()


def test_a_later_one_replaces_and_the_earlier_stays_as_history(workspace):
    (first,) = record(workspace)
    (second,) = record(workspace, finding(outcome=NOT_NEEDED, day=20, run=None))
    record(workspace, finding(year=2024))
    assert standing(workspace) == [
        ("p-hanako", 2025, "not_needed", date(2026, 1, 20), None),
        ("p-hanako", 2024, "confirmed", date(2026, 1, 10), "run-1"),
    ]
    history = {one.id: one for one in outcomes.list_outcomes(workspace, actor="os:operator")}
    assert history[first.id].state is OutcomeState.REPLACED
    assert history[first.id].ended_by == "os:operator"
    assert history[second.id].state is OutcomeState.STANDS


def test_within_one_file_too_the_later_replaces(workspace):
    record(workspace, finding(), finding(outcome=KNOWN, day=11))
    assert [row[2] for row in standing(workspace)] == ["already_known"]
    assert [one.kind for one in log(workspace)] == ["outcome_recorded", "outcome_replaced", "outcome_recorded"]


def test_one_recorded_before_rows_had_a_key_is_replaced_too(workspace, monkeypatch):
    with monkeypatch.context() as before:
        before.setattr(outcomes, "_subject_key", lambda *_: None)
        record(workspace)
    record(workspace, finding(year=2024), finding(outcome=KNOWN, day=11))
    record(workspace, finding(outcome=NOT_NEEDED, day=12))
    assert [row[1:3] for row in standing(workspace)] == [(2024, "confirmed"), (2025, "not_needed")]
    assert verify(workspace).findings == ()


@sqlite_only
def test_to_record_one_opens_no_outcome_of_another_child(workspace, monkeypatch):
    record(workspace, finding("p-taro"), finding("p-jiro"), finding())
    opened = []
    unseal = Custody.unseal
    monkeypatch.setattr(Custody, "unseal", lambda held, name, *rest: opened.append(name) or unseal(held, name, *rest))
    (made,) = record(workspace, finding(day=20))
    assert opened == [f"outcome/{made.id}/content"]


def test_the_key_of_a_child_and_year_is_of_the_workspace(workspace, tmp_path):
    other = new_workspace(tmp_path / "other", None)
    keys = []
    for one in (workspace, other):
        record(one)
        with one.reading() as connection:
            keys.append(connection.execute(select(tables.outcomes.c.subject_key)).scalar_one())
    assert len(set(keys)) == 2
    assert all(len(key) == 64 for key in keys)


def test_what_is_withdrawn_stands_no_more(workspace):
    (made,) = record(workspace)
    with pytest.raises(WorkspaceError, match="needs its reason"):
        outcomes.withdraw(workspace, made.id, reason=" ", actor="os:operator")
    taken = outcomes.withdraw(workspace, made.id, reason="another child", actor="os:operator")
    assert taken.state is OutcomeState.WITHDRAWN
    assert standing(workspace) == []
    with pytest.raises(WorkspaceError, match="state withdrawn the step withdraw is not allowed"):
        outcomes.withdraw(workspace, made.id, reason="again", actor="os:operator")
    with pytest.raises(WorkspaceError, match="no outcome 01234567"):
        outcomes.withdraw(workspace, "01234567", reason="r", actor="os:operator")
    record(workspace)
    assert len(standing(workspace)) == 1


def test_the_child_and_the_reason_lie_sealed_and_are_not_in_the_log(workspace):
    (made,) = record(workspace, finding(reason="the grandmother told us"))
    outcomes.withdraw(workspace, made.id, reason="she was mistaken", actor="os:operator")
    stored = stored_bytes(workspace)
    for secret in (b"p-hanako", b"grandmother", b"mistaken"):
        assert secret not in stored
    with workspace.reading() as connection:
        assert not any("p-hanako" in entry.body for entry in stored_entries(connection))


def test_outcomes_are_read_without_the_key_of_identities(workspace):
    record(workspace)
    (workspace.path / "keys" / "identities.key").rename(workspace.path / "elsewhere.key")
    assert len(standing(workspace)) == 1
    with pytest.raises(WorkspaceError):
        record(workspace, finding(reason="needs to be sealed"))
    assert len(log(workspace)) == 1, "nothing of what cannot be sealed is recorded"


@pytest.mark.parametrize(
    ("statement", "found_by_recording"),
    [
        ("UPDATE outcomes SET outcome = 'not_needed'", True),
        ("UPDATE outcomes SET state = 'withdrawn'", False),
        ("UPDATE outcomes SET content = 'AAAA'", True),
        ("UPDATE outcomes SET subject_key = NULL", True),
        ("UPDATE outcomes SET subject_key = 'another'", False),
        ("DELETE FROM outcomes", False),
    ],
)
def test_an_edited_outcome_teaches_nothing_and_is_found(workspace, statement, found_by_recording):
    record(workspace)
    by_hand(workspace, statement)
    said = "of table outcomes is not what was logged"
    with pytest.raises(IntegrityError, match=said) if found_by_recording else nullcontext():
        record(workspace)
    assert [one.kind for one in log(workspace)] == [Kind.OUTCOME_RECORDED] * (1 if found_by_recording else 2)
    with pytest.raises(IntegrityError, match=said):
        outcomes.standing(workspace)
    assert any("of table outcomes" in str(found) for found in verify(workspace).findings)


@sqlite_only  # who may do what does not depend on it
@pytest.mark.parametrize("role", Role)
def test_roles_record_and_look_or_do_not(staffed, role):
    for allowed, act in (
        (MAY_RECORD, lambda: record(staffed, actor=role.value)),
        (MAY_RECORD, lambda: outcomes.list_outcomes(staffed, actor=role.value)),
    ):
        if role in allowed:
            act()
        else:
            with pytest.raises(WorkspaceError, match=f"role of {role.value}"):
                act()


def test_looking_at_the_list_is_logged_before_it_is_shown(workspace):
    record(workspace)
    outcomes.list_outcomes(workspace, actor="os:operator")
    (view,) = log(workspace, Kind.VIEW)
    assert view.content == {"page": "outcomes", "rows": 1}


def test_the_page_has_the_transitions():
    page = (Path(__file__).parents[3] / "docs" / "learning.md").read_text(encoding="utf-8")
    for state in OutcomeState:
        after = [TRANSITIONS[state, step] for step in OutcomeStep]
        assert f"| {' | '.join([state, *(one or '–' for one in after)])} |" in page
