"""The queue, the two sides and the decision, on a run small enough to check by eye."""

import math
from datetime import date

import polars as pl
import pytest

from governance.account_state import Role
from governance.review_state import ReviewState, Verdict
from governance.reviews import decisions, list_reviews, undo
from governance.runlog import Kind, entries
from mimamori import review
from mimamori.joinings import read_joinings, refreshed, resolve_run
from mimamori.review_screen import evidence_line, shown_lines
from mimamori.side_by_side import KEY_OF, side_by_side
from tests.accounts import enter
from tests.unit.mimamori.small_run import JOININGS, NUMBERS, approved_workspace, publish, records_frame
from vocabulary.errors import WorkspaceError
from vocabulary.frames import IDENTITY

ME = "os:operator"
BETWEEN = (0.02, 0.98)


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.delenv("MIMAMORI_DATABASE", raising=False)
    monkeypatch.setenv("MIMAMORI_LANG", "en")
    return approved_workspace(tmp_path / "workspace")


@pytest.fixture
def joinings(workspace):
    return read_joinings(workspace, publish(workspace))


@pytest.fixture
def two_needed(tmp_path, monkeypatch):
    """A workspace that asks for a second reviewer, with two accounts, and its run."""
    monkeypatch.delenv("MIMAMORI_DATABASE", raising=False)
    monkeypatch.setenv("MIMAMORI_LANG", "en")
    workspace = approved_workspace(tmp_path / "two", "second_reviewer = true\n")
    joinings = read_joinings(workspace, publish(workspace))
    enter(workspace, {"sato": Role.SUPPORT_WORKER, "ito": Role.SUPPORT_WORKER})
    return workspace, joinings


def decide(workspace, joinings, left, right, verdict=Verdict.SAME, actor=ME):
    """Decide, and give the joinings with what stands then."""
    review.decide(workspace, joinings, left, right, verdict=verdict, reason="as seen", actor=actor)
    return refreshed(workspace, joinings)


def asked(joinings, actor=None):
    return review.queue(joinings, between=BETWEEN, actor=actor).select("left", "right").rows()


def views(workspace):
    with workspace.reading() as connection:
        return entries(connection, kinds=[Kind.VIEW])


def test_the_queue_holds_what_is_doubtful_by_information(joinings):
    found = review.queue(joinings, between=BETWEEN)
    assert found.select("left", "right", "joined").rows() == [(0, 3, False), (0, 1, True), (1, 2, True)]
    p = 1 / (1 + 2**2)  # of -2 bits
    entropy = -(p * math.log2(p) + (1 - p) * math.log2(1 - p))
    assert found["probability"][0] == pytest.approx(p)
    assert found["information"][0] == pytest.approx(2 * entropy)  # two records on the smaller side
    assert found["information"].is_sorted(descending=True)


@pytest.mark.parametrize(("between", "left_out"), [((0.5, 0.98), (0, 3)), ((0.02, 0.9), (1, 2))])
def test_what_is_doubtful_is_for_the_caller_to_say(joinings, between, left_out):
    pairs = review.queue(joinings, between=between).select("left", "right").rows()
    assert left_out not in pairs
    assert len(pairs) == 2


def test_what_was_decided_is_not_asked_again_until_it_is_undone(workspace, joinings):
    joinings = decide(workspace, joinings, 1, 0)
    assert asked(joinings) == [(0, 3), (1, 2)]
    (made,) = list_reviews(workspace)
    assert (made.left, made.right) == (("health", "H-1", date(2018, 4, 1)), ("school", "S-1", date(2021, 4, 1)))
    undo(workspace, made.id, reason="a slip", actor=ME)
    assert asked(refreshed(workspace, joinings)) == [(0, 3), (0, 1), (1, 2)]


def test_two_persons_are_asked_about_once_whichever_of_their_profiles_were_decided(workspace, joinings):
    joinings = decide(workspace, joinings, 2, 3, Verdict.DIFFERENT)
    assert (0, 3) not in asked(joinings)


def test_a_decision_is_found_again_in_a_later_run_under_other_profile_numbers(workspace, joinings):
    decide(workspace, joinings, 0, 3, Verdict.DIFFERENT)
    renumbered = [(9 - profile, *rest) for profile, *rest in NUMBERS]
    turned = [(9 - right, 9 - left, *rest) for left, right, *rest in JOININGS]
    later = read_joinings(workspace, publish(workspace, numbers=renumbered, joinings=turned))
    assert set(asked(later)) == {(8, 9), (7, 8)}
    assert list(later.reviews) == [(6, 9)]


def test_a_joining_that_a_decision_made_is_not_asked_about(workspace):
    made = [(0, 1, 3.0, True, 2, "same"), *JOININGS[1:]]
    assert (0, 1) not in asked(read_joinings(workspace, publish(workspace, joinings=made)))


def test_what_one_proposed_is_asked_of_another(two_needed):
    workspace, joinings = two_needed
    joinings = decide(workspace, joinings, 0, 1, actor="sato")
    assert (0, 1) not in asked(joinings, actor="sato")
    assert (0, 1) in asked(joinings, actor="ito")
    assert review.show(workspace, joinings, 0, 1, actor="ito").decision is None, "the second judges alone"
    joinings = decide(workspace, joinings, 0, 1, actor="ito")
    assert (0, 1) not in asked(joinings, actor="ito")
    shown = review.show(workspace, joinings, 0, 1, actor="ito").decision
    assert (shown.state, shown.reason) == (ReviewState.CONFIRMED, "as seen")


def test_a_second_person_confirms_though_another_pair_is_the_strongest_by_then(two_needed):
    workspace, joinings = two_needed
    joinings = decide(workspace, joinings, 2, 3, Verdict.DIFFERENT, actor="sato")
    assert (0, 3) in asked(joinings, actor="ito")
    decide(workspace, joinings, 0, 3, Verdict.DIFFERENT, actor="ito")
    (confirmed,) = list_reviews(workspace)
    assert (confirmed.state, confirmed.left[1], confirmed.right[1]) == (ReviewState.CONFIRMED, "S-2", "W-1")


def test_the_sides_are_what_a_decision_parts_or_joins(joinings):
    assert joinings.sides(0, 1) == ([0], [1, 2])
    assert joinings.sides(2, 1) == ([2], [0, 1])
    assert joinings.sides(0, 3) == ([0, 1, 2], [3])
    assert joinings.sides(0, 2) == ([0], [2]), "no joining of theirs: they themselves"


def test_both_sides_are_shown_with_their_years_and_compared_by_keys(workspace, joinings):
    shown = review.show(workspace, joinings, 0, 1, actor=ME)
    assert (shown.bits, shown.joined) == (3.0, True)
    assert [(one.source, one.local_id, one.records) for one in shown.numbers_right] == [
        ("school", "S-1", 3),
        ("welfare", "W-1", 1),
    ]
    fields = {field.name: field for field in shown.fields}
    agreement = {name: field.agreement for name, field in fields.items()}
    assert agreement == {
        "family_name": "differ",
        "given_name": "match",
        "given_kana": "match",  # hiragana and katakana
        "birth_date": "match",
        "phone": "match",  # with and without hyphens
    }
    (before,) = fields["family_name"].left
    assert (before.value, before.first, before.last) == ("高橋", 2018, 2019)
    (after,) = fields["family_name"].right
    assert (after.value, after.first, after.last) == ("中村", 2021, 2023)


def test_writings_of_one_value_are_shown_once_and_other_values_apart():
    numbers = [
        (0, "health", "H-1", (2018,), "p", {"phone": "０９０－１１１１", "family_kana": "ﾐﾜ", "address": "町　1-2"}),
        (0, "health", "H-2", (2020,), "p", {"phone": "090-1111", "family_kana": "ミ ワ", "address": "町 1-2 203"}),
        (0, "health", "H-3", (2021,), "p", {"phone": "09-01111", "family_kana": "ミーワ", "address": "町 1-2203"}),
    ]
    fields = {field.name: field.left for field in side_by_side(records_frame(numbers), records_frame(NUMBERS))}
    assert [(one.value, one.first, one.last) for one in fields["phone"]] == [
        ("０９０－１１１１", 2018, 2020),
        ("09-01111", 2021, 2021),
    ]
    assert [one.value for one in fields["family_kana"]] == ["ﾐﾜ", "ミーワ"]
    assert [one.value for one in fields["address"]] == ["町　1-2", "町 1-2 203", "町 1-2203"]


def test_one_blank_side_agrees_with_nothing():
    left, right = records_frame(NUMBERS[:1]), records_frame(NUMBERS[4:])
    fields = {field.name: field.agreement for field in side_by_side(left, right)}
    assert fields == {
        "family_name": "differ",
        "given_name": "differ",
        "given_kana": "blank",
        "birth_date": "blank",
        "phone": "blank",
    }
    assert set(KEY_OF) == set(IDENTITY)


def test_a_view_is_logged_before_anything_is_read(workspace, joinings, monkeypatch):
    review.show(workspace, joinings, 0, 1, actor=ME)
    (view,) = views(workspace)
    person = joinings.members.filter(profile=0)["person_id"][0]
    assert view.content == {"page": "review", "person": person, "left": 0, "right": 1, "profiles": [[0], [1, 2]]}
    assert "H-1" not in view.body

    def unwritable(*_, **__):
        raise WorkspaceError("workspace.database_unreachable", problem="readonly")

    monkeypatch.setattr("governance.views.append", unwritable)
    monkeypatch.setattr("mimamori.review.read_artefact", lambda *_: pytest.fail("read without a view in the log"))
    with pytest.raises(WorkspaceError, match="readonly"):
        review.show(workspace, joinings, 0, 1, actor=ME)


def test_verdicts_that_cannot_hold_together_are_refused(workspace, joinings):
    joinings = decide(workspace, decide(workspace, joinings, 0, 1), 1, 2)
    with pytest.raises(WorkspaceError, match="cannot hold together"):
        decide(workspace, joinings, 0, 2, Verdict.DIFFERENT)
    joinings = decide(workspace, joinings, 3, 4, Verdict.DIFFERENT)
    joinings = decide(workspace, joinings, 2, 4)
    with pytest.raises(WorkspaceError, match="cannot hold together"):
        decide(workspace, joinings, 0, 3)
    decide(workspace, joinings, 0, 3, Verdict.CANNOT_SAY)
    assert decisions(workspace)["verdict"].to_list() == ["same", "same", "different", "same"]


def test_a_whole_person_is_confirmed_in_one_answer(workspace, joinings):
    joinings = decide(workspace, joinings, 0, 1)
    (made,) = review.confirm_person(workspace, joinings, 0, 1, reason="all agree", actor=ME)
    assert (made.left[1], made.right[1], made.verdict) == ("S-1", "W-1", Verdict.SAME)
    assert asked(refreshed(workspace, joinings)) == [(0, 3)]
    with pytest.raises(WorkspaceError, match="two persons"):
        review.confirm_person(workspace, joinings, 0, 3, reason="r", actor=ME)


@pytest.mark.parametrize(
    ("left", "right", "said"), [(0, 0, "with itself"), (0, 77, "numbered 77"), (77, 0, "numbered 77")]
)
def test_profiles_that_are_not_there(workspace, joinings, left, right, said):
    with pytest.raises(WorkspaceError, match=said):
        decide(workspace, joinings, left, right)
    with pytest.raises(WorkspaceError, match=said):
        review.show(workspace, joinings, left, right, actor=ME)
    assert views(workspace) == []


def test_the_run_is_the_last_one_unless_it_is_named(workspace):
    with pytest.raises(WorkspaceError, match="There is no run yet"):
        resolve_run(workspace, None)
    first, last = publish(workspace), publish(workspace)
    assert resolve_run(workspace, None) == last
    assert resolve_run(workspace, first) == first


def test_the_screen_tells_both_sides_and_hides_the_evidence_of_a_sample(workspace, joinings):
    shown = review.show(workspace, joinings, 0, 1, actor=ME)
    lines = "\n".join(shown_lines(shown))
    for told in ("高橋 (2018-2019)", "中村 (2021-2023)", "health H-1", "differ", "odds of 8.0 to 1", "joined them"):
        assert told in lines
    assert "odds" not in "\n".join(shown_lines(shown, with_evidence=False))


@pytest.mark.parametrize(
    ("bits", "told"),
    [(10.0, "1,024 to 1 that they are one"), (-1.0, "2.0 to 1 that they are two"), (99.0, "1,000,000 to")],
)
def test_evidence_in_words(monkeypatch, bits, told):
    monkeypatch.setenv("MIMAMORI_LANG", "en")
    assert told in evidence_line(bits)


def test_an_empty_queue_is_a_frame_like_any_other(workspace):
    joinings = read_joinings(workspace, publish(workspace, joinings=[]))
    found = review.queue(joinings, between=BETWEEN)
    assert found.height == 0
    assert found.schema["information"] == pl.Float64
