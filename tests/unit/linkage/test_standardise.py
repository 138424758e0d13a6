"""Standardising whole records: what one field says for another, and that doing it twice changes nothing."""

from datetime import date

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.names import kana_key, name_key
from linkage.standardise import standardise
from vocabulary.frames import RECORDS, STANDARDISED

BASE = {"source": "school", "local_id": "1", "as_of": date(2025, 4, 1)}
WRITTEN = st.text(st.sampled_from("佐藤斎齊々ヶが髙〓? 　さサｻーウオエャッヴァ゛Aéø()・-1"), max_size=10)


def keys(*records):
    rows = [BASE | {"local_id": str(number)} | record for number, record in enumerate(records)]
    return standardise(pl.DataFrame(rows, schema=RECORDS))


def test_schema_and_order_stay():
    frame = keys({"family_name": "佐藤"}, {}, {"family_name": "佐藤"})
    assert frame.schema == STANDARDISED
    assert frame["local_id"].to_list() == ["0", "1", "2"]
    assert keys().schema == STANDARDISED


def test_family_and_given_name_in_one_field_are_parted():
    frame = keys(
        {"family_name": "佐藤　花子", "family_kana": "ｻﾄｳ ﾊﾅｺ"},
        {"given_name": "佐藤 花子", "given_kana": "さとう はなこ"},
        {"family_name": "佐藤 花子", "family_kana": "サトウ　ハナコ"},
        {"family_name": "佐藤", "given_name": "花子", "family_kana": "サトウ", "given_kana": "ハナコ"},
    )
    assert set(frame.select("family", "given", "family_kana", "given_kana").rows()) == {
        ("佐藤", "花子", "サトウ", "ハナコ")
    }


def test_a_name_in_kana_is_its_own_reading_where_there_is_none():
    row = keys({"family_name": "さとう", "given_name": "花子", "guardian_name": "ｻﾄｳ ﾀﾛｳ"}).row(0, named=True)
    assert (row["family"], row["family_kana"], row["given_kana"]) == ("サトウ", "サトウ", None)
    assert (row["guardian"], row["guardian_kana"]) == ("サトウタロウ", "サトウタロウ")


def test_a_small_tsu_between_kanji_is_a_large_one():
    assert keys({"family_name": "三ッ井"})["family"].item() == keys({"family_name": "三ツ井"})["family"].item()


def test_the_city_of_the_delivery_is_left_out_of_the_town():
    addresses = ["大阪府箕面市半町1-1", "箕面市半町1-1", "半町1-1", "大阪市北区本町1-1"]
    assert keys(*({"address": address} for address in addresses))["town"].to_list() == [
        "半町",
        "半町",
        "半町",
        "大阪市北区本町",
    ]


def test_a_town_in_a_county_is_the_same_with_and_without_the_county():
    addresses = ["大阪府三島郡島本町広瀬1", "島本町広瀬1", "広瀬1"]
    assert keys(*({"address": address} for address in addresses))["town"].to_list() == ["広瀬"] * 3


def test_a_town_that_ends_like_a_city_stays_where_it_is_rare():
    addresses = ["今市町1-1", *[f"本町{number}" for number in range(1, 20)]]
    assert keys(*({"address": address} for address in addresses))["town"][0] == "今市町"


def test_blank_is_null_never_an_empty_key():
    frame = keys({"family_name": "〓", "address": " ", "phone": "-", "postal_code": "1", "family_kana": "・"})
    assert frame.drop("source", "local_id", "as_of").row(0) == (None,) * len(STANDARDISED.names()[3:])


@settings(deadline=None)
@given(WRITTEN)
def test_keys_of_keys_are_the_same_keys(written):
    assert name_key(name_key(written)) == name_key(written)
    assert kana_key(kana_key(written)) == kana_key(written)


@settings(deadline=None)
@given(st.lists(WRITTEN, min_size=1, max_size=8))
def test_a_record_has_the_same_key_alone_and_among_others(names):
    together = keys(*({"family_name": name, "guardian_name": name} for name in names))
    for number, name in enumerate(names):
        alone = keys({"family_name": name, "guardian_name": name})
        assert alone.drop("local_id").row(0) == together.drop("local_id").row(number)
