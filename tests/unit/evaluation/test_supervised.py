"""The model with labels: by time, better than chance on what it has met, and not on what it has not."""

import numpy as np
import polars as pl
import pytest

from evaluation.flags import flag_quality
from evaluation.lists import lists
from evaluation.recomputed import Recomputed
from evaluation.sensitivity import sensitivity
from evaluation.supervised import supervised
from vocabulary.frames import FLAGS, KEY, TRUTH_RECORDS, TRUTH_SHOCKS

CHILDREN, YEARS = 400, range(2010, 2020)


@pytest.fixture(scope="module")
def town():
    """Two kinds of onset, each showing in an indicator of its own alone; flags that list both."""
    chance = np.random.default_rng(5)
    names = np.array([f"c{at:03d}" for at in range(CHILDREN)])
    child, year = (each.ravel() for each in np.meshgrid(names, np.array(YEARS), indexing="ij"))
    struck = chance.random(child.size) < 0.06
    kind = np.where(chance.random(child.size) < 0.5, "fall", "absence")
    frames = []
    for name in ("fall", "absence"):
        change = chance.normal(size=child.size) + 4 * (struck & (kind == name))
        frames.append(
            pl.DataFrame({"person_id": child, "year": year, "indicator": name, "value": change, "change": change})
        )
    indicators = pl.concat(frames).with_columns(
        pl.col("year").cast(pl.Int32), change_z=pl.col("change"), level=pl.lit(0, pl.Int8)
    )
    records = pl.DataFrame({"source": "school", "local_id": child, "year": year, "child": child})
    records = records.with_columns(as_of=pl.date(pl.col("year"), 4, 1)).select(list(TRUTH_RECORDS))
    links = records.select(*KEY, person_id="child", match_probability=pl.lit(1.0))
    shocks = pl.DataFrame({"child": child[struck], "year": year[struck], "kind": kind[struck]}).cast(TRUTH_SHOCKS)
    best = indicators.group_by("person_id", "year").agg(score=pl.col("change").max())
    ranked = best.sort("year", "score", descending=[False, True]).with_columns(
        rank=pl.int_range(1, pl.len() + 1).over("year").cast(pl.Int32)
    )
    flags = pl.concat([pl.DataFrame(schema=FLAGS), ranked.filter(pl.col("rank") <= 20)], how="diagonal")
    return {"flags": flags, "indicators": indicators, "links": links, "truth": {"records": records, "shocks": shocks}}


@pytest.fixture(scope="module")
def found(town):
    return supervised(lists(**town), 0.05)


def test_it_is_trained_on_years_before_those_it_is_judged_on_with_a_year_between(found):
    assert found.trained == tuple(range(2010, 2014))
    assert found.judged == tuple(range(2015, 2020))


def test_every_rule_lists_as_many(found):
    assert {rule.listed for rule in found.rules if rule.rule != "level"} == {100}  # no child has a level here
    rates = {rule.rule: rule.precision.value for rule in found.rules}
    assert rates["supervised"] > 5 * rates["chance"]


def test_a_kind_it_has_not_met_is_not_found(found):
    assert {kind.kind for kind in found.kinds} == {"fall", "absence"}
    for kind in found.kinds:
        assert kind.seen.value > 0.5
        assert kind.unseen.value < 0.2
        assert kind.flags.value > 0.5


def test_with_too_few_onsets_nothing_is_trained(town):
    few = town | {"truth": town["truth"] | {"shocks": town["truth"]["shocks"].head(5)}}
    assert supervised(lists(**few), 0.05) is None


def test_an_indicator_that_is_unknown_in_the_years_of_training_is_left_out(town):
    late = town["indicators"].filter((pl.col("indicator") == "fall") | (pl.col("year") >= 2017))
    assert supervised(lists(**town | {"indicators": late}), 0.05) is not None


def test_a_column_without_which_the_list_is_chance_is_needed(town):
    shuffled = town["flags"].with_columns(pl.col("person_id").shuffle(seed=1))
    anew = Recomputed(without={("school", "fall"): shuffled, ("school", "same"): town["flags"]})
    lost, same = sensitivity(lists(**town), town["flags"], anew).dropped
    assert (lost.column, lost.needed) == ("fall", True)
    assert (same.column, same.needed) == ("same", False)


def test_onsets_of_unknown_kinds_and_strengths(town):
    shocks = town["truth"]["shocks"].with_columns(
        kind=pl.lit("転校"), strength=pl.int_range(pl.len()).cast(pl.Float64) / 10
    )
    judged = flag_quality(**town | {"truth": town["truth"] | {"shocks": shocks}}, capacities=(0.05,))
    assert [part.name for part in judged.main.by_onset_kind] == ["転校"]
    quarters = judged.main.by_strength
    assert len(quarters) == 4
    assert sum(part.recall.of for part in quarters) == judged.onsets
    assert quarters[0].name.startswith("0.00–")


def test_a_truth_without_strength_has_no_quarters(town):
    assert flag_quality(**town, capacities=(0.05,)).main.by_strength == ()
