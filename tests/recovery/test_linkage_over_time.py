"""Linkage year after year: what time teaches the model, that ids stay, that it comes to what linking at once gives."""

from dataclasses import dataclass
from datetime import date

import polars as pl
import pytest

from linkage.comparisons import COMPARISONS
from linkage.evidence import weights
from linkage.link import link
from linkage.linked import Linkage
from linkage.model import TIMES, Model
from linkage.spine import Spine, assign_person_ids
from tests.recovery.linked_cities import clustered, delivered, quality
from vocabulary.frames import RECORD, SPINE

pytestmark = pytest.mark.slow

CHILDREN = 5_000
FIRST = 2021
"""Fiscal year that is delivered after all before it were linked, as are those that follow."""


@dataclass(frozen=True)
class Step:
    """One delivery, linked with all before."""

    linkage: Linkage
    known: pl.DataFrame  # SPINE before it
    spine: Spine

    @property
    def ids(self) -> pl.DataFrame:
        return self.spine.links.select(*RECORD, "person_id")


def step(records: pl.DataFrame, last: Step | None = None) -> Step:
    """Deliver `records` after `last`."""
    if last is None:
        linkage, known, former = link(records, seed=1), pl.DataFrame(schema=SPINE), None
    else:
        before = last.linkage
        known, former = last.ids, last.spine.former
        left = before.known
        linkage = link(records, known=left, model=before.model, seed=1)
    return Step(linkage, known, assign_person_ids(clustered(linkage), known, former=former, key=b"key"))


@dataclass(frozen=True)
class History:
    """A city delivered year after year, and its truth."""

    records: pl.DataFrame
    truth: pl.DataFrame
    steps: list[Step]


@pytest.fixture(scope="module")
def history(tmp_path_factory) -> History:
    records, truth = delivered(tmp_path_factory.mktemp("city"), CHILDREN, 23, "hard")
    steps = [step(records.filter(pl.col("as_of") < date(FIRST, 4, 1)))]
    for year in range(FIRST, records["as_of"].dt.year().max() + 1):
        of_year = records.filter(pl.col("as_of").is_between(date(year, 4, 1), date(year + 1, 3, 31)))
        steps.append(step(of_year, steps[-1]))
    assert len(steps) > 4
    return History(records, truth, steps)


def test_year_by_year_comes_to_what_linking_at_once_gives(history):
    found = clustered(history.steps[-1].linkage)
    at_once = clustered(link(history.records, model=history.steps[0].linkage.model, seed=1))
    assert found.height == at_once.height == history.records.height
    assert quality(found, history.truth).f1 >= 0.9995
    same = quality(found, at_once.select(*RECORD, child="cluster"))
    # Frequencies of names grow with the records, so a pair at the threshold may fall on either side.
    assert same.f1 >= 0.9999
    assert same.mixed + same.split <= CHILDREN / 1_000


def test_no_id_is_lost_and_every_change_is_an_event(history):
    for one in history.steps[1:]:
        both = one.known.join(one.ids, on=RECORD, suffix="_now")
        assert both.height == one.known.height, "a known record keeps an id"
        moved = both.filter(pl.col("person_id") != pl.col("person_id_now"))
        told = one.spine.events.group_by("other_id", "person_id").agg(pl.col("records").sum())
        changed = moved.group_by(other_id="person_id", person_id="person_id_now").agg(records=pl.len())
        assert told.sort("other_id", "person_id").equals(changed.sort("other_id", "person_id"))
        held = pl.concat([one.ids["person_id"], one.spine.former["person_id"]])
        assert set(one.known["person_id"]) <= set(held)
        assert moved["person_id"].n_unique() <= one.known["person_id"].n_unique() / 500


def test_a_child_has_one_id_from_the_first_year_to_the_last(history):
    first, last = history.steps[0], history.steps[-1]
    ids = first.ids.join(last.ids, on=RECORD, suffix="_now").select("person_id", "person_id_now").unique()
    kept = ids.filter(pl.col("person_id") == pl.col("person_id_now")).height
    assert kept >= 0.998 * first.ids["person_id"].n_unique()


def test_the_same_files_again_change_nothing(history):
    last = history.steps[-1]
    again = step(history.records, last)
    assert again.spine.events.height == 0
    assert again.ids.sort(RECORD).equals(last.ids.sort(RECORD))


def test_birth_dates_put_right_are_taken(history):
    last = history.steps[-1]
    owned = history.records.join(history.truth, on=RECORD)
    usual = owned.group_by("child").agg(usual=pl.col("birth_date").drop_nulls().mode().min())
    wrong = owned.join(usual, on="child").filter(pl.col("birth_date") != pl.col("usual"))
    assert wrong.height > 50
    mended = wrong.with_columns(birth_date="usual").select(history.records.columns)
    after = step(mended, last)
    assert after.linkage.keys.join(mended, on=[*RECORD, "birth_date"], how="semi").height == mended.height
    assert after.linkage.profiles.profiles.height < last.linkage.profiles.profiles.height
    before, now = (quality(clustered(one.linkage), history.truth) for one in (last, after))
    assert now.f1 >= before.f1


def household_weight(model: Model, time: int, **levels: str) -> float:
    """Bits by which the household comparisons speak for one child, as strong as can be but for `levels`."""
    columns = {}
    for comparison in COMPARISONS:
        labels = [level.label for level in comparison.levels]
        place = labels.index(levels[comparison.name]) if comparison.name in levels else 0
        columns[f"gamma_{comparison.name}"] = pl.Series([len(labels) - 1 - place], dtype=pl.Int8)
        if comparison.by_frequency:
            columns[f"rarity_{comparison.name}"] = [10.0 if comparison.levels[place].by_frequency else 0.0]
    told = {"held_at_once": [False], "same_number": [False], "implausible_age": [False]}
    pair = pl.DataFrame(columns | told | {"years": pl.Series([time], dtype=pl.Int8)})
    return float(weights(pair, model)["household"].item())


LONG_AGO = {"family_name": "same", "address": "same"}
MOVED = {"address": "different", "telephone": "different"}


def test_the_same_difference_weighs_less_the_longer_the_time_between(history):
    model = history.steps[0].linkage.model
    costs = [
        household_weight(model, time, **(LONG_AGO if time else {}))
        - household_weight(model, time, **(LONG_AGO if time else {}) | MOVED)
        for time in range(TIMES)
    ]
    assert costs == sorted(costs, reverse=True)
    assert costs[0] > costs[-1] + 1


def test_agreement_at_one_time_weighs_more_than_years_apart(history):
    model = history.steps[0].linkage.model
    at_one_time, years_apart = household_weight(model, 0), household_weight(model, TIMES - 1, **LONG_AGO)
    assert at_one_time > years_apart
