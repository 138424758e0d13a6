import pytest

from synthetic.clock import Clock
from synthetic.profile import load_profile
from synthetic.world import World, simulate


@pytest.fixture(scope="session")
def world() -> World:
    """Six thousand families over eight years, and one reference date a year."""
    return simulate(11, 6_000, load_profile("typical"), Clock(2014, 2022, 1))
