import polars as pl

from synthetic.places import build_homes, build_phones

HOMES = build_homes(1, 5_000)


def test_houses_have_no_room_and_apartments_have_one():
    assert HOMES["building"].is_null().equals(HOMES["room"].is_null())
    assert 0.4 < HOMES["room"].is_not_null().mean() < 0.5


def test_an_apartment_house_stands_at_one_address():
    buildings = HOMES.drop_nulls().group_by("town", "chome", "ban", "go").agg(pl.col("building").n_unique(), pl.len())
    assert (buildings["len"] > 1).sum() > 300


def test_a_town_has_one_postal_code():
    assert HOMES.select("town", "postal").n_unique() == HOMES["town"].n_unique()
    assert HOMES["postal"].str.contains(r"^\d{7}$").all()


def test_phones_are_ten_or_eleven_digits():
    phones = build_phones(1, 2_000)
    assert phones.str.contains(r"^(0[789]00\d{7}|0729\d{6})$").all()
    assert phones.n_unique() > 1_990
