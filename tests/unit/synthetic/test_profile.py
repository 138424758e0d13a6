from dataclasses import asdict
from itertools import pairwise

import pytest

from synthetic.profile import load_profile, load_profiles
from vocabulary.errors import UsageError


def test_the_profiles_of_the_command_are_there():
    assert list(load_profiles()) == ["clean", "typical", "hard", "extreme"]


@pytest.mark.parametrize("name", load_profiles())
def test_rates_are_shares(name):
    assert all(0 <= rate <= 1 for rate in asdict(load_profile(name)).values())


def test_each_profile_errs_more_than_the_one_before():
    rates = [asdict(profile) for profile in load_profiles().values()]
    for easier, harder in pairwise(rates):
        assert all(easier[name] <= harder[name] for name in easier)


def test_an_unknown_profile_is_refused_with_those_there_are():
    with pytest.raises(UsageError, match="clean, typical, hard, extreme"):
        load_profile("perfect")
