"""Cases follow their children where a run merges or splits ids; what was done before stays readable."""

import polars as pl

from governance import case_history, cases, gate
from governance.case_ids import follow_ids, follow_run
from governance.case_state import CaseState, CaseStep
from governance.custody import DataClass
from governance.runlog import Kind, entries
from governance.staging import stage
from governance.verify import verify
from tests.unit.governance.cases_of import LONE, WORDS, open_case, take
from tests.unit.governance.conftest import DAY
from vocabulary.frames import EVENTS


def events(*rows):
    return pl.DataFrame([(*row[:3], row[3], "records") for row in rows], schema=EVENTS, orient="row")


def follow(workspace, *rows, run="run-2"):
    return follow_ids(workspace, events(*rows), run_id=run, actor="os:operator")


def test_a_merged_child_is_found_under_the_id_that_is_left(workspace):
    case = take(workspace, open_case(workspace), CaseStep.NOTE)
    assert follow(workspace, ("merged", "p-left", "p-hanako", 3)) == 1
    after = cases.find(workspace, case.id)
    assert (after.person_id, after.state, after.assigned_to) == ("p-left", case.state, case.assigned_to)
    assert cases.assigned_to(workspace, LONE.name) == {"p-left"}
    line = case_history.history(workspace, case.id, actor=LONE)[-1]
    assert line.step is CaseStep.RENUMBER
    assert line.written == {"kind": "merged", "person_id": "p-left", "other_id": "p-hanako", "run": "run-2"}
    assert verify(workspace).findings == ()
    noted = take(workspace, after, CaseStep.ASSESS)
    assert noted.person_id == "p-left"


def test_two_cases_of_one_child_both_go_on(workspace):
    first, second = open_case(workspace), open_case(workspace, "p-left")
    follow(workspace, ("merged", "p-left", "p-hanako", 3))
    assert [one.id for one in case_history.of_person(workspace, "p-left", actor=LONE)] == [first.id, second.id]
    assert all(one.is_open for one in cases.all_cases(workspace))


def test_of_a_split_child_the_worker_is_told_the_other_id(workspace):
    case = open_case(workspace)
    assert follow(workspace, ("split", "p-new", "p-hanako", 2)) == 1
    after = cases.find(workspace, case.id)
    assert (after.person_id, after.last_step) == ("p-hanako", CaseStep.RENUMBER)
    assert case_history.history(workspace, case.id, actor=LONE)[-1].written["person_id"] == "p-new"
    assert cases.assigned_to(workspace, LONE.name) == {"p-hanako"}, "nobody gets a child by a split"


def test_a_child_that_is_no_more_is_found_where_most_of_its_records_went(workspace):
    case = open_case(workspace)
    assert follow(workspace, ("merged", "p-few", "p-hanako", 1), ("merged", "p-most", "p-hanako", 4)) == 2
    assert cases.find(workspace, case.id).person_id == "p-most"
    told = [one.written["person_id"] for one in case_history.history(workspace, case.id, actor=LONE)[2:]]
    assert told == ["p-most", "p-few"]


def test_the_same_run_twice_adds_nothing_and_other_children_are_left_alone(workspace):
    case, other = open_case(workspace), open_case(workspace, "p-taro")
    rows = [("split", "p-new", "p-hanako", 2), ("merged", "p-x", "p-nobody", 1)]
    assert follow(workspace, *rows) == 1
    assert follow(workspace, *rows) == 0
    assert follow(workspace, *rows, run="run-3") == 1
    assert cases.find(workspace, other.id) == other
    assert cases.find(workspace, case.id).version == case.version + 2


def test_a_closed_case_follows_too_and_is_reopened_under_the_new_id(workspace):
    case = take(workspace, open_case(workspace), CaseStep.CLOSE)
    follow(workspace, ("merged", "p-left", "p-hanako", 3))
    after = cases.find(workspace, case.id)
    assert (after.state, after.person_id) == (CaseState.CLOSED, "p-left")
    assert take(workspace, after, CaseStep.REOPEN).person_id == "p-left"


def test_the_case_of_a_child_that_no_run_knows_any_more_stays_readable(workspace):
    case = take(workspace, open_case(workspace), CaseStep.NOTE)
    assert follow(workspace) == 0
    assert case_history.history(workspace, case.id, actor=LONE)[-1].written == {"text": WORDS}


def publish_events(workspace, *rows):
    """A run that changed these ids."""
    grant = gate.admit(workspace, "2026-03", today=DAY, delivered=["school"], actor="os:operator")
    with stage(workspace, grant, actor="os:operator") as run:
        run.write_frame("events", events(*rows), DataClass.PSEUDONYMOUS)
        run.publish(inputs=[], parameters={}, counts={}, seeds={})
    return run.run_id


def test_the_events_of_a_published_run_are_followed_once(approved):
    case = open_case(approved)
    run = publish_events(approved, ("merged", "p-left", "p-hanako", 3))
    assert follow_run(approved, run, actor="os:operator") == 1
    assert follow_run(approved, run, actor="os:operator") == 0
    assert follow_run(approved, None, actor="os:operator") == 0
    assert cases.find(approved, case.id).person_id == "p-left"
    with approved.reading() as connection:
        (entry,) = entries(connection, kinds=[Kind.CASE_CHANGED], subject=f"{case.id}-3")
    assert "p-left" not in entry.body


def test_a_run_without_events_changes_nothing(approved, publish):
    case = open_case(approved)
    assert follow_run(approved, publish(approved), actor="os:operator") == 0
    assert cases.find(approved, case.id) == case
