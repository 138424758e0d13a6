import numpy as np
import pytest

from synthetic.households import FATHER_ALONE, MOTHER, STEPFATHER
from synthetic.names import names
from synthetic.world import World


def after(world: World, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Families and steps of `kind`, from the second step on."""
    family, step = np.nonzero(world.households.happened(kind))
    return family[step > 0], step[step > 0]


def test_divorce_leaves_one_parent_with_the_children(world):
    family, step = after(world, "divorce")
    assert len(family) > 50
    assert world.households.lone[family, step].all()
    assert set(world.households.custody[family, step]) == {MOTHER, FATHER_ALONE}


def test_most_but_not_all_children_take_the_mothers_name(world):
    family, step = after(world, "divorce")
    mother = world.households.custody[family, step] == MOTHER
    family, step = family[mother], step[mother]
    changed = world.households.surname[family, step] != world.households.surname[family, step - 1]
    assert 0.5 < changed.mean() < 0.75


def test_children_who_live_with_their_father_keep_their_name(world):
    family, step = after(world, "divorce")
    father = world.households.custody[family, step] == FATHER_ALONE
    family, step = family[father], step[father]
    assert np.array_equal(world.households.surname[family, step], world.households.surname[family, step - 1])


def test_a_remarried_mother_takes_the_new_name_and_adopted_children_too(world):
    family, step = after(world, "step_adoption")
    assert len(family) > 10
    assert (world.households.custody[family, step] == STEPFATHER).all()
    assert np.array_equal(world.households.surname[family, step], world.households.parent_surname[family, step])


def test_families_that_moved_out_are_not_here_and_some_come_back(world):
    family, step = after(world, "moved_out")
    assert not world.households.here[family, step].any()
    back, when = after(world, "moved_back")
    assert world.households.here[back, when].all()
    assert 0.05 < len(back) / len(family) < 0.25
    assert (world.households.home[back, when] != world.households.home[back, when - 1]).all()


def test_as_many_come_as_go(world):
    coming = sum(len(after(world, kind)[0]) for kind in ("moved_in", "moved_back"))
    assert coming / len(after(world, "moved_out")[0]) == pytest.approx(1, abs=0.15)


@pytest.mark.parametrize("column", ["written", "kana"])
def test_siblings_are_neither_written_nor_read_alike(world, column):
    called = np.array(getattr(names().given, column))[world.children.given]
    pairs = {(family, name) for family, name in zip(world.children.family.tolist(), called.tolist(), strict=True)}
    assert len(pairs) == len(world.children)


def test_some_twins_have_names_that_begin_alike(world):
    first = np.array([name[0] for name in names().given.written])[world.children.given]
    one, other = first[world.children.twin].reshape(-1, 2).T
    assert 0.08 < (one == other).mean() < 0.4


def test_twins_share_their_birth(world):
    twins = np.flatnonzero(world.children.twin)
    family, birth = world.children.family[twins].reshape(-1, 2), world.children.birth[twins].reshape(-1, 2)
    assert np.array_equal(family[:, 0], family[:, 1])
    assert np.array_equal(birth[:, 0], birth[:, 1])


def test_no_child_is_born_to_a_separated_couple(world):
    later = ~world.children.first
    born = ((world.children.birth - world.clock.start) * world.clock.per_year).astype(int)
    inside = later & (world.children.birth >= world.clock.start) & (world.children.birth < world.clock.stop)
    assert inside.sum() > 100
    assert not world.households.lone[world.children.family[inside], born[inside]].any()


def test_lives_are_those_of_children_in_the_city(world):
    lives = world.lives
    assert world.households.here[lives.family, lives.step].all()
    assert lives.age.min() >= 0
    assert lives.age.max() < 19
