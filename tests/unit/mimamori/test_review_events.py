"""Undoing a merge or a split is a decision between the two former persons."""

import pytest

from governance.review_state import Verdict
from governance.reviews import decisions
from mimamori.joinings import read_joinings
from mimamori.review_events import read_events, revert
from tests.unit.mimamori.small_run import JOININGS, NUMBERS, approved_workspace, publish
from vocabulary.errors import WorkspaceError

ME = "os:operator"


def renamed(**persons):
    """The numbers with other persons: `p0=...` for the first profile."""
    return [(*one[:4], persons.get(f"p{one[0]}", one[4]), one[5]) for one in NUMBERS]


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.delenv("MIMAMORI_DATABASE", raising=False)
    monkeypatch.setenv("MIMAMORI_LANG", "en")
    return approved_workspace(tmp_path / "workspace")


def reverted(workspace, run_id, event=1):
    return revert(workspace, read_joinings(workspace, run_id), event, reason="as seen", actor=ME)


def test_a_merge_is_undone_at_the_joining_that_made_it(workspace):
    publish(workspace, numbers=renamed(p1="p-other", p2="p-other"))
    last = publish(workspace, events=[("merged", "p-hanako", "p-other", 4)])
    assert read_events(workspace, last).select("event", "kind").rows() == [(1, "merged")]
    (made,) = reverted(workspace, last)
    assert (made.verdict, made.left[1], made.right[1]) == (Verdict.DIFFERENT, "H-1", "S-1")
    assert decisions(workspace)["verdict"].to_list() == ["different"]


def test_a_merge_without_a_joining_between_the_two_is_undone_at_their_first_records(workspace):
    publish(workspace, numbers=renamed(p0="p-one", p1="p-new", p2="p-other"))
    last = publish(
        workspace, numbers=renamed(p0="p-one", p1="p-one", p2="p-one"), events=[("merged", "p-one", "p-other", 1)]
    )
    (made,) = reverted(workspace, last)
    assert {made.left[1], made.right[1]} == {"H-1", "W-1"}


SPLIT = [JOININGS[0], (1, 2, -1.0, False, 1)]


def test_a_split_is_undone_between_what_went_and_what_stayed(workspace):
    publish(workspace)
    last = publish(workspace, numbers=renamed(p2="p-new"), joinings=SPLIT, events=[("split", "p-new", "p-hanako", 1)])
    (made,) = reverted(workspace, last)
    assert (made.verdict, made.left[1], made.right[1]) == (Verdict.SAME, "H-1", "W-1")


def test_what_went_to_another_child_is_brought_back_and_kept_from_it(workspace):
    publish(workspace)
    last = publish(
        workspace, numbers=renamed(p2="p-momoko"), joinings=SPLIT, events=[("split", "p-momoko", "p-hanako", 1)]
    )
    found = [(one.verdict, {one.left[1], one.right[1]}) for one in reverted(workspace, last)]
    assert found == [(Verdict.SAME, {"H-1", "W-1"}), (Verdict.DIFFERENT, {"S-2", "W-1"})]


def test_a_group_that_is_not_there_any_more(workspace):
    publish(workspace)
    last = publish(workspace, events=[("merged", "p-hanako", "p-unknown", 1)])
    with pytest.raises(WorkspaceError, match="cannot be told apart"):
        reverted(workspace, last)
    assert decisions(workspace).height == 0


def test_the_first_run_has_no_former_ids(workspace):
    first = publish(workspace, events=[("merged", "p-hanako", "p-other", 1)])
    with pytest.raises(WorkspaceError, match="no run before"):
        reverted(workspace, first)


@pytest.mark.parametrize("event", [0, 2])
def test_an_event_that_is_not_there(workspace, event):
    publish(workspace)
    last = publish(workspace, events=[("merged", "p-hanako", "p-other", 4)])
    with pytest.raises(WorkspaceError, match=f"no merge or split numbered {event}"):
        reverted(workspace, last, event)
