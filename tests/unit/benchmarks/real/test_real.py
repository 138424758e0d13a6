"""The benchmark on real histories, with made-up rows in the columns of the published files."""

import tomllib
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from benchmarks.real.cases import CASES
from benchmarks.real.ceiling import told
from benchmarks.real.deliver import DROP, SHARE, deliver, drops, earlier, histories, lowered
from benchmarks.real.rivals import first, rankings
from benchmarks.real.system import HERE, listed
from governance.approval import parse_approval
from indicators.rules import load_rules
from vocabulary.source import load_source, load_sources

PUPILS, GRADES = 400, ("K", "1", "2", "3")


@pytest.fixture
def published(tmp_path) -> Path:
    """Pupils of a made-up STAR: some kindergartens not attended, some scores blank."""
    chance = np.random.default_rng(0)
    ability = chance.normal(size=PUPILS)
    rows = [
        {
            "id": 1000 + pupil,
            "gr": grade,
            "sx": "FM"[pupil % 2],
            "read": str(round(450 + 60 * at + 30 * ability[pupil] + 15 * chance.normal())),
            "math": str(round(480 + 50 * at + 30 * ability[pupil] + 15 * chance.normal()))
            if chance.random() < 0.97
            else "",
            "ses": "FN"[pupil % 3 > 0],
            "sch": pupil % 7,
        }
        for pupil in range(PUPILS)
        for at, grade in enumerate(GRADES)
        if at > 0 or pupil % 4
    ]
    path = tmp_path / "data" / "mlmRev"
    path.mkdir(parents=True)
    pl.DataFrame(rows).write_csv(path / "star.csv")
    return tmp_path / "data"


@pytest.fixture
def rows(published):
    return histories(CASES["star"], published)


def test_rows_get_the_date_of_their_school_year(rows):
    assert rows.filter(pl.col("gr") == "K")["as_of"].unique().to_list() == ["1986-03-31"]
    assert sorted(rows["occasion"].unique()) == [0, 1, 2, 3]


def test_drops_go_to_persons_with_an_earlier_value_once_each(rows):
    case = CASES["star"]
    dropped = drops(case, rows, subjects=2, seed=1)
    persons = dropped.select("person", "occasion").unique()
    assert persons["person"].is_unique().all()
    assert persons.join(earlier(case, rows), on=["person", "occasion"], how="anti").is_empty()
    assert dropped.height == 2 * persons.height
    of_last = earlier(case, rows).filter(pl.col("occasion") == 3).height
    assert persons.filter(pl.col("occasion") == 3).height == pytest.approx(SHARE * of_last, abs=1)
    assert drops(case, rows, subjects=2, seed=1).equals(dropped)


def test_a_drop_lowers_that_value_by_its_size_and_nothing_else(rows):
    case = CASES["star"]
    dropped = drops(case, rows, subjects=1, seed=1)
    after = lowered(case, rows, dropped)
    spread = rows.group_by("occasion").agg(pl.col(list(case.subjects)).cast(pl.Float64).std())
    both = rows.join(after, on=["person", "occasion"], suffix="_after").join(spread, on="occasion", suffix="_sd")
    for subject in case.subjects:
        fell = both.filter(pl.col(subject) != pl.col(f"{subject}_after"))
        assert fell.height == dropped.filter(pl.col("subject") == subject).height
        by = (fell[subject].cast(pl.Float64) - fell[f"{subject}_after"].cast(pl.Float64)) / fell[f"{subject}_sd"]
        assert by.to_numpy() == pytest.approx(DROP, abs=0.02)


def test_rivals_find_a_large_drop_and_never_list_who_has_no_earlier_value(rows):
    case = CASES["star"]
    pupil = rows.filter((pl.col("gr") == "3") & pl.col("math").is_not_null())["person"][0]
    hit = (pl.col("person") == pupil) & (pl.col("gr") == "3")
    changed = rows.with_columns(
        pl.when(hit).then(pl.lit("210")).otherwise(subject).alias(subject) for subject in case.subjects
    )
    places = pl.DataFrame({"occasion": [3], "places": [1]})
    scores = rankings(case, changed) | {"told": told(case, changed, 2)}
    assert len(scores) == 9
    for score in scores.values():
        assert first(score, places).rows() == [(pupil, 3)]
    begins = pl.DataFrame({"occasion": [0], "places": [5]})
    assert first(scores["raw, sum"], begins).is_empty()


@pytest.mark.parametrize("name", CASES)
def test_a_folder_of_three_files_is_well_formed(name):
    source = load_source(HERE / name / "source.toml")
    rules = load_rules(HERE / name / "indicators.toml")
    assert source.name == name
    assert {item for rule in rules.indicators.values() for item in rule.items} <= {
        f"{name}.{measured}" for measured in source.measurements
    }
    sources = load_sources() | {name: source}
    approval = (HERE / name / "approval.toml").read_text()
    assert parse_approval(approval, file="approval.toml", sources=sources).id == name
    assert tomllib.loads(approval)["sources"] == {name: ["*"]}


@pytest.mark.slow
def test_scores_with_nothing_but_numbers_and_dates_go_through_and_are_listed(published, rows, tmp_path):
    """Foreign data by specification alone: no name, no birth date, one source."""
    case = CASES["star"]
    dropped = drops(case, rows, subjects=2, seed=1)
    changed = lowered(case, rows, dropped).drop("sx", "gr", "ses", "sch")
    deliver(case, changed, tmp_path / "delivery")
    found = listed(case, tmp_path)
    days = changed.select(pl.col("as_of").str.to_date(), "occasion").unique()
    ranked = found.join(days, on="as_of").filter(pl.col("occasion") > 0)
    places = earlier(case, rows).group_by("occasion").agg((pl.len() * SHARE).ceil().alias("places"))
    top = ranked.join(places, on="occasion").filter(pl.col("rank") <= 2 * pl.col("places"))
    hits = top.join(dropped.select("person", "occasion").unique(), on=["person", "occasion"], how="semi")
    assert hits.height / dropped["person"].n_unique() > 5 * 2 * SHARE  # five times what chance would find
