"""Each step of a case: where it is allowed, what it leaves, who is refused; two people at once lose nothing."""

import multiprocessing
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import product

import pytest

from governance import accounts, case_history, cases, outcomes
from governance import case_work as work
from governance.account_state import Role
from governance.case_state import TRANSITIONS, Assessment, CaseState, CaseStep, CloseReason, Disagreement
from governance.runlog import Kind, entries, stored_entries
from governance.verify import verify
from governance.workspace import Workspace
from tests.unit.governance.cases_of import LONE, WORDS, case_in, open_case, opening, staff, take
from tests.unit.governance.conftest import sqlite_only, stored_bytes
from vocabulary.errors import RefusalError, WorkspaceError

BY_PEOPLE = [step for step in CaseStep if step is not CaseStep.RENUMBER]


@pytest.fixture
def team(workspace):
    """Two workers, a school and an analyst."""
    return staff(workspace, sato=Role.SUPPORT_WORKER, suzuki=Role.SUPPORT_WORKER, head=Role.SCHOOL, desk=Role.ANALYST)


def log(workspace, *kinds):
    with workspace.reading() as connection:
        return entries(connection, kinds=kinds or cases.KINDS)


def standing(workspace):
    return [(one[0], one[1], one[2]) for one in outcomes.standing(workspace).rows()]


@sqlite_only
@pytest.mark.parametrize(("state", "step"), list(product(CaseState, BY_PEOPLE)))
def test_every_step_in_every_state(workspace, team, state, step):
    case = case_in(workspace, state, team["sato"])
    before = len(log(workspace))
    to = "suzuki" if step in (CaseStep.HAND_OVER, CaseStep.ASSIGN) else "sato"
    expected = TRANSITIONS[state, step]
    if step is CaseStep.ASSIGN and state is not CaseState.NEW:
        expected = None  # somebody has it, whose account is active
    if expected is None:
        with pytest.raises((WorkspaceError, RefusalError)):
            take(workspace, case, step, team["sato"], to=to)
        assert cases.find(workspace, case.id) == case
        assert len(log(workspace)) == before
        return
    after = take(workspace, case, step, team["sato"], to=to)
    assert (after.state, after.version, after.last_step) == (expected, case.version + 1, step)
    assert after == cases.find(workspace, case.id)
    (entry,) = log(workspace)[before:]
    assert (entry.kind, entry.actor, entry.subject) == (Kind.CASE_CHANGED, "sato", f"{case.id}-{after.version}")
    assert verify(workspace).findings == ()


def test_what_is_opened_from_a_list_and_what_was_reported(workspace):
    case = open_case(workspace, take=False)
    assert (case.state, case.person_id, case.year, case.kinds, case.rank, case.run, case.assigned_to) == (
        (CaseState.NEW, "p-hanako", 2025, ("learning",), 3, "run-1", None)
    )
    told = work.open_case(workspace, work.Opening("p-taro", 2025, text="学校から電話"), actor=LONE, assign_to=LONE.name)
    assert (told.state, told.run, told.kinds, told.assigned_to) == (CaseState.ASSIGNED, None, (), LONE.name)
    with pytest.raises(WorkspaceError, match="needs words"):
        work.open_case(workspace, work.Opening("p-jiro", 2025), actor=LONE)
    assert verify(workspace).findings == ()


def test_a_child_has_one_open_case(workspace):
    case = open_case(workspace)
    with pytest.raises(WorkspaceError, match=case.id):
        open_case(workspace)
    closed = take(workspace, case, CaseStep.CLOSE)
    again = open_case(workspace)
    with pytest.raises(WorkspaceError, match=again.id):
        take(workspace, closed, CaseStep.REOPEN)


def test_the_same_step_sent_twice_is_taken_once(workspace, team):
    sato = team["sato"]
    case = open_case(workspace, actor=sato)
    for step in (CaseStep.NOTE, CaseStep.ASSESS, CaseStep.PLAN, CaseStep.FOLLOW_UP, CaseStep.DISAGREE):
        after = take(workspace, case, step, sato)
        assert take(workspace, case, step, sato) == after
        assert after.version == case.version + 1
        case = after
    handed = take(workspace, case, CaseStep.HAND_OVER, sato, to="suzuki")
    assert take(workspace, case, CaseStep.HAND_OVER, sato, to="suzuki") == handed
    closed = take(workspace, handed, CaseStep.CLOSE, team["suzuki"])
    assert take(workspace, handed, CaseStep.CLOSE, team["suzuki"]) == closed
    assert len(log(workspace)) == closed.version


def test_a_step_upon_what_has_changed_since_is_refused_in_words(workspace):
    case = open_case(workspace)
    take(workspace, case, CaseStep.NOTE)
    with pytest.raises(WorkspaceError, match="version 2, it is at 3"):
        work.note(workspace, case.id, "another", seen=case.version, actor=LONE)
    with pytest.raises(WorkspaceError, match="version 9, it is at 3"):
        work.note(workspace, case.id, "another", seen=9, actor=LONE)


def test_an_assessment_is_an_outcome_until_it_is_assessed_anew(workspace):
    case = open_case(workspace)
    case = work.assess(workspace, case.id, Assessment.NEEDS_SUPPORT, WORDS, seen=case.version, actor=LONE)
    assert standing(workspace) == [("p-hanako", 2025, "confirmed")]
    case = work.assess(workspace, case.id, Assessment.ALREADY_KNOWN, "r", seen=case.version, actor=LONE)
    assert standing(workspace) == [("p-hanako", 2025, "already_known")]
    case = work.assess(workspace, case.id, Assessment.WATCH, "r", seen=case.version, actor=LONE)
    assert standing(workspace) == []
    assert case.outcome is None
    case = work.assess(workspace, case.id, Assessment.NOT_NEEDED, "r", seen=case.version, actor=LONE)
    assert standing(workspace) == [("p-hanako", 2025, "not_needed")]
    assert verify(workspace).findings == ()


def test_an_outcome_recorded_elsewhere_since_is_not_taken_back(workspace):
    case = take(workspace, open_case(workspace), CaseStep.ASSESS)
    other = outcomes.Finding("p-hanako", 2025, outcomes.Outcome.NOT_NEEDED, date(2026, 1, 10))
    outcomes.record(workspace, [other], actor="os:operator")
    work.assess(workspace, case.id, Assessment.WATCH, WORDS, seen=case.version, actor=LONE)
    assert standing(workspace) == [("p-hanako", 2025, "not_needed")]


def test_a_case_goes_to_whoever_may_have_cases(workspace, team):
    case = open_case(workspace, actor=team["sato"])
    for account in ("head", "desk", "nobody", LONE.name):
        with pytest.raises(WorkspaceError, match="not an active account that may have cases"):
            take(workspace, case, CaseStep.HAND_OVER, team["sato"], to=account)
    with pytest.raises(WorkspaceError, match="already"):
        take(workspace, case, CaseStep.HAND_OVER, team["sato"], to="sato")
    handed = take(workspace, case, CaseStep.HAND_OVER, team["sato"], to="suzuki")
    assert handed.is_new_to_its_worker
    assert cases.assigned_to(workspace, "sato") == frozenset()
    assert cases.assigned_to(workspace, "suzuki") == {"p-hanako"}
    assert not take(workspace, handed, CaseStep.NOTE, team["suzuki"]).is_new_to_its_worker


def test_a_case_is_taken_from_nobody_but_who_can_have_cases_no_more(workspace, team):
    case = open_case(workspace, actor=team["sato"])
    with pytest.raises(WorkspaceError, match="in the hands of sato"):
        take(workspace, case, CaseStep.ASSIGN, team["suzuki"], to="suzuki")
    accounts.disable(workspace, "sato", actor="admin")
    after = take(workspace, case, CaseStep.ASSIGN, team["suzuki"], to="suzuki")
    assert (after.assigned_to, after.state) == ("suzuki", CaseState.ASSIGNED)


@pytest.mark.parametrize("name", ["suzuki", "head", "desk"])
def test_who_may_not_is_refused_and_the_refusal_is_logged(workspace, team, name):
    case = open_case(workspace, actor=team["sato"])
    for step in (CaseStep.NOTE, CaseStep.ASSESS, CaseStep.CLOSE, CaseStep.HAND_OVER):
        with pytest.raises(RefusalError):
            take(workspace, case, step, team[name], to="suzuki")
    with pytest.raises(RefusalError):
        case_history.history(workspace, case.id, actor=team[name])
    with pytest.raises(RefusalError):
        case_history.of_person(workspace, "p-hanako", actor=team[name])
    refused = log(workspace, Kind.REFUSAL)
    assert len(refused) == 6
    assert {entry.actor for entry in refused} == {name}
    assert cases.find(workspace, case.id) == case


def test_those_without_a_part_in_cases_open_and_take_none(workspace, team):
    case = open_case(workspace, actor=team["sato"], take=False)
    for name in ("head", "desk"):
        with pytest.raises(RefusalError):
            open_case(workspace, "p-taro", team[name])
        with pytest.raises(RefusalError):
            take(workspace, case, CaseStep.ASSIGN, team[name], to="suzuki")
        with pytest.raises(RefusalError):
            case_history.team_cases(workspace, actor=team[name])
    assert len(cases.all_cases(workspace)) == 1


def test_words_are_asked_for_and_are_not_endless(workspace):
    case = open_case(workspace)
    for blank in ("", " \n\t"):
        with pytest.raises(WorkspaceError, match="needs words"):
            work.note(workspace, case.id, blank, seen=case.version, actor=LONE)
    with pytest.raises(WorkspaceError, match="too long"):
        work.note(workspace, case.id, "x" * 4001, seen=case.version, actor=LONE)
    yesterday = date.today() - timedelta(days=1)
    with pytest.raises(WorkspaceError, match="has passed"):
        work.follow_up(workspace, case.id, yesterday, seen=case.version, actor=LONE)
    with pytest.raises(WorkspaceError, match="Choose one"):
        work.disagree(workspace, case.id, "<b>", Disagreement.OTHER, seen=case.version, actor=LONE)
    with pytest.raises(WorkspaceError, match="no case 0000000000"):
        work.note(workspace, "0000000000", "n", seen=1, actor=LONE)
    with pytest.raises(WorkspaceError, match=case.id):
        take(workspace, case, CaseStep.PLAN)
    assert cases.find(workspace, case.id) == case


def test_the_day_to_look_again_stays_until_nothing_is_needed_or_it_is_closed(workspace):
    case = take(workspace, open_case(workspace), CaseStep.ASSESS)
    case = take(workspace, case, CaseStep.FOLLOW_UP)
    for assessment, kept in ((Assessment.WATCH, True), (Assessment.NOT_NEEDED, False)):
        case = work.assess(workspace, case.id, assessment, "r", seen=case.version, actor=LONE)
        assert (case.due is not None) is kept
    case = work.close(workspace, case.id, CloseReason.NOT_NEEDED, seen=case.version, actor=LONE)
    again = take(workspace, case, CaseStep.REOPEN)
    assert (again.state, again.assigned_to, again.due) == (CaseState.ASSIGNED, LONE.name, None)


def test_child_and_words_lie_sealed_and_are_not_in_the_log(workspace, team):
    case = open_case(workspace, actor=team["sato"])
    for step in (CaseStep.ASSESS, CaseStep.PLAN, CaseStep.FOLLOW_UP, CaseStep.NOTE, CaseStep.DISAGREE):
        case = take(workspace, case, step, team["sato"])
    case = take(workspace, case, CaseStep.HAND_OVER, team["sato"], to="suzuki")
    take(workspace, case, CaseStep.CLOSE, team["suzuki"])
    stored = stored_bytes(workspace)
    for secret in ("p-hanako", WORDS, "担任", "learning", "explained", "settled"):
        assert secret.encode() not in stored
        assert ascii(secret)[1:-1].encode() not in stored
    with workspace.reading() as connection:
        assert not any("hanako" in entry.body for entry in stored_entries(connection))


def test_two_workers_at_once_lose_nothing(workspace):
    case = open_case(workspace)

    def write(number):
        try:
            return work.note(workspace, case.id, f"note {number}", seen=case.version, actor=LONE).version
        except WorkspaceError as error:
            return error.key

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(write, range(12)))
    assert sorted(answers, key=str) == [case.version + 1] + ["case.changed_meanwhile"] * 11
    passages = case_history.history(workspace, case.id, actor=LONE)
    assert [one.step for one in passages] == [None, CaseStep.ASSIGN, CaseStep.NOTE]
    assert verify(workspace).findings == ()


def _open_in_another_process(path, results):
    opened = Workspace.open(path)
    try:
        results.put(open_case(opened).id)
    except WorkspaceError as error:
        results.put(error.key)


@sqlite_only
def test_two_processes_open_one_case_for_a_child(workspace):
    spawn = multiprocessing.get_context("spawn")
    results = spawn.Queue()
    started = [spawn.Process(target=_open_in_another_process, args=(workspace.path, results)) for _ in range(2)]
    for process in started:
        process.start()
    answers = [results.get(timeout=60) for _ in started]
    for process in started:
        process.join()
    assert answers.count("case.open_already") == 1
    (case,) = cases.all_cases(workspace)
    assert case.id in answers
    assert verify(workspace).findings == ()


def _die_while_assessing(path, case_id, after):
    opened = Workspace.open(path)
    made = work.outcomes.record_in if after == "outcome" else work.write

    def dying(*given, **named):
        made(*given, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    if after == "outcome":
        work.outcomes.record_in = dying
    else:
        from governance import case_steps

        case_steps.write = dying
    work.assess(opened, case_id, Assessment.NEEDS_SUPPORT, WORDS, seen=2, actor=LONE)


@sqlite_only
@pytest.mark.parametrize("after", ["outcome", "row"])
def test_killed_in_between_nothing_is_half_done(workspace, after):
    case = open_case(workspace)
    before = len(log(workspace, *Kind))
    spawn = multiprocessing.get_context("spawn")
    process = spawn.Process(target=_die_while_assessing, args=(workspace.path, case.id, after))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    assert cases.find(workspace, case.id) == case
    assert standing(workspace) == []
    assert len(log(workspace, *Kind)) == before
    take(workspace, case, CaseStep.ASSESS)
    assert verify(workspace).findings == ()


def test_a_case_is_opened_for_whoever_is_named(workspace, team):
    case = work.open_case(workspace, opening(), actor=team["sato"], assign_to="suzuki")
    assert (case.assigned_to, case.is_new_to_its_worker) == ("suzuki", True)
    with pytest.raises(WorkspaceError, match="may have cases"):
        work.open_case(workspace, opening("p-taro"), actor=team["sato"], assign_to="desk")
    assert len(cases.all_cases(workspace)) == 1, "and nothing is opened for whoever may not"
