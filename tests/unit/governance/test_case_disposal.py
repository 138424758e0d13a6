"""Closed cases past their retention are erased, and nothing else is."""

from datetime import date, timedelta

import polars as pl
import pytest

from governance import case_disposal, case_steps, cases, holds, store
from governance.access import Actor
from governance.account_state import Role
from governance.case_history import history
from governance.case_ids import follow_ids
from governance.case_state import CaseStep
from governance.retention import of_cases
from governance.verify import verify
from governance.workspace import Workspace
from tests.unit.governance.cases_of import LONE, open_case, take
from tests.unit.governance.conftest import stored_bytes
from vocabulary.errors import RefusalError, WorkspaceError
from vocabulary.frames import EVENTS

FAR = date(2100, 1, 1)


def closed(workspace, person="p-hanako", **given):
    case = take(workspace, open_case(workspace, person, **given), CaseStep.NOTE)
    return take(workspace, case, CaseStep.CLOSE)


def last_day(workspace, case):
    with workspace.reading() as connection:
        return case_disposal.last_day(connection, case)


def test_only_closed_cases_past_their_last_day_are_due(workspace):
    case = closed(workspace)
    open_case(workspace, "p-taro")
    last = last_day(workspace, case)
    assert last == of_cases().last_day(date.today(), purpose_ends=date.today())
    assert (last.month, last.day) == (3, 31)
    assert case_disposal.due(workspace, last) == []
    assert case_disposal.due(workspace, last + timedelta(days=1)) == [case]
    assert case_disposal.erase(workspace, before=last, actor=LONE) == 0
    assert cases.find(workspace, case.id) == case


@pytest.mark.parametrize("kind", ["merged", "split"])
def test_a_closed_case_that_is_renumbered_is_not_kept_longer(workspace, monkeypatch, kind):
    case = closed(workspace)
    last = last_day(workspace, case)
    events = pl.DataFrame([(kind, "p-left", "p-hanako", 3, "records")], schema=EVENTS, orient="row")
    for year in (2, 4):
        monkeypatch.setattr(case_steps, "now", lambda year=year: f"{date.today().year + year}-06-01T00:00:00+00:00")
        assert follow_ids(workspace, events, run_id=f"run-{year}", actor=LONE.name) == (kind == "split" or year == 2)
    after = cases.find(workspace, case.id)
    assert (after.last_step, after.is_open) == (CaseStep.RENUMBER, False)
    assert after.changed_at > case.changed_at
    assert last_day(workspace, after) == last
    assert case_disposal.due(workspace, last) == []
    assert case_disposal.due(workspace, last + timedelta(days=1)) == [after]
    assert case_disposal.erase(workspace, before=last + timedelta(days=1), actor=LONE) == 1
    assert verify(workspace).findings == ()


def test_one_reopened_and_closed_again_is_counted_from_the_last_closing(workspace, monkeypatch):
    case = take(workspace, closed(workspace), CaseStep.REOPEN)
    monkeypatch.setattr(case_steps, "now", lambda: f"{date.today().year + 2}-06-01T00:00:00+00:00")
    again = take(workspace, case, CaseStep.CLOSE)
    assert last_day(workspace, again).year == date.today().year + 2 + 6


def test_what_is_erased_is_gone_and_the_log_still_holds(workspace):
    case, other = closed(workspace), closed(workspace, "p-taro")
    again = open_case(workspace)
    with workspace.reading() as connection:
        rows = cases.trusted_steps(connection, case.id) + cases.trusted_steps(connection, other.id)
        stays = cases.trusted_steps(connection, again.id)[-1]
    held = [row[column] for row in rows for column in ("subject", "content", "person_key") if row[column]]
    held = [text for text in held if text != stays["person_key"]]  # of the same child
    assert len(held) > len(rows)
    assert all(text.encode() in stored_bytes(workspace) for text in held)
    assert case_disposal.erase(workspace, before=FAR, actor=LONE) == 2
    assert store.compact(workspace.engine)
    left = stored_bytes(workspace)
    assert not any(text.encode()[begin : begin + 40] in left for text in held for begin in range(0, len(text) - 40, 20))
    assert [one.id for one in cases.all_cases(workspace)] == [again.id]
    assert [one.id for one in cases.all_cases(Workspace.open(workspace.path))] == [again.id]
    with workspace.reading() as connection:
        rows = cases.trusted_steps(connection, case.id)
    assert len(rows) == case.version
    assert not any(row[column] for row in rows for column in ("subject", "content", "person_key"))
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
