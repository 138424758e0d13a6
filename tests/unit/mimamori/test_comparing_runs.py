"""Two runs compared: ids as the later run has them, who is new and who left; as statistics nothing tells of a few."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from mimamori.comparing_runs import _shown, compare, described, lines
from tests.unit.mimamori.small_run import approved_workspace
from tests.unit.mimamori.two_runs import EARLIER, LATER, publish_run
from vocabulary.errors import UsageError, WorkspaceError


@pytest.fixture
def runs(tmp_path):
    workspace = approved_workspace(tmp_path / "w")
    return workspace, publish_run(workspace, EARLIER), publish_run(workspace, LATER)


@pytest.mark.parametrize("turned", [False, True])
def test_a_merged_child_has_neither_left_nor_is_it_new(runs, turned):
    workspace, earlier, later = runs
    found = compare(workspace, *((later, earlier) if turned else (earlier, later)))
    assert (found.earlier, found.later, found.years) == (earlier, later, (2026, 2026))
    assert found.persons == {"before": 3, "after": 4, "new": 1, "gone": 0, "merged": 1, "split": 0}
    assert found.listed == {"before": 3, "after": 3, "new": 1, "left": 1, "stays": 2, "up": 1, "down": 1}
    assert found.children.select("person_id", "status", "rank_before", "rank_after", "school").rows() == [
        ("p-d", "stays", 3, 1, "E01"),
        ("p-a", "stays", 1, 2, "E01"),
        ("p-e", "new", None, 3, None),
        ("p-b", "left", 2, None, "E02"),
    ]
    assert found.by_kind.rows() == [("health", 1, 1, 0), ("learning", 0, 0, 2)]
    assert found.by_school.rows() == [("E01", 0, 0, 2), ("E02", 0, 1, 0), (None, 1, 0, 0)]
    assert found.judgements.rows() == [("learning", 1, 2, 1)]
    assert found.events.select("kind", "person_id", "other_id").rows() == [("merged", "p-d", "p-c")]


def test_ids_are_followed_through_the_runs_between(runs):
    workspace, earlier, _ = runs
    last = publish_run(
        workspace,
        LATER
        | {
            "persons": ["p-a", "p-b", "p-f", "p-e"],
            "flags": [("p-f", "learning", 1)],
            "schools": {},
            "events": [("merged", "p-f", "p-d", 4, "review")],
        },
    )
    found = compare(workspace, earlier, last)
    assert found.children.filter(pl.col("status") == "stays")["person_id"].to_list() == ["p-f"]
    assert found.events["other_id"].to_list() == ["p-c", "p-d"]
    with pytest.raises(UsageError, match="the one before"):
        compare(workspace, earlier, last, statistics_only=True)


def test_as_statistics_no_child_and_no_small_count_is_told(runs):
    workspace, earlier, later = runs
    found = compare(workspace, earlier, later, statistics_only=True)
    assert found.children is None
    assert found.events is None
    counts = [*found.persons.values(), *found.listed.values(), *found.held.values()]
    counts += [count for frame in (found.by_kind, found.by_school) for row in frame.rows() for count in row[1:]]
    assert set(counts) == {None}
    assert found.judgements.is_empty()
    assert "p-" not in str(described(found)) + "".join(lines(found))


SCHOOLS, STATUS = ("E01", "E02", "E03"), ("new", "left", "stays")


def bounds(told, true):
    """What a reader who even knows which hidden counts are small can say of a count."""
    if told is not None:
        return max(told - 2, 10), told + 2
    return (0, 9) if true < 10 else (10, None)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=9, max_size=9))
def test_a_small_count_does_not_follow_from_the_others_and_the_totals(numbers):
    cells = [(school, status) for school in SCHOOLS for status in STATUS]
    rows = [cell for cell, number in zip(cells, numbers, strict=True) for _ in range(number)]
    frame = pl.DataFrame(rows, schema={"school": pl.String, "status": pl.String}, orient="row")
    told = {row["school"]: row for row in _shown(frame, "school", [*SCHOOLS]).to_dicts()}
    true = dict(zip(cells, numbers, strict=True))
    ranges = [bounds(told[school][status], true[school, status]) for school, status in cells]
    upper, limits = [], []
    for status in STATUS:
        low, high = bounds(told["*"][status], sum(true[school, status] for school in SCHOOLS))
        row = [float(one[1] == status) for one in cells]
        upper.append([-one for one in row])
        limits.append(-low)
        if high is not None:
            upper.append(row)
            limits.append(high)
    for at, cell in enumerate(cells):
        if true[cell] >= 10:
            continue
        assert told[cell[0]][cell[1]] is None
        goal = [float(one == at) for one in range(len(cells))]
        least, most = (linprog([sign * one for one in goal], upper, limits, bounds=ranges).fun for sign in (1, -1))
        assert -most - least >= 5 - 1e-6


def test_the_same_run_and_one_that_is_not_there_are_refused(runs):
    workspace, earlier, _ = runs
    with pytest.raises(UsageError):
        compare(workspace, earlier, earlier)
    with pytest.raises(WorkspaceError):
        compare(workspace, earlier, "nope")


def test_what_was_disposed_of_is_said(runs, monkeypatch):
    workspace, earlier, later = runs
    monkeypatch.setattr("mimamori.comparing_runs.held_artefacts", lambda *_: frozenset({"events"}))
    with pytest.raises(WorkspaceError, match="disposed"):
        compare(workspace, earlier, later)
