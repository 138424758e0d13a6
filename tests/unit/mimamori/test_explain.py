"""Explaining a pair and a child of a small run, and what is in the log before anything is shown."""

from datetime import date
from itertools import pairwise

import pytest

from governance.account_state import Role
from governance.runlog import Kind, entries
from governance.runs import read_artefact
from governance.views import persons_of
from mimamori.explain import explain_pair, explain_person, profiles_of
from mimamori.explain_charts import lay_out
from mimamori.explain_model import model_tables, read_shown_model
from mimamori.explain_screen import explained_lines
from mimamori.explain_tables import joining_rows, step_rows
from mimamori.explain_words import READINGS, probability_said, steps, time_said, time_short
from mimamori.joinings import read_joinings
from tests.accounts import enter
from tests.unit.mimamori.explained_run import publish
from tests.unit.mimamori.small_run import approved_workspace
from vocabulary.errors import WorkspaceError

ME = "os:operator"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MIMAMORI_DATABASE", raising=False)
        yield approved_workspace(tmp_path_factory.mktemp("explained") / "workspace")


@pytest.fixture(scope="module")
def run_id(workspace):
    return publish(workspace)


@pytest.fixture(scope="module")
def joinings(workspace, run_id):
    return read_joinings(workspace, run_id)


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setenv("MIMAMORI_LANG", "en")


def profile(joinings, local_id):
    return joinings.members.filter(local_id=local_id)["profile"][0]


def person(joinings, local_id):
    return joinings.members.filter(local_id=local_id)["person_id"][0]


def pair(workspace, joinings, left, right):
    return explain_pair(workspace, joinings, profile(joinings, left), profile(joinings, right), actor=ME)


def views(workspace):
    with workspace.reading() as connection:
        return [entry.content for entry in entries(connection, kinds=[Kind.VIEW])]


def test_a_pair_of_the_run_has_the_evidence_that_was_kept(workspace, joinings, run_id):
    shown = pair(workspace, joinings, "S-1", "H-1")
    stored = read_artefact(workspace, run_id, "pairs").filter(left=shown.left.profile, right=shown.right.profile)
    assert shown.compared
    assert shown.explanation.evidence == pytest.approx(stored["evidence"].item(), abs=1e-9)
    assert (shown.left.local_id, shown.left.records, shown.left.first) == ("H-1", 2, date(2018, 4, 1))
    family = next(field for field in shown.fields if field.name == "family_name")
    assert [(one.value, one.first, one.last) for one in family.left] == [("高橋", 2018, 2019)]
    assert [one.value for one in family.right] == ["中村"]


def test_a_joining_between_the_two_is_told_with_its_constraints(workspace, joinings):
    for left, right in (("H-1", "S-1"), ("S-1", "W-1"), ("S-1", "S-2")):
        shown = pair(workspace, joinings, left, right)
        held = joinings.weighed.filter(left=shown.left.profile, right=shown.right.profile)
        assert (shown.joining is None) == (held.height == 0)
        if shown.joining is not None:
            assert (shown.joining.bits, shown.joining.joined) == held.select("bits", "joined").row(0)


def test_twins_are_told_apart_by_the_reading_against_twins(workspace, joinings):
    shown = pair(workspace, joinings, "S-1", "S-2")
    assert shown.explanation.decided_by == "siblings"
    assert "One child, or twins (this one decides)" in explained_lines(shown)
    assert person(joinings, "S-1") != person(joinings, "S-2")


def test_a_pair_never_compared_is_compared_now_and_said_so(workspace, joinings):
    shown = pair(workspace, joinings, "H-1", "S-100")
    assert not shown.compared
    assert shown.joining is None
    assert shown.explanation.evidence < 0
    assert any("The run did not compare them" in line for line in explained_lines(shown))


def test_records_are_taken_for_their_profiles(joinings):
    asked = (("school", "S-1", date(2022, 4, 1)), ("health", "H-1", date(2018, 4, 1)))
    assert profiles_of(joinings, asked) == (profile(joinings, "S-1"), profile(joinings, "H-1"))
    with pytest.raises(WorkspaceError, match=r"no record like the 2\. "):
        profiles_of(joinings, (asked[0], ("school", "S-1", date(1999, 4, 1))))
    with pytest.raises(WorkspaceError, match="one without being compared"):
        profiles_of(joinings, (asked[0], ("school", "S-1", date(2023, 4, 1))))


def test_the_view_is_logged_first_and_names_nobody(workspace, joinings, monkeypatch):
    before = len(views(workspace))
    pair(workspace, joinings, "H-1", "S-1")
    explain_person(workspace, joinings, person(joinings, "S-1"), actor=ME)
    of_pair, of_person = views(workspace)[before:]
    ends = sorted([profile(joinings, "H-1"), profile(joinings, "S-1")])
    assert persons_of(of_pair) == tuple(sorted({person(joinings, "H-1"), person(joinings, "S-1")}))
    assert of_pair.items() >= {"page": "explain", "left": ends[0], "right": ends[1]}.items()
    assert of_person == {"page": "explain", "person": person(joinings, "S-1")}

    def unwritable(*_, **__):
        raise WorkspaceError("workspace.run_absent", run="-")

    def read(*_, **__):
        raise AssertionError("read before the view was logged")

    monkeypatch.setattr("governance.reviews.log_view", unwritable)
    monkeypatch.setattr("mimamori.explain.read_artefact", read)
    monkeypatch.setattr("mimamori.explain.read_artefact_parts", read)
    with pytest.raises(WorkspaceError):
        pair(workspace, joinings, "H-1", "S-1")
    with pytest.raises(WorkspaceError):
        explain_person(workspace, joinings, person(joinings, "S-1"), actor=ME)


def test_what_is_not_there_is_refused_and_no_view_logged(workspace, joinings):
    before = len(views(workspace))
    with pytest.raises(WorkspaceError, match="no child p-none"):
        explain_person(workspace, joinings, "p-none", actor=ME)
    with pytest.raises(WorkspaceError, match="no group of records numbered 99999"):
        explain_pair(workspace, joinings, 0, 99999, actor=ME)
    with pytest.raises(WorkspaceError, match="compared with itself"):
        explain_pair(workspace, joinings, 1, 1, actor=ME)
    assert len(views(workspace)) == before


def test_a_child_is_shown_by_its_tree_with_the_weakest_link_in_full(workspace, joinings):
    shown = explain_person(workspace, joinings, person(joinings, "S-1"), actor=ME)
    assert {group.local_id for group in shown.groups} >= {"S-1", "W-1"}
    assert len(shown.joinings) == len(shown.groups) - 1
    bits = [joining.bits for joining in shown.joinings]
    assert bits == sorted(bits, reverse=True)
    assert (shown.weakest.left.profile, shown.weakest.right.profile) == (
        shown.joinings[-1].left,
        shown.joinings[-1].right,
    )
    twin = person(joinings, "S-2")
    assert twin in {one for joining in shown.apart for one in (joining.person_left, joining.person_right)}
    assert all(not joining.joined for joining in shown.apart)
    assert any(f"the other is of child {twin}" in row[-1] for row in joining_rows(shown.apart, shown.groups))
    weakest = [row[-1] for row in joining_rows(shown.joinings, shown.groups, weakest=shown.joinings[-1])]
    assert weakest == [""] * (len(weakest) - 1) + ["the weakest link"]


def test_a_child_of_one_group_has_no_link_to_show(workspace, joinings):
    shown = explain_person(workspace, joinings, person(joinings, "S-2"), actor=ME)
    assert (len(shown.groups), shown.joinings, shown.weakest) == (1, (), None)
    assert any("nothing was joined" in line for line in explained_lines(shown))


def test_the_steps_lead_to_the_evidence(workspace, joinings):
    explanation = pair(workspace, joinings, "H-1", "S-1").explanation
    for reading in READINGS:
        found = steps(explanation, reading)
        reached = (
            explanation.evidence if reading == explanation.decided_by else getattr(explanation, f"against_{reading}")
        )
        assert found[-1].after == pytest.approx(reached)
        assert all(one.after == pytest.approx(one.before + one.bits) for one in found)
        assert all(after.before == before.after for before, after in pairwise(found))
        assert len(step_rows(explanation, reading)) == len(found) + 1


def test_the_tree_meets_where_groups_were_joined_and_no_line_crosses(workspace, joinings):
    shown = explain_person(workspace, joinings, person(joinings, "S-1"), actor=ME)
    profiles = [group.profile for group in shown.groups]
    tree = lay_out(profiles, shown.joinings)
    assert sorted(tree.order) == sorted(profiles)
    assert tree.lines.height == 3 * len(shown.joinings)
    upright = tree.lines.filter(tree.lines["x"] == tree.lines["x2"])
    assert upright["x"].to_list() == [joining.bits for joining in shown.joinings]
    assert tree.lines.filter("weakest").height == 3
    level = tree.lines.filter(tree.lines["y"] == tree.lines["y2"])
    assert (level["x"] >= level["x2"]).all(), "lines run from the stronger to the weaker"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_class_of_time_is_said(language, monkeypatch):
    monkeypatch.setenv("MIMAMORI_LANG", language)
    assert len({time_said(years) for years in range(4)}) == 4
    assert len({time_short(years) for years in range(4)}) == 4


def test_the_model_tells_who_trained_it(workspace, run_id):
    later = publish(workspace, trained=False)
    shown = read_shown_model(workspace, later)
    assert (shown.run_id, shown.trained_by) == (later, run_id)
    assert read_shown_model(workspace, run_id).trained_by == run_id
    tables = model_tables(shown.model)
    assert len(tables) == 9
    assert all(len(row) == len(table.headers) for table in tables for row in table.rows)
    assert all("p-" not in cell for table in tables for row in table.rows for cell in row)


def test_a_role_that_may_not_review_sees_nothing(tmp_path, monkeypatch):
    monkeypatch.delenv("MIMAMORI_DATABASE", raising=False)
    closed = approved_workspace(tmp_path / "closed")
    joinings = read_joinings(closed, publish(closed))
    enter(closed, {"council": Role.COUNCIL})
    with pytest.raises(WorkspaceError, match="cannot review"):
        explain_pair(closed, joinings, 0, 1, actor="council")
    with pytest.raises(WorkspaceError, match="cannot review"):
        explain_person(closed, joinings, person(joinings, "S-1"), actor="council")


@pytest.mark.parametrize(
    ("probability", "said"), [(1.0, ">0.9999"), (0.99999, ">0.9999"), (0.5, "0.5000"), (1e-9, "0.0000")]
)
def test_no_probability_is_rounded_up_to_one(probability, said):
    assert probability_said(probability) == said
