"""What a city sets in its workspace, and what the command takes, mean the same."""

import pytest

from governance.workspace import MAY_STAND_BEFORE, load_settings
from mimamori.city_rules import INDICATORS, JUDGEMENTS
from mimamori.commands.run import _capacity


@pytest.mark.parametrize("written", ["0.02", "1.0", "1", "60"])
def test_a_capacity_in_the_settings_means_what_the_option_means(tmp_path, written):
    (tmp_path / "mimamori.toml").write_text(f"capacity = {written}")
    capacity = load_settings(tmp_path).capacity
    assert (capacity, type(capacity)) == (_capacity(written), type(_capacity(written)))


def test_a_citys_own_rules_may_stand_before_its_workspace_is_made():
    assert {INDICATORS, JUDGEMENTS} <= MAY_STAND_BEFORE
