"""Closed cases past their retention are erased, and nothing else is."""

from datetime import date, timedelta

import pytest

from governance import case_disposal, cases, holds
from governance.access import Actor
from governance.account_state import Role
from governance.case_history import history
from governance.case_state import CaseStep
from governance.retention import of_cases
from governance.verify import verify
from governance.workspace import Workspace
from tests.unit.governance.cases_of import LONE, open_case, take
from vocabulary.errors import RefusalError, WorkspaceError

FAR = date(2100, 1, 1)


def closed(workspace, person="p-hanako", **given):
    case = take(workspace, open_case(workspace, person, **given), CaseStep.NOTE)
    return take(workspace, case, CaseStep.CLOSE)


def test_only_closed_cases_past_their_last_day_are_due(workspace):
    case = closed(workspace)
    open_case(workspace, "p-taro")
    last = case_disposal.last_day(case)
    assert last == of_cases().last_day(date.today(), purpose_ends=date.today())
    assert (last.month, last.day) == (3, 31)
    assert case_disposal.due(workspace, last) == []
    assert case_disposal.due(workspace, last + timedelta(days=1)) == [case]
    assert case_disposal.erase(workspace, before=last, actor=LONE) == 0
    assert cases.find(workspace, case.id) == case


def test_what_is_erased_is_gone_and_the_log_still_holds(workspace):
    case, other = closed(workspace), closed(workspace, "p-taro")
    again = open_case(workspace)
    with workspace.reading() as connection:
        held = [row["subject"] for row in cases.trusted_steps(connection, case.id)]
    assert case_disposal.erase(workspace, before=FAR, actor=LONE) == 2
    assert [one.id for one in cases.all_cases(workspace)] == [again.id]
    assert [one.id for one in cases.all_cases(Workspace.open(workspace.path))] == [again.id]
    with workspace.reading() as connection:
        rows = cases.trusted_steps(connection, case.id)
    assert len(rows) == case.version
    assert not any(row[column] for row in rows for column in ("subject", "content", "person_key"))
    assert all(held)
    assert verify(workspace).findings == ()
    for gone in (case, other):
        with pytest.raises(WorkspaceError, match="no case"):
            history(workspace, gone.id, actor=LONE)
        with pytest.raises(WorkspaceError, match="no case"):
            take(workspace, gone, CaseStep.REOPEN)
    assert case_disposal.erase(workspace, before=FAR, actor=LONE) == 0


def test_what_is_under_hold_stays(approved, publish):
    run = publish(approved)
    case = closed(approved, run=run)
    for target in (run, "2026-03"):
        holds.place(approved, target, reason="a request is under way", actor="os:operator")
        assert case_disposal.due(approved, FAR) == []
        holds.release(approved, target, reason="decided", actor="os:operator")
    assert case_disposal.due(approved, FAR) == [case]


def test_a_case_reopened_meanwhile_is_left_alone(workspace, monkeypatch):
    case = closed(workspace)
    found = case_disposal.due(workspace, FAR)
    after = take(workspace, case, CaseStep.REOPEN)
    monkeypatch.setattr(case_disposal, "due", lambda *_: found)
    case_disposal.erase(workspace, before=FAR, actor=LONE)
    assert cases.find(workspace, case.id) == after
    assert verify(workspace).findings == ()


@pytest.mark.parametrize("role", [Role.SUPPORT_WORKER, Role.SCHOOL, Role.COUNCIL, Role.ADMINISTRATOR, Role.ANALYST])
def test_who_may_not_dispose_erases_nothing(workspace, role):
    case = closed(workspace)
    with pytest.raises(RefusalError):
        case_disposal.erase(workspace, before=FAR, actor=Actor("somebody", role))
    assert cases.find(workspace, case.id) == case
