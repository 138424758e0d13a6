"""Files of other cities and countries, read by a source specification alone."""

from datetime import date
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest

from tests.unit.linkage.deliveries import csv_bytes, extract, read, rejected
from vocabulary.errors import DeliveryError, SpecificationError
from vocabulary.identity import IdentityColumn
from vocabulary.source import load_sources

CLINIC = """\
name = "clinic"
title = { ja = "診療所", en = "Clinic" }

[identity]
local_id = { header = ["patient"] }
as_of = { value = "2024-06-30" }
family_name = { join = ["surname", "suffix"] }
given_name = { join = ["first_name", "middle_name"] }
birth_date = { header = ["dob"], order = "month_first", unreadable = "blank" }
sex = { header = ["gender"], aliases = { "girl" = "F", "boy" = "M" } }
address = { town = ["suburb", "state"], house = ["street_number", "street"], room = ["unit"] }
postal_code = { header = ["zip"] }
shared_number = { header = ["ssn"] }

[measurements]
visits = { type = "integer", min = 0 }
"""
HEADER = (
    "patient,surname,suffix,first_name,middle_name,dob,gender,street_number,street,unit,suburb,state,zip,ssn,visits"
)
ROW = "7,Smith,Jr,Ann,Mary,07/24/1988,girl,12,Foo Street,Flat 3,Kaleen,ACT,2617,123-45-6789,2"


def clinic(folder, toml: str = CLINIC):
    specifications = folder / "sources"
    specifications.mkdir(exist_ok=True)
    (specifications / "clinic.toml").write_text(toml, encoding="utf-8")
    return load_sources(specifications)


def delivered(folder, *rows: str, header: str = HEADER, toml: str = CLINIC, columns=("*",)):
    files = {"clinic.csv": csv_bytes(*rows, header=header)}
    return read(folder / "delivery", files, sources=clinic(folder, toml), columns={"clinic": columns})


def one_row(folder, row: str = ROW, **settings) -> dict[str, object]:
    return extract(delivered(folder, row, **settings), "clinic").row(0, named=True)


def test_a_foreign_file_is_read_whole(tmp_path):
    found = one_row(tmp_path, columns=("*", "shared_number"))
    assert {name: value for name, value in found.items() if value is not None} == {
        "source": "clinic",
        "local_id": "7",
        "as_of": date(2024, 6, 30),
        "family_name": "Smith Jr",
        "given_name": "Ann Mary",
        "birth_date": date(1988, 7, 24),
        "sex": "F",
        "postal_code": "2617",
        "address": "Kaleen ACT\n12 Foo Street\nFlat 3",
        "shared_number": "123-45-6789",
        "visits": 2,
    }


def test_parts_that_are_blank_or_not_in_the_file_leave_no_trace(tmp_path):
    row = one_row(tmp_path, "7,Smith, ,-,,07/24/1988,,12,Foo Street,,", header=HEADER.split(",suburb")[0] + ",zip")
    assert (row["family_name"], row["given_name"], row["address"]) == ("Smith", None, "\n12 Foo Street\n")
    assert one_row(tmp_path, "7", header="patient")["address"] is None


def test_a_file_without_rows_has_the_columns(tmp_path):
    assert extract(delivered(tmp_path, header=HEADER), "clinic").shape == (0, 16)


def test_every_file_kind_has_parts(tmp_path):
    frame = pl.DataFrame([ROW.split(",")], schema=HEADER.split(","), orient="row")
    data = BytesIO()
    frame.with_columns(pl.col("street_number").cast(pl.Int64)).write_parquet(data)
    found = read(
        tmp_path / "parquet", {"clinic.parquet": data.getvalue()}, sources=clinic(tmp_path), columns={"clinic": ["*"]}
    )
    assert extract(found, "clinic").row(0, named=True) == one_row(tmp_path)


def test_a_japanese_address_in_three_columns(tmp_path):
    toml = CLINIC.replace(
        'town = ["suburb", "state"], house = ["street_number", "street"], room = ["unit"]',
        'join = ["住所1", "住所２", "方書"], separator = ""',
    )
    row = one_row(
        tmp_path, "7,粟生間谷西,3丁目2番1号,　グリーンハイツ101", header="patient,住所１,住所2,方書", toml=toml
    )
    assert row["address"] == "粟生間谷西3丁目2番1号グリーンハイツ101"


def test_numbers_and_dates_in_several_columns(tmp_path):
    toml = CLINIC.replace('header = ["patient"]', 'join = ["ward", "number"]').replace(
        'value = "2024-06-30"', 'join = ["年", "月", "日"], separator = "-"'
    )
    row = one_row(tmp_path, "B,7,2024,4,1", header="ward,number,年,月,日", toml=toml)
    assert (row["local_id"], row["as_of"]) == ("B 7", date(2024, 4, 1))
    with pytest.raises(DeliveryError, match="年 / 月 / 日"):
        delivered(tmp_path, "B,7", header="ward,number", toml=toml)


@pytest.mark.parametrize(
    ("order", "written", "day"),
    [
        ("month_first", "7/24/1988", date(1988, 7, 24)),
        ("month_first", "07241988", date(1988, 7, 24)),
        ("month_first", "1988-07-24", date(1988, 7, 24)),
        ("day_first", "24.07.1988", date(1988, 7, 24)),
        ("day_first", "24071988", date(1988, 7, 24)),
        ("day_first", "04/07/1988", date(1988, 7, 4)),
        ("month_first", "04/07/1988", date(1988, 4, 7)),
        ("month_first", "24/07/1988", date(1988, 7, 24)),  # the only order in which it is a date
        ("day_first", "07/24/1988", date(1988, 7, 24)),
        ("month_first", "24071988", date(1988, 7, 24)),
        ("month_first", "20120101", date(2012, 1, 1)),
        ("month_first", "19380231", None),
        ("month_first", "24/17/1988", None),
        ("year_first", "07/24/1988", None),
        ("year_first", "07241988", None),
        ("year_first", "19880724", date(1988, 7, 24)),
    ],
)
def test_order_of_dates(tmp_path, order, written, day):
    toml = CLINIC.replace("month_first", order)
    assert one_row(tmp_path, f"7,{written}", header="patient,dob", toml=toml)["birth_date"] == day


def test_unreadable_cells_are_blanked_and_counted_where_the_specification_says_so(tmp_path):
    rows = ("1,o8/|1/2037", "2,07/24/1988", "3,02/30/1988", "4,01/01/2030", "5,")
    found = delivered(tmp_path, *rows, header="patient,dob")
    assert extract(found, "clinic")["birth_date"].to_list() == [None, date(1988, 7, 24), None, None, None]
    (notice,) = found.notices
    assert (notice.key, notice.values) == (
        "delivery.unreadable_blanked",
        {"file": "clinic.csv", "rows": 3, "column": "birth_date"},
    )
    strict = delivered(tmp_path, *rows, header="patient,dob", toml=CLINIC.replace(', unreadable = "blank"', ""))
    assert [rule for *_, rule in rejected(strict)] == ["birth_date_not_a_date"] * 2 + ["birth_date_in_future"]


def test_rows_of_a_file_without_numbers_are_numbers_of_their_own(tmp_path):
    toml = CLINIC.replace('local_id = { header = ["patient"] }', "local_id = { row_number = true }")
    read_once, again = (
        extract(delivered(tmp_path, "Smith", "Smith", header="surname", toml=toml), "clinic") for _ in "ab"
    )
    changed = extract(delivered(tmp_path, "Smith", "Smyth", header="surname", toml=toml), "clinic")
    assert read_once["local_id"].n_unique() == 2
    assert read_once.equals(again)
    assert not set(changed["local_id"]) & set(read_once["local_id"])


def test_a_constant_date_is_held_to_the_rules_of_dates(tmp_path):
    found = delivered(tmp_path, "7", header="patient", toml=CLINIC.replace("2024-06-30", "2024-06-31"))
    assert rejected(found) == [(2, "as_of", "2024-06-31", "as_of_not_a_date")]


def test_a_part_twice_in_a_file_is_refused(tmp_path):
    with pytest.raises(DeliveryError, match="address"):
        delivered(tmp_path, "7,Kaleen,Kaleen", header="patient,suburb,Suburb")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('header = ["patient"]', 'value = "7"', "row_number"),
        ('header = ["dob"], order', 'header = ["dob"], value = "1988", order', "header, value"),
        (
            'header = ["gender"], ',
            'header = ["gender"], order = "day_first", ',
            "sex: `order` belongs to as_of and birth_date",
        ),
        ('header = ["zip"]', 'header = ["zip"], unreadable = "blank"', "postal_code: `unreadable` belongs to"),
        ('header = ["zip"]', "row_number = true", "postal_code: `row_number` belongs to local_id"),
        ('header = ["zip"]', 'town = ["zip"]', "postal_code: `town` belongs to address"),
        ('town = ["suburb", "state"], ', "", "go with `town`"),
        ('header = ["zip"]', 'header = ["zip"], separator = ""', "`separator` goes with"),
        ('"girl" = "F"', '"girl" = "W"', "girl"),
        ('join = ["surname", "suffix"]', 'join = ["surname", "street"]', "a header stands for two columns: street"),
        ("month_first", "us", "order"),
    ],
)
def test_what_a_specification_cannot_mean_is_one_clear_line(tmp_path, old, new, says):
    assert old in CLINIC
    with pytest.raises(SpecificationError, match=r"clinic\.toml") as raised:
        clinic(tmp_path, CLINIC.replace(old, new))
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)


def test_the_example_of_the_page_is_read_as_it_says(tmp_path):
    page = (Path(__file__).parents[3] / "docs/deliveries.md").read_text(encoding="utf-8")
    toml = page.split("```toml\n", 1)[1].split("```", 1)[0]
    row = {
        "patient_id": "7", "surname": "Smith", "first_name": "Ann", "dob": "07/24/1988", "gender": "boy",
        "street_number": "12", "street": "Foo St", "suburb": "Kaleen", "mother_surname": "Smith",
        "mother_first_name": "Mary", "n_visits": "3", "asthma": "yes", "care": "inpatient",
    }  # fmt: skip
    found = one_row(tmp_path, ",".join(row.values()), header=",".join(row), toml=toml)
    read_values = found["as_of"], found["given_name"], found["sex"], found["address"], found["guardian_name"]
    assert read_values == (date(2024, 6, 30), "Ann", "M", "Kaleen\n12 Foo St\n", "Smith Mary")
    assert (found["visits"], found["asthma"], found["care"]) == (3, 1, "ward")
    assert all(f"`{option}" in page for option in IdentityColumn.model_fields)
