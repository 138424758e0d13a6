from dataclasses import replace

import numpy as np
import pytest

from synthetic.clock import Clock
from synthetic.department import HEALTH, SCHOOL, WELFARE
from synthetic.profile import load_profile
from synthetic.register import Register, keep_register
from synthetic.world import World, simulate

CLOCK = Clock(2012, 2020, 1)


@pytest.fixture(scope="module")
def world() -> World:
    return simulate(12, 3_000, load_profile("clean"), CLOCK)


def register(world: World, department=WELFARE, **rates: float) -> Register:
    altered = replace(world, profile=replace(world.profile, **rates))
    return keep_register(np.random.default_rng(3), department, np.arange(len(world.lives)), altered)


def numbers_of_each_child(world: World, kept: Register) -> np.ndarray:
    child = world.lives.child[kept.life]
    pairs = np.unique(np.c_[child, kept.registration], axis=0)
    return np.unique(pairs[:, 0], return_counts=True)[1]


def test_without_renewal_most_children_keep_one_number(world):
    counts = numbers_of_each_child(world, register(world, HEALTH))
    assert counts.mean() < 1.02


def test_renewed_numbers_multiply(world):
    counts = numbers_of_each_child(world, register(world, renewed_number=0.33))
    years = np.unique(world.lives.child, return_counts=True)[1]
    assert (counts.sum() - len(counts)) / (years.sum() - len(years)) == pytest.approx(0.33, abs=0.03)


def test_doubled_numbers_stand_beside_the_first_at_one_date(world):
    kept = register(world, doubled_number=0.02)
    pairs = np.c_[world.lives.child[kept.life], world.lives.step[kept.life]]
    doubled = len(pairs) - len(np.unique(pairs, axis=0))
    assert 0.02 < doubled / len(pairs) < 0.045
    assert len(np.unique(np.c_[kept.registration, world.lives.step[kept.life]], axis=0)) == len(pairs)


def test_a_number_is_of_one_child(world):
    kept = register(world, renewed_number=0.2, doubled_number=0.02)
    child = world.lives.child[kept.life]
    assert len(np.unique(np.c_[kept.registration, child], axis=0)) == kept.registration.max() + 1
    assert kept.local_id.n_unique() == kept.registration.max() + 1


def test_a_department_learns_late(world):
    prompt, late = register(world, late_update=0.0), register(world, late_update=0.6)
    lives = world.lives
    home = world.households.home[lives.family[prompt.life], lives.step[prompt.life]]
    assert np.array_equal(prompt.home, home)
    assert 0.005 < (late.home != home).mean() < 0.1


def test_the_old_surname_lasts_at_school_and_nowhere_else(world):
    lives = world.lives
    surname = world.households.surname

    def behind(kept: Register) -> float:
        return (kept.surname != surname[lives.family[kept.life], lives.step[kept.life]]).mean()

    assert behind(register(world, WELFARE, late_update=0.0)) == 0
    assert behind(register(world, SCHOOL, late_update=0.0)) > 0.002


def test_departments_ask_for_different_parents(world):
    welfare, health = register(world, WELFARE), register(world, HEALTH)
    differ = welfare.guardian_given != health.guardian_given
    assert 0.4 < differ.mean() < 0.8
