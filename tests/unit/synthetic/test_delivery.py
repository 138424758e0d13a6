import csv
import io

import pytest

from synthetic.city import City, build_city
from synthetic.delivery import encoded


@pytest.fixture(scope="module")
def city() -> City:
    return build_city(150, seed=4, years=range(2018, 2021), profile="hard")


def test_school_is_cp932_with_japanese_headers_and_crlf(city):
    content = encoded("school", city.sources["school"])
    lines = content.decode("cp932").split("\r\n")
    assert lines[0].startswith('"学籍番号","基準日","姓","名"')
    assert b"\n" not in content.replace(b"\r\n", b"")


def test_welfare_has_a_byte_order_mark_and_our_headers(city):
    assert encoded("welfare", city.sources["welfare"]).startswith(b"\xef\xbb\xbflocal_id,as_of,")


def test_health_is_separated_by_tabs(city):
    assert encoded("health", city.sources["health"]).startswith(b"local_id\tas_of\t")


@pytest.mark.parametrize(
    ("source", "encoding", "separator"),
    [("welfare", "utf-8-sig", ","), ("school", "cp932", ","), ("health", "utf-8", "\t")],
)
def test_every_row_is_in_the_file_with_every_field(city, source, encoding, separator):
    frame = city.sources[source]
    rows = list(csv.reader(io.StringIO(encoded(source, frame).decode(encoding)), delimiter=separator))
    assert len(rows) == len(frame) + 1
    assert {len(row) for row in rows} == {len(frame.columns)}


def test_characters_without_a_code_are_lost_to_geta(city):
    frame = city.sources["school"].head(1)
    with_rare = frame.with_columns(family_name=frame["family_name"].replace(frame["family_name"][0], "𠮷田"))
    assert "〓田" in encoded("school", with_rare).decode("cp932")
