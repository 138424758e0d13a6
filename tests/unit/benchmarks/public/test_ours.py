"""The specifications of the published data sets, through the reader of deliveries."""

from datetime import date

import polars as pl
import pytest

from benchmarks.public.files import write_file
from benchmarks.public.ours import read, run
from vocabulary.frames import RECORDS

FEBRL = {
    "given_name": "michaela",
    "surname": "neumann",
    "street_number": "8",
    "address_1": "stanley street",
    "address_2": "miami",
    "suburb": "winston hills",
    "postcode": "4223",
    "state": "nsw",
    "date_of_birth": "19151111",
    "soc_sec_id": "5304218",
}
TOWN = {
    "first_name": "Diana",
    "last_name": "Kofron",
    "street_number": "5112",
    "street_name": "145th st",
    "unit_number": None,
    "city": "Anytown",
    "state": "WA",
    "zipcode": "00000",
    "sex": "Female",
    "reference_date": "2020-04-01",
}


def delivered(folder, source, row, **changed):
    rows = pl.DataFrame([row | changed | {"person": "1", "child": False}], infer_schema_length=None)
    write_file(folder, rows, source=source)


@pytest.mark.parametrize("source", ["febrl_a", "febrl_b", "febrl_3"])
def test_febrl_is_read_by_its_specification(tmp_path, source):
    delivered(tmp_path, source, FEBRL)
    record = read(tmp_path, with_number=True).extracts[source].row(0, named=True)
    assert record["family_name"] == "neumann"
    assert record["birth_date"] == date(1915, 11, 11)
    assert record["shared_number"] == "5304218"
    assert "stanley street" in record["address"]


def test_the_number_is_read_only_where_asked_for(tmp_path):
    delivered(tmp_path, "febrl_a", FEBRL)
    assert read(tmp_path, with_number=False).extracts["febrl_a"]["shared_number"].to_list() == [None]


@pytest.mark.parametrize(("source", "written"), [("census", "05/06/1994"), ("wic", "05061994")])
def test_american_dates_begin_with_the_month(tmp_path, source, written):
    delivered(tmp_path, source, TOWN, date_of_birth=written)
    record = read(tmp_path, with_number=False).extracts[source].row(0, named=True)
    assert (record["birth_date"], record["sex"]) == (date(1994, 5, 6), "F")


def test_a_slip_in_a_date_does_not_lose_the_row(tmp_path):
    delivered(tmp_path, "census", TOWN, date_of_birth="o8/|1/2037")
    delivery = read(tmp_path, with_number=False)
    assert delivery.rejects.is_empty()
    assert delivery.extracts["census"].select(RECORDS.names())["birth_date"].to_list() == [None]


def test_every_row_is_in_a_group(tmp_path):
    for source in ("febrl_a", "febrl_b"):
        delivered(tmp_path, source, FEBRL)
    options = list(run(tmp_path, "febrl4", with_number=False))
    assert options[0].name == "default"
    for option in options:
        assert option.groups.sort("source").select("source", "record").rows() == [("febrl_a", "0"), ("febrl_b", "0")]
