"""A decision is kept, sealed and logged; a second person confirms it where asked; what holds reaches linkage."""

from datetime import date
from itertools import product
from pathlib import Path

import polars as pl
import pytest

from governance import reviews
from governance.account_state import Role
from governance.review_state import BINDING, TRANSITIONS, ReviewState, ReviewStep, Verdict
from governance.reviews import STEP_KIND
from governance.runlog import Kind, entries, stored_entries
from governance.verify import verify
from governance.workspace import Workspace
from tests.accounts import enter
from tests.unit.governance.conftest import by_hand, stored_bytes
from vocabulary.errors import IntegrityError, WorkspaceError
from vocabulary.frames import DECISIONS

PASSWORD = "correct horse battery"
A = ("health", "H-77001", date(2021, 4, 1))
B = ("school", "S-88002", date(2023, 4, 1))
C = ("welfare", "W-99003", date(2024, 4, 1))


def decide(workspace, verdict=Verdict.SAME, left=A, right=B, reason="guardian agrees", actor="os:operator"):
    return reviews.decide(
        workspace, run_id="run-1", left=left, right=right, verdict=verdict, reason=reason, actor=actor
    )


def log(workspace, *kinds):
    with workspace.reading() as connection:
        return entries(connection, kinds=kinds or reviews.KINDS)


@pytest.fixture
def two_needed(tmp_path, monkeypatch):
    """A workspace that asks for a second reviewer, with two accounts that may review and one that may not."""
    monkeypatch.delenv("MIMAMORI_DATABASE", raising=False)
    monkeypatch.setenv("MIMAMORI_LANG", "en")
    folder = tmp_path / "two"
    folder.mkdir()
    (folder / "mimamori.toml").write_text("second_reviewer = true\n")
    workspace = Workspace.create(folder, actor="os:operator")
    people = {"sato": Role.SUPPORT_WORKER, "ito": Role.OPERATOR, "kato": Role.COUNCIL}
    enter(workspace, people)
    return workspace


def test_transitions_are_total_and_every_step_has_its_entry():
    assert set(TRANSITIONS) == set(product(ReviewState, ReviewStep))
    assert set(STEP_KIND) == set(ReviewStep)
    assert set(BINDING) < set(Verdict)


def test_the_page_has_the_transitions():
    page = (Path(__file__).parents[3] / "docs" / "review.md").read_text(encoding="utf-8")
    for state in ReviewState:
        after = [TRANSITIONS[state, step] for step in ReviewStep]
        assert f"| {' | '.join([state, *(one or '–' for one in after)])} |" in page


def test_every_state_but_the_first_is_reached_and_undone_is_the_end():
    assert {after for after in TRANSITIONS.values() if after} == set(ReviewState) - {ReviewState.PROPOSED}
    assert not any(TRANSITIONS[ReviewState.UNDONE, step] for step in ReviewStep)
    assert all(TRANSITIONS[state, ReviewStep.UNDO] for state in set(ReviewState) - {ReviewState.UNDONE})


def test_a_decision_is_kept_and_given_to_linkage(workspace):
    made = decide(workspace, left=B, right=A)
    assert (made.left, made.right) == (A, B), "a pair has one form"
    assert (made.state, made.verdict, made.reason) == (ReviewState.CONFIRMED, Verdict.SAME, "guardian agrees")
    assert reviews.list_reviews(workspace) == [made]
    given = reviews.decisions(workspace)
    assert given.schema == DECISIONS
    assert given.rows() == [(*A, *B, "same")]
    assert verify(workspace).findings == ()


def test_nothing_decided_is_an_empty_frame(workspace):
    assert reviews.decisions(workspace).schema == DECISIONS
    assert reviews.decisions(workspace).height == 0


def test_cannot_say_is_kept_and_binds_nothing(workspace):
    made = decide(workspace, Verdict.CANNOT_SAY)
    assert made.stands
    assert reviews.decisions(workspace).height == 0


def test_what_is_undone_binds_nothing_and_may_be_decided_anew(workspace):
    first = decide(workspace)
    undone = reviews.undo(workspace, first.id, reason="two children after all", actor="os:operator")
    assert (undone.state, undone.undone_by, undone.undone_reason) == (
        ReviewState.UNDONE,
        "os:operator",
        "two children after all",
    )
    assert reviews.decisions(workspace).height == 0
    second = decide(workspace, Verdict.DIFFERENT)
    assert reviews.decisions(workspace).rows() == [(*A, *B, "different")]
    assert reviews.list_reviews(workspace) == [undone, second]
    with pytest.raises(WorkspaceError, match="state undone the step undo is not allowed"):
        reviews.undo(workspace, first.id, reason="again", actor="os:operator")


def test_what_is_decided_is_not_decided_twice(workspace):
    made = decide(workspace)
    with pytest.raises(WorkspaceError, match=f"decided already .{made.id}"):
        decide(workspace, Verdict.DIFFERENT, left=B, right=A)
    decide(workspace, left=A, right=C)
    assert reviews.decisions(workspace).height == 2


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_reason_is_needed(workspace, reason):
    with pytest.raises(WorkspaceError, match="needs its reason"):
        decide(workspace, reason=reason)
    made = decide(workspace)
    with pytest.raises(WorkspaceError, match="needs its reason"):
        reviews.undo(workspace, made.id, reason=reason, actor="os:operator")
    assert len(log(workspace)) == 1


def test_a_decision_that_is_not_there(workspace):
    with pytest.raises(WorkspaceError, match="no decision 0123abcd"):
        reviews.undo(workspace, "0123abcd", reason="r", actor="os:operator")


def test_every_change_has_its_entry(workspace):
    made = decide(workspace, Verdict.DIFFERENT)
    reviews.undo(workspace, made.id, reason="a slip", actor="os:operator")
    told = [(one.kind, one.actor, one.subject, one.content["state"], one.content["verdict"]) for one in log(workspace)]
    assert told == [
        ("review_decided", "os:operator", made.id, "confirmed", "different"),
        ("review_undone", "os:operator", made.id, "undone", "different"),
    ]


def test_numbers_and_reasons_lie_sealed_and_are_not_in_the_log(workspace):
    made = decide(workspace, reason="the grandmother told us")
    reviews.undo(workspace, made.id, reason="she was mistaken", actor="os:operator")
    stored = stored_bytes(workspace)
    for secret in (b"H-77001", b"S-88002", b"grandmother", b"mistaken"):
        assert secret not in stored
    with workspace.reading() as connection:
        assert b"review_decided" in stored
        assert not any("H-77001" in entry.body for entry in stored_entries(connection))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE reviews SET verdict = 'different'",
        "UPDATE reviews SET state = 'undone'",
        "UPDATE reviews SET content = 'AAAA'",
        "DELETE FROM reviews",
        "UPDATE reviews SET id = '00000000'",
    ],
)
def test_an_edited_decision_reaches_no_run_and_is_found(workspace, statement):
    decide(workspace)
    by_hand(workspace, statement)
    with pytest.raises(IntegrityError, match="of table reviews is not what was logged"):
        reviews.decisions(workspace)
    assert any("of table reviews" in str(found) for found in verify(workspace).findings)


def test_a_sealed_text_cannot_stand_in_for_another(workspace):
    sealed = workspace.custody.seal("review/1/content", b"x")
    assert workspace.custody.unseal("review/1/content", sealed) == b"x"
    assert workspace.custody.seal("review/1/content", b"x") != sealed
    for name, value in (("review/2/content", sealed), ("review/1/content", sealed[:-4]), ("review/1/content", "?")):
        with pytest.raises(IntegrityError, match="not what was sealed"):
            workspace.custody.unseal(name, value)


def test_a_second_person_makes_it_hold(two_needed):
    proposed = decide(two_needed, actor="sato")
    assert proposed.state is ReviewState.PROPOSED
    assert reviews.decisions(two_needed).height == 0
    with pytest.raises(WorkspaceError, match="sato made it"):
        decide(two_needed, actor="sato")
    confirmed = decide(two_needed, reason="same phone", actor="ito")
    assert (confirmed.id, confirmed.state, confirmed.second_by) == (proposed.id, ReviewState.CONFIRMED, "ito")
    assert (confirmed.reason, confirmed.second_reason) == ("guardian agrees", "same phone")
    assert reviews.decisions(two_needed).height == 1
    assert verify(two_needed).findings == ()


@pytest.mark.parametrize("second", [Verdict.DIFFERENT, Verdict.CANNOT_SAY])
def test_two_who_do_not_agree_bind_nothing(two_needed, second):
    decide(two_needed, actor="sato")
    disputed = decide(two_needed, second, actor="ito")
    assert (disputed.state, disputed.verdict, disputed.second_verdict) == (ReviewState.DISPUTED, Verdict.SAME, second)
    assert reviews.decisions(two_needed).height == 0
    with pytest.raises(WorkspaceError, match="decided already"):
        decide(two_needed, actor="ito")
    reviews.undo(two_needed, disputed.id, reason="talked it over", actor="ito")
    assert decide(two_needed, actor="ito").state is ReviewState.PROPOSED


def test_cannot_say_waits_for_nobody(two_needed):
    assert decide(two_needed, Verdict.CANNOT_SAY, actor="sato").state is ReviewState.CONFIRMED


def test_without_an_account_nobody_is_the_second_person(tmp_path, monkeypatch):
    monkeypatch.setenv("MIMAMORI_LANG", "en")
    (tmp_path / "mimamori.toml").write_text("second_reviewer = true\n")
    workspace = Workspace.create(tmp_path, actor="os:operator")
    decide(workspace)
    with pytest.raises(WorkspaceError, match="os:other is not an active account"):
        decide(workspace, actor="os:other")


@pytest.mark.parametrize(("actor", "said"), [("kato", "role of kato"), ("os:operator", "Name yourself")])
def test_only_reviewers_decide_undo_and_look(two_needed, actor, said):
    made = decide(two_needed, actor="sato")
    with pytest.raises(WorkspaceError, match=said):
        decide(two_needed, left=A, right=C, actor=actor)
    with pytest.raises(WorkspaceError, match=said):
        reviews.undo(two_needed, made.id, reason="r", actor=actor)
    with pytest.raises(WorkspaceError, match=said):
        reviews.log_view(two_needed, run_id="run-1", actor=actor)
    assert log(two_needed, Kind.VIEW) == []


def test_a_view_and_a_sample_are_in_the_log(workspace):
    persons, body = ["p-1", "p-2"], {"left": 3, "right": 9}
    reviews.log_view(workspace, run_id="run-1", person_ids=persons, body=body, actor="os:operator")
    (view,) = log(workspace, Kind.VIEW)
    assert (view.subject, view.content) == ("run-1", {"page": "review", "persons": persons, **body})
    assert reviews.last_sample(workspace, "run-1") is None
    for seed in (1, 2):
        reviews.log_sample(workspace, run_id="run-1", body={"seed": seed}, actor="os:operator")
    assert reviews.last_sample(workspace, "run-1") == {"seed": 2}
    assert reviews.last_sample(workspace, "run-2") is None


def test_decisions_are_columns_that_linkage_can_join(workspace):
    decide(workspace)
    records = pl.DataFrame({"source": ["health"], "local_id": ["H-77001"], "as_of": [A[2]]})
    keys = ["source_left", "local_id_left", "as_of_left"]
    assert reviews.decisions(workspace).join(records, left_on=keys, right_on=records.columns).height == 1
