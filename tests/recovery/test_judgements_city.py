"""Judgements on a city whose hardships are known: a stronger judgement, more children near the onset of one."""

import polars as pl
import pytest

from indicators.compute import compute_indicators
from indicators.judgement_rules import DOMAINS, load_judgement_rules
from indicators.judgements import judge
from indicators.rules import load_rules
from synthetic.city import build_city
from tests.recovery.flag_scenes import near_onset, true_timeline


@pytest.mark.slow
@pytest.mark.parametrize("profile", ["typical", "hard"])
def test_the_stronger_the_judgement_the_more_children_near_an_onset(profile: str):
    city = build_city(3000, 7, range(2014, 2026), profile)
    timeline, persons = true_timeline(city)
    rules, steps = load_rules(), load_judgement_rules()
    judged = judge(compute_indicators(timeline, persons, rules), persons, rules, steps)
    near = near_onset(city.truth["shocks"]).with_columns(pl.lit(True).alias("near"))
    overall = (
        judged.filter(pl.col("domain") == "overall")
        .join(near, on=["person_id", "year"], how="left")
        .group_by("judgement")
        .agg(pl.len().alias("children"), pl.col("near").fill_null(False).mean())
        .sort("judgement")
    )
    assert overall["judgement"].to_list() == [0, 1, 2, 3]
    assert overall["near"].is_sorted()
    assert overall["near"][3] > 5 * overall["near"][0]
    shares = overall["children"] / overall["children"].sum()
    assert shares.is_sorted(descending=True)
    assert shares[3] < 0.06  # priority is for few
    assert set(judged["domain"]) == {*DOMAINS, "overall"}
