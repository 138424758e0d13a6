"""Cases are read once and then from where the log stood; what was edited outside the system is used by nobody."""

from datetime import date

import pytest

from governance import case_disposal, case_history, cases
from governance import case_work as work
from governance.account_state import Role
from governance.case_state import CaseState, CaseStep, Disagreement
from governance.runlog import Kind, entries
from governance.verify import verify
from governance.workspace import Workspace
from tests.unit.governance.cases_of import LONE, WORDS, open_case, staff, take
from tests.unit.governance.conftest import by_hand, sqlite_only
from vocabulary.errors import IntegrityError, RefusalError, WorkspaceError


def test_who_has_which_children(workspace):
    first = open_case(workspace)
    open_case(workspace, "p-taro", take=False)
    assert cases.assigned_to(workspace, LONE.name) == {"p-hanako"}
    assert cases.in_hand(workspace) == {"p-hanako", "p-taro"}
    take(workspace, first, CaseStep.CLOSE)
    assert cases.assigned_to(workspace, LONE.name) == frozenset()
    assert cases.in_hand(workspace) == {"p-taro"}
    assert [one.person_id for one in cases.all_cases(workspace)] == ["p-hanako", "p-taro"], "in the order of opening"


def test_what_another_process_did_is_seen(workspace):
    case = open_case(workspace)
    assert len(cases.all_cases(workspace)) == 1
    elsewhere = Workspace.open(workspace.path)  # an engine of its own, as another process has
    after = take(elsewhere, case, CaseStep.NOTE)
    open_case(elsewhere, "p-taro")
    assert cases.find(workspace, case.id) == after
    assert len(cases.all_cases(workspace)) == 2
    assert cases.all_cases(elsewhere) == cases.all_cases(workspace)


def test_only_what_the_log_tells_of_since_is_read(workspace, monkeypatch):
    case = open_case(workspace)
    for number in range(5):
        open_case(workspace, f"p-{number}")
    cases.all_cases(workspace)
    read = []
    monkeypatch.setattr(cases, "of_row", lambda _, row: read.append(row["id"]))
    cases.all_cases(workspace)
    workspace.log(actor="x", kind=Kind.VIEW, subject="flags", body={})
    cases.all_cases(workspace)
    assert read == []
    monkeypatch.undo()
    taken = take(workspace, case, CaseStep.NOTE)
    monkeypatch.setattr(cases, "of_row", lambda _, row: read.append(row["id"]))
    cases.all_cases(workspace)
    assert read == [f"{case.id}-{taken.version}"]


@sqlite_only
def test_after_a_backup_was_put_back_all_is_read_anew(workspace):
    open_case(workspace)
    with workspace.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    file = workspace.path / "mimamori.db"
    backup = file.read_bytes()
    open_case(workspace, "p-taro")
    assert len(cases.all_cases(workspace)) == 2
    workspace.engine.dispose()
    file.write_bytes(backup)
    for name in ("mimamori.db-wal", "mimamori.db-shm"):
        (workspace.path / name).unlink(missing_ok=True)
    assert [one.person_id for one in cases.all_cases(workspace)] == ["p-hanako"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE case_steps SET assigned_to = 'suzuki' WHERE version = 2",
        "UPDATE case_steps SET state = 'closed'",
        "UPDATE case_steps SET subject = 'AAAA'",
        "UPDATE case_steps SET content = NULL",
        "UPDATE case_steps SET person_key = 'x'",
        "DELETE FROM case_steps WHERE version = 3",
        "DELETE FROM case_steps WHERE version = 1",
        "DELETE FROM case_steps",
    ],
)
def test_what_was_edited_is_found_and_used_by_nobody(workspace, statement):
    case = take(workspace, open_case(workspace), CaseStep.NOTE)
    by_hand(workspace, statement)
    fresh = Workspace.open(workspace.path)
    for use in (
        lambda: cases.all_cases(fresh),
        lambda: cases.assigned_to(fresh, "suzuki"),
        lambda: cases.find(fresh, case.id),
        lambda: case_history.history(fresh, case.id, actor=LONE),
        lambda: work.note(fresh, case.id, WORDS + "!", seen=case.version, actor=LONE),
    ):
        with pytest.raises((IntegrityError, WorkspaceError)) as raised:
            use()
        assert raised.value.key in ("runlog.row_edited", "case.absent")
    assert verify(fresh).findings


def test_an_added_row_gives_nobody_a_child(workspace):
    case = open_case(workspace)
    columns = "step, state, due, run, outcome, assessment, actor, at, opened_at, person_key, subject, content, case_id"
    by_hand(
        workspace,
        f"INSERT INTO case_steps (id, version, assigned_to, {columns}) "
        f"SELECT '{case.id}-3', 3, 'suzuki', {columns} FROM case_steps WHERE version = 2",
    )
    fresh = Workspace.open(workspace.path)
    with pytest.raises(IntegrityError):
        cases.assigned_to(fresh, "suzuki")
    assert verify(fresh).findings


def test_one_childs_row_cannot_stand_for_another(workspace):
    first, second = open_case(workspace), open_case(workspace, "p-taro")
    with workspace.reading() as connection:
        rows = cases.trusted_steps(connection, first.id), cases.trusted_steps(connection, second.id)
    with pytest.raises(IntegrityError):
        cases.opened(workspace, rows[0][0] | {"subject": rows[1][0]["subject"]}, "subject")


def test_history_is_opened_after_the_look_is_logged(workspace):
    case = take(workspace, take(workspace, open_case(workspace), CaseStep.NOTE), CaseStep.ASSESS)
    passages = case_history.history(workspace, case.id, actor=LONE)
    assert [one.step for one in passages] == [None, CaseStep.ASSIGN, CaseStep.NOTE, CaseStep.ASSESS]
    assert [one.written.get("text") for one in passages] == [None, None, WORDS, WORDS]
    assert [one.case.state for one in passages] == [*[CaseState.NEW], *[CaseState.ASSIGNED] * 2, CaseState.ASSESSED]
    with workspace.reading() as connection:
        (entry,) = entries(connection, kinds=[Kind.VIEW])
    assert entry.actor == LONE.name
    assert entry.content == {"page": "case", "rows": 4, "person": "p-hanako"}
    assert case.id not in entry.body + entry.subject, "the log does not say whose a case is"


def test_nothing_is_opened_if_the_look_cannot_be_logged(workspace, monkeypatch):
    case = take(workspace, open_case(workspace), CaseStep.NOTE)
    (workspace.path / "keys" / "log.key").rename(workspace.path / "elsewhere.key")
    opened = []
    monkeypatch.setattr(case_history, "opened", lambda *given: opened.append(given))
    with pytest.raises(WorkspaceError):
        case_history.history(workspace, case.id, actor=LONE)
    assert opened == []


def test_children_are_known_without_the_key_of_identities_and_words_are_not(workspace):
    case = take(workspace, open_case(workspace), CaseStep.NOTE)
    (workspace.path / "keys" / "identities.key").rename(workspace.path / "elsewhere.key")
    fresh = Workspace.open(workspace.path)
    assert cases.assigned_to(fresh, LONE.name) == {"p-hanako"}
    with pytest.raises(WorkspaceError):
        case_history.history(fresh, case.id, actor=LONE)


def test_of_one_child_and_of_the_team(workspace):
    actors = staff(workspace, sato=Role.SUPPORT_WORKER, suzuki=Role.SUPPORT_WORKER)
    first = take(workspace, open_case(workspace, actor=actors["sato"]), CaseStep.CLOSE, actors["sato"])
    second = open_case(workspace, actor=actors["sato"], year=2026)
    other = open_case(workspace, "p-taro", actors["suzuki"])
    assert case_history.of_person(workspace, "p-hanako", actor=actors["sato"]) == [first, second]
    assert case_history.team_cases(workspace, actor=actors["sato"]) == [first, second, other]
    earlier = case_history.history(workspace, first.id, actor=actors["sato"])
    assert earlier[-1].step is CaseStep.CLOSE, "who has the child may read what was done before"


def test_what_the_team_disagreed_with_is_counted(workspace):
    actors = staff(workspace, sato=Role.SUPPORT_WORKER, suzuki=Role.SUPPORT_WORKER, head=Role.SCHOOL)
    for person, actor in (("p-hanako", actors["sato"]), ("p-taro", actors["suzuki"])):
        case = take(workspace, open_case(workspace, person, actor), CaseStep.DISAGREE, actor)
        case = take(workspace, case, CaseStep.NOTE, actor)
    last = take(workspace, case, CaseStep.DISAGREE, actor)
    counted = case_history.disagreements(workspace, actor=actors["sato"])
    assert counted == {("learning", Disagreement.EXPLAINED): 3}
    with pytest.raises(RefusalError):
        case_history.disagreements(workspace, actor=actors["head"])
    take(workspace, last, CaseStep.CLOSE, actor)
    case_disposal.erase(workspace, before=date(2100, 1, 1), actor=LONE)
    assert case_history.disagreements(workspace, actor=actors["sato"]) == {("learning", Disagreement.EXPLAINED): 1}
