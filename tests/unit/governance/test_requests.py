"""Requests of the persons concerned: kept, sealed, bound to the log, decided by another, given to runs."""

from datetime import date
from itertools import product

import pytest
from sqlalchemy import update

from governance import data_owners, requests, store, tables
from governance.account_state import Role
from governance.request_state import TRANSITIONS, RequestState, RequestStep
from governance.requests import Correction, Objection
from governance.runlog import Kind, entries
from governance.verify import verify
from tests.accounts import COUNCIL, enter
from vocabulary.errors import IntegrityError, RefusalError, WorkspaceError

DAY = date(2026, 6, 1)
WRONG = Correction("school", "S-1", date(2025, 4, 1), "days_absent", "31", "13")
ALL_HERS = Objection((("school", "S-1"), ("health", "H-1")))


def received(workspace, asked=WRONG, actor="os:operator"):
    return requests.receive(workspace, asked, reason="the mother says so", received_on=DAY, actor=actor)


def accept(workspace, request, actor="os:operator"):
    return requests.step(workspace, request.id, RequestStep.ACCEPT, reason="found to be so", actor=actor)


def with_account(workspace, name, role):
    enter(workspace, {name: role})


def test_transitions_are_total():
    assert set(TRANSITIONS) == set(product(RequestState, RequestStep))


def test_what_is_accepted_is_given_to_runs_and_nothing_else(workspace):
    correction, objection = received(workspace), received(workspace, ALL_HERS)
    assert requests.honoured(workspace).corrections.height == requests.honoured(workspace).objected.height == 0
    accept(workspace, correction)
    accept(workspace, objection)
    given = requests.honoured(workspace)
    assert given.corrections.rows() == [("school", "S-1", date(2025, 4, 1), "days_absent", "31", "13")]
    assert set(given.objected.rows()) == set(ALL_HERS.numbers)
    requests.step(workspace, objection.id, RequestStep.WITHDRAW, reason="she agrees now", actor="os:operator")
    assert requests.honoured(workspace).objected.height == 0
    assert not verify(workspace).findings


def test_what_is_refused_is_honoured_by_no_run_and_is_the_end(workspace):
    request = received(workspace)
    refused = requests.step(workspace, request.id, RequestStep.REFUSE, reason="the list is right", actor="os:operator")
    assert (refused.state, refused.reasons) == (RequestState.REFUSED, ("the mother says so", "the list is right"))
    assert requests.honoured(workspace).corrections.height == 0
    with pytest.raises(WorkspaceError, match="refused"):
        accept(workspace, request)


def test_it_is_to_be_decided_within_thirty_days(workspace):
    assert received(workspace).due == date(2026, 7, 1)


def test_what_it_says_lies_sealed_and_is_not_in_the_log(workspace):
    accept(workspace, received(workspace))
    held = b"".join(path.read_bytes() for path in workspace.path.glob("mimamori.db*"))
    assert not any(word.encode() in held for word in ("S-1", "days_absent", "the mother says so", "found to be so"))
    with workspace.reading() as connection:
        logged = entries(connection, kinds=[Kind.SUBJECT_REQUEST])
    assert [entry.content["state"] for entry in logged] == ["received", "accepted"]
    assert set(logged[0].content) == {"request", "state", "row_sha256"}


def test_a_value_is_corrected_once_at_a_time(workspace):
    first = received(workspace)
    with pytest.raises(WorkspaceError, match="days_absent"):
        received(workspace)
    requests.step(workspace, first.id, RequestStep.WITHDRAW, reason="a slip", actor="os:operator")
    assert received(workspace).state is RequestState.RECEIVED


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_reason_is_needed(workspace, reason):
    with pytest.raises(WorkspaceError, match="reason"):
        requests.receive(workspace, WRONG, reason=reason, received_on=DAY, actor="os:operator")
    with pytest.raises(WorkspaceError, match="reason"):
        requests.log_showing(workspace, run_id="run", person_id="p", reason=reason, actor="os:operator")


def test_a_request_that_is_not_there(workspace):
    with pytest.raises(WorkspaceError, match="none"):
        requests.step(workspace, "none", RequestStep.ACCEPT, reason="x", actor="os:operator")


def test_who_received_it_does_not_decide_it(workspace):
    with_account(workspace, "hanako", Role.OPERATOR)
    with_account(workspace, "taro", Role.OPERATOR)
    request = received(workspace, ALL_HERS, actor="hanako")
    with pytest.raises(WorkspaceError, match="hanako"):
        accept(workspace, request, actor="hanako")
    assert accept(workspace, request, actor="taro").decided_by == "taro"


@pytest.mark.parametrize("role", [role for role in Role if role not in requests.MAY_HANDLE])
def test_other_roles_neither_receive_nor_see(workspace, role):
    with_account(workspace, "hanako", role)
    with pytest.raises(RefusalError, match="hanako"):
        received(workspace, actor="hanako")
    with pytest.raises(RefusalError, match="hanako"):
        requests.log_showing(workspace, run_id="run", person_id="p", reason="x", actor="hanako")


def test_a_data_owner_handles_what_is_of_the_own_department_alone(workspace):
    enter(workspace, {"hanako": Role.OPERATOR, "gakko": Role.DATA_OWNER})
    data_owners.set_owner(workspace, "school", "gakko", actor=COUNCIL)
    assert accept(workspace, received(workspace, actor="hanako"), actor="gakko").decided_by == "gakko"
    both = received(workspace, ALL_HERS, actor="hanako")
    for step in (
        lambda: accept(workspace, both, actor="gakko"),
        lambda: received(workspace, ALL_HERS, actor="gakko"),
        lambda: requests.log_showing(workspace, run_id="run", person_id="p", reason="x", actor="gakko"),
    ):
        with pytest.raises(RefusalError, match="gakko"):
            step()


def test_an_edited_request_stops_the_run(workspace):
    request = accept(workspace, received(workspace, ALL_HERS))
    with store.writing(workspace.engine) as connection:
        edited = update(tables.subject_requests).where(tables.subject_requests.c.id == request.id)
        connection.execute(edited.values(state="refused"))
    with pytest.raises(IntegrityError, match="subject_requests"):
        requests.honoured(workspace)
    assert any("subject_requests" in str(finding) for finding in verify(workspace).findings)
