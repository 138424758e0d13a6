import numpy as np
import pytest

from synthetic.clock import Clock
from synthetic.hardship import ONSETS, Circumstances, draw_hardships, kinds
from vocabulary.texts import catalogue

CLOCK = Clock(2010, 2020, 1)
CHILDREN = 3_000


def circumstances(**changes) -> Circumstances:
    shape = (CHILDREN, CLOCK.steps)
    age = np.broadcast_to(8.0 + np.arange(CLOCK.steps) / 10, shape)
    plain = {
        "family": np.repeat(np.arange(CHILDREN // 2), 2),
        "present": np.full(shape, True),
        "age": age,
        "grade": np.full(shape, 3),
        "lone": np.full(shape, False),
        "poor": np.full(shape, False),
        "divorced": [np.array([], dtype=int)] * CLOCK.steps,
    }
    return Circumstances(**(plain | changes))


def kind(name: str):
    return next(kind for kind in kinds() if kind.name == name)


def test_every_kind_of_hardship_has_a_title():
    assert {f"kind.{kind.name}" for kind in kinds()} <= set(catalogue())


def test_hazard_is_that_of_the_age_reached():
    refusal = kind("school_refusal")
    hazards = refusal.hazard(np.zeros(4), np.array([0, 1, 4, 7]))
    assert hazards.tolist() == [0.0, *[dict(map(tuple, refusal.onset))[grade] for grade in (1, 4, 7)]]


def test_family_kinds_strike_all_children_of_a_family_alike():
    hardship = draw_hardships(1, circumstances(), CLOCK, kinds())
    strength = hardship.strength["income_loss"].reshape(-1, 2, CLOCK.steps)
    assert np.array_equal(strength[:, 0], strength[:, 1])
    assert strength.any()


def test_strength_is_nothing_before_the_onset():
    hardship = draw_hardships(1, circumstances(), CLOCK, kinds())
    child, step = hardship.onsets["learning_breakdown"]
    first = dict(sorted(zip(child.tolist(), step.tolist(), strict=True), reverse=True))
    assert len(first) > 10
    for c, s in first.items():
        assert not hardship.strength["learning_breakdown"][c, :s].any()
        assert hardship.strength["learning_breakdown"][c, s : s + 3].any() or s >= CLOCK.steps - 2


def test_who_never_had_an_onset_never_shows_any():
    hardship = draw_hardships(2, circumstances(), CLOCK, kinds())
    for name, (child, _) in hardship.onsets.items():
        free = np.setdiff1d(np.arange(CHILDREN), child)
        assert not hardship.strength[name][free].any()


def test_breakup_follows_divorce_only():
    divorced = [np.arange(200) if step == 4 else np.array([], dtype=int) for step in range(CLOCK.steps)]
    child, step = draw_hardships(1, circumstances(divorced=divorced), CLOCK, kinds()).onsets["family_breakup"]
    assert set(step) == {4}
    assert child.max() < 400
    assert len(child) / 400 == pytest.approx(kind("family_breakup").share, abs=0.1)


def test_one_parent_and_low_income_homes_are_hit_more_often():
    shape = (CHILDREN, CLOCK.steps)
    usual = draw_hardships(1, circumstances(), CLOCK, kinds())
    harder = draw_hardships(1, circumstances(lone=np.full(shape, True), poor=np.full(shape, True)), CLOCK, kinds())
    assert len(harder.onsets["neglect"][0]) > 2 * len(usual.onsets["neglect"][0])


def test_children_elsewhere_have_no_onset():
    present = np.full((CHILDREN, CLOCK.steps), False)
    hardship = draw_hardships(1, circumstances(present=present), CLOCK, kinds())
    assert sum(len(child) for child, _ in hardship.onsets.values()) == 0


@pytest.mark.parametrize("onsets", sorted(ONSETS))
def test_every_set_of_onsets_has_the_same_kinds_and_known_effects(onsets: str):
    assert [kind.name for kind in kinds(onsets)] == [kind.name for kind in kinds()]
    known = {measure for kind in kinds() for measure in kind.effect}
    assert {measure for kind in kinds(onsets) for measure in kind.effect} <= known


def test_faint_onsets_are_spread_over_more_records_than_the_usual_ones():
    for usual, faint in zip(kinds(), kinds("faint"), strict=True):
        shown = [measure for measure in faint.effect if measure not in ("income", "poverty", "childcare")]
        assert len(shown) >= 8
        assert faint.effect["absent"] <= max(usual.effect["absent"], 15)


def test_episodes_of_one_family_are_equally_severe():
    severity = draw_hardships(1, circumstances(), CLOCK, kinds()).severity["neglect"].reshape(-1, 2)
    assert np.array_equal(severity[:, 0], severity[:, 1])
    assert severity.min() >= 0.3
    assert severity.max() <= 2.0
