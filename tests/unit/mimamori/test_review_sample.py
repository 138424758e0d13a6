"""A sample is drawn and logged before it is decided; once it is, it gives precision and recall."""

import pytest

from governance.review_state import Verdict
from governance.runlog import Kind, entries
from mimamori import review, review_sample
from mimamori.joinings import read_joinings, refreshed
from tests.unit.mimamori.small_run import JOININGS, NUMBERS, approved_workspace, publish
from vocabulary.errors import IntegrityError, WorkspaceError

ME = "os:operator"


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.delenv("MIMAMORI_DATABASE", raising=False)
    monkeypatch.setenv("MIMAMORI_LANG", "en")
    return approved_workspace(tmp_path / "workspace")


@pytest.fixture
def joinings(workspace):
    return read_joinings(workspace, publish(workspace))


def draw(workspace, joinings, persons=10, offers=6):
    return review_sample.draw_sample(workspace, joinings, persons=persons, offers=offers, seed=3, actor=ME)


def decide_all(workspace, joinings, **verdicts):
    """Decide the whole sample: `same` unless a verdict is given for `<left>_<right>`."""
    waiting = review_sample.sample_queue(review_sample.read_sample(workspace, joinings))
    for left, right in waiting.select("left", "right").rows():
        verdict = verdicts.get(f"_{left}_{right}", Verdict.SAME)
        review.decide(workspace, joinings, left, right, verdict=verdict, reason="as seen", actor=ME)
        joinings = refreshed(workspace, joinings)
    return joinings


def test_a_sample_is_logged_and_drawn_again_alike(workspace, joinings):
    drawn = draw(workspace, joinings)
    assert drawn.persons.select("person_id", "records", "pairs", "times").rows() == [("p-hanako", 6, 15, 10)]
    assert drawn.joinings.select("left", "right").rows() == [(0, 1), (0, 3), (1, 2), (3, 4)]
    with workspace.reading() as connection:
        (entry,) = entries(connection, kinds=[Kind.REVIEW_SAMPLED])
    assert entry.content == {"persons": 10, "offers": 6, "seed": 3, "sha256": drawn.sha256}
    assert review_sample.read_sample(workspace, joinings).sha256 == drawn.sha256


def test_precision_and_recall_by_hand(workspace, joinings):
    draw(workspace, joinings)
    decided = decide_all(workspace, joinings, _1_2=Verdict.DIFFERENT, _0_3=Verdict.DIFFERENT, _3_4=Verdict.DIFFERENT)
    found = review_sample.estimate(workspace, decided)
    # p-hanako: 10 of 15 pairs are right; p-momoko's one pair counts as right
    assert found.precision.value == pytest.approx((10 + 1) / 16)
    assert found.recall.value == pytest.approx(1.0)
    assert found.recall.low < 0.9
    assert (found.persons, found.joinings) == (1, 4)


def test_an_offer_that_should_have_been_taken_lowers_recall(workspace, joinings):
    draw(workspace, joinings)
    found = review_sample.estimate(workspace, decide_all(workspace, joinings, _3_4=Verdict.DIFFERENT))
    assert found.precision.value == 1.0
    assert found.recall.value == pytest.approx(16 / (16 + 6 * 2))  # six records kept apart from two


def test_without_offers_nothing_is_said_of_recall(workspace, joinings):
    draw(workspace, joinings, offers=0)
    assert review_sample.estimate(workspace, decide_all(workspace, joinings)).recall is None


def test_cannot_say_widens_the_interval(workspace, joinings):
    draw(workspace, joinings, offers=0)
    found = review_sample.estimate(workspace, decide_all(workspace, joinings, _1_2=Verdict.CANNOT_SAY)).precision
    assert found.cannot_say == 10
    assert found.value == pytest.approx((1 + (10 + 15) / 2) / 16)
    assert found.high == 1.0


def test_an_undecided_sample_gives_no_figure(workspace, joinings):
    with pytest.raises(WorkspaceError, match="No sample was drawn"):
        review_sample.estimate(workspace, joinings)
    draw(workspace, joinings)
    with pytest.raises(WorkspaceError, match="4 of the 4 joinings"):
        review_sample.estimate(workspace, joinings)


def test_a_decision_made_against_the_evidence_holds_a_person_together(workspace):
    """Linkage keeps no joining below its lowest bits; the person's tree is whole by the decision."""
    joinings = read_joinings(workspace, publish(workspace, joinings=[JOININGS[0], *JOININGS[2:]]))
    review.decide(workspace, joinings, 1, 2, verdict=Verdict.SAME, reason="known", actor=ME)
    joinings = refreshed(workspace, joinings)
    draw(workspace, joinings, offers=0)
    assert review_sample.estimate(workspace, decide_all(workspace, joinings)).precision.value == 1.0


@pytest.mark.parametrize(("persons", "offers"), [(0, 0), (5, -1)])
def test_a_size_that_is_none(workspace, joinings, persons, offers):
    with pytest.raises(WorkspaceError, match="Not a size"):
        draw(workspace, joinings, persons, offers)


def test_a_run_without_persons_of_several_numbers(workspace):
    apart = [(*one[:3], False, one[4]) for one in JOININGS]
    numbers = [(*one[:4], f"p-{one[0]}", one[5]) for one in NUMBERS]
    joinings = read_joinings(workspace, publish(workspace, numbers=numbers, joinings=apart))
    with pytest.raises(WorkspaceError, match="nothing to draw"):
        draw(workspace, joinings)


def test_a_sample_that_is_not_the_one_logged_is_not_evaluated(workspace, joinings, monkeypatch):
    draw(workspace, joinings)
    monkeypatch.setattr(review_sample.Sample, "sha256", "0" * 64)
    with pytest.raises(IntegrityError, match="not the one that was logged"):
        review_sample.read_sample(workspace, joinings)
