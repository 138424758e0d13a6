"""Extending profiles: the same as building them of all records, up to their numbers."""

from datetime import date

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.extending import extend_profiles
from linkage.profiles import Profiles, build_profiles
from tests.unit.linkage.people import at, records
from vocabulary.frames import RECORD


def told(profiles: Profiles) -> list[dict]:
    """What each profile says and which records are behind it, in an order that does not depend on its number."""
    behind = profiles.members.sort(RECORD).group_by("profile").agg(behind=pl.struct(RECORD))
    frame = profiles.profiles.join(behind, on="profile").drop("profile")
    rows = sorted(frame.iter_rows(named=True), key=lambda row: (row["source"], row["local_id"], str(row["behind"])))
    assert len(rows) == profiles.profiles.height == profiles.members["profile"].n_unique()
    return rows


def extended(*deliveries: pl.DataFrame) -> tuple[Profiles, pl.DataFrame, pl.Series]:
    """Profiles after these deliveries in turn, the records of all of them, and the profiles built by the last."""
    keys = deliveries[0]
    profiles, built = build_profiles(keys), build_profiles(keys).profiles["profile"]
    for new in deliveries[1:]:
        extended = extend_profiles(profiles, keys, new)
        profiles, built = extended.profiles, extended.fresh
        keys = pl.concat([keys.join(new, on=RECORD, how="anti"), new])
    return profiles, keys, built


shown = st.fixed_dictionaries(
    {
        "family": st.sampled_from(["佐藤", "鈴木", None]),
        "given": st.sampled_from(["花子", "太郎", None]),
        "given_kana": st.sampled_from(["ハナコ", "タロウ", None]),
        "birth_date": st.sampled_from([date(2012, 6, 7), date(2012, 6, 17), None]),
        "block": st.sampled_from(["1-2-3", "9-9", None]),
        "phone": st.sampled_from(["0727210001", "0727210002", None]),
        "words": st.sampled_from([None, ["SANTOS", "SOFIA"]]),
    }
)


@st.composite
def histories(draw) -> list[pl.DataFrame]:
    """Deliveries of a few numbers that show a few different things again and again, at any date."""
    things = draw(st.lists(shown, min_size=1, max_size=4))
    row = st.tuples(
        st.sampled_from(["school", "health"]), st.sampled_from("12"), st.integers(2018, 2023), st.sampled_from(things)
    ).map(lambda row: {"source": row[0], "local_id": row[1], "as_of": at(row[2])} | row[3])
    deliveries = draw(st.lists(st.lists(row, max_size=7), min_size=2, max_size=4))
    return [records(*rows).unique(RECORD, keep="last", maintain_order=True) for rows in deliveries]


@settings(max_examples=60)
@given(histories())
def test_adding_delivery_after_delivery_is_building_at_once(deliveries):
    profiles, keys, _ = extended(*deliveries)
    assert told(profiles) == told(build_profiles(keys))
    assert profiles.members.select(RECORD).sort(RECORD).equals(keys.select(RECORD).sort(RECORD))


@settings(max_examples=60)
@given(histories())
def test_profiles_that_were_not_built_again_keep_their_number_and_their_values(deliveries):
    before, _, _ = extended(*deliveries[:-1])
    now, _, built = extended(*deliveries)
    dated = {"first_seen", "last_seen", "records", "family_years", "address_years"}
    kept = now.profiles.filter(~pl.col("profile").is_in(built.implode())).drop(dated)
    assert kept.join(before.profiles.drop(dated), on=kept.columns, nulls_equal=True).height == kept.height
    assert now.profiles.filter(pl.col("profile").is_in(built.implode())).height == built.len()
    assert set(built).isdisjoint(before.profiles["profile"])


def test_a_record_that_shows_nothing_new_only_extends_the_dates():
    profiles, _, built = extended(records({}), records({"as_of": at(2021)}))
    assert built.len() == 0
    profile = profiles.profiles.row(0, named=True)
    assert (profile["first_seen"], profile["last_seen"], profile["records"]) == (at(2020), at(2021), 2)


def test_a_record_that_shows_the_most_frequent_of_several_values_only_extends_the_dates():
    moved = records({}, {"as_of": at(2021), "phone": "09011112222"}, {"as_of": at(2022), "phone": "09011112222"})
    again, _, built = extended(moved, records({"as_of": at(2023), "phone": "09011112222"}))
    assert built.len() == 0
    assert again.profiles["phone"].to_list() == [["09011112222", "0727210001"]]
    _, _, built = extended(moved, records({"as_of": at(2023)}))
    assert built.len() == 1


def test_a_new_value_builds_the_profiles_of_its_number_again_and_no_other():
    _, _, built = extended(records({}, {"local_id": "S2"}), records({"as_of": at(2021), "phone": "09011112222"}))
    assert built.to_list() == [2]


def test_a_birth_date_put_right_leaves_one_profile():
    slip = {"as_of": at(2021), "birth_date": date(2012, 6, 17)}
    before, _, _ = extended(records({}, slip))
    assert before.profiles.height == 2
    mended, _, _ = extended(records({}, slip), records({"as_of": at(2021)}))
    assert mended.profiles["birth_date"].to_list() == [["2012-06-07"]]


def test_the_same_records_again_change_nothing():
    frame = records({}, {"as_of": at(2021), "family": "鈴木"}, {"local_id": "S2"})
    profiles, _, built = extended(frame, frame)
    assert built.len() == 0
    assert told(profiles) == told(build_profiles(frame))
