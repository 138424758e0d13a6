"""Whole deliveries: which files are found, what is read of them, and what stops them with one clear line."""

import hashlib
from datetime import date
from io import BytesIO

import polars as pl
import pytest

from linkage import delivery as delivery_module
from linkage.delivery import delivered_sources
from tests.unit.linkage.deliveries import HEADER, SOURCES, TODAY, csv_bytes, extract, good_rows, read, rejected
from vocabulary.errors import DeliveryError, IntegrityError
from vocabulary.frames import IDENTITY, KEY, REJECTS
from vocabulary.source import Source
from vocabulary.texts import use_language


@pytest.fixture(autouse=True)
def _english():
    use_language("en")


def test_an_extract_has_key_identity_and_approved_measurements(tmp_path):
    found = read(tmp_path, {"school.csv": csv_bytes(*good_rows(2))}, columns={"school": ["grade", "score_math"]})
    frame = found.extracts["school"]
    assert dict(frame.schema) == {
        **KEY,
        **IDENTITY,
        "grade": pl.Int32(),
        "score_math": pl.Float64(),
        "file": pl.String(),
        "line": pl.Int64(),
    }
    assert frame["line"].to_list() == [2, 3]
    assert frame["birth_date"].to_list() == [date(2015, 6, 7)] * 2
    assert found.rejects.schema == REJECTS


def test_files_are_hashed_and_counted(tmp_path):
    data = csv_bytes(*good_rows(3), "1,2025-04-01")
    file = read(tmp_path, {"school.csv": data}).files[0]
    assert (file.source, file.name, file.sha256) == ("school", "school.csv", hashlib.sha256(data).hexdigest())
    assert (file.delivered, file.accepted, file.set_aside) == (4, 3, 1)


def test_a_folder_of_files_is_one_source(tmp_path):
    found = read(
        tmp_path,
        {
            "school/2024.csv": csv_bytes("1,2024-04-01,,,,,,,,,"),
            "school/2025.tsv": b"local_id\tas_of\n1\t2025-04-01\n",
        },
    )
    assert extract(found).select("local_id", "as_of").rows() == [("1", date(2024, 4, 1)), ("1", date(2025, 4, 1))]
    assert [file.name for file in found.files] == ["school/2024.csv", "school/2025.tsv"]


def test_a_key_repeated_in_another_file_is_set_aside(tmp_path):
    found = read(tmp_path, {f"school/{name}.csv": csv_bytes("1,2025-04-01,,,,,,,,,") for name in "ab"})
    assert found.rejects.select("file", "line", "rule").rows() == [("school/b.csv", 2, "duplicate_key")]


def test_only_approved_sources_are_opened(tmp_path):
    files = {"school.csv": csv_bytes(*good_rows(1)), "welfare.csv": b"\x00 no table"}
    found = read(tmp_path, files, columns={"school": "*"})
    assert list(found.extracts) == ["school"]
    assert {"files": "welfare.csv"} in [notice.values for notice in found.notices]
    assert delivered_sources(tmp_path, SOURCES) == ["school", "welfare"]


def test_columns_not_approved_are_not_held_against_their_specification(tmp_path):
    row = "1,2025-04-01,,,,,,200,9999,no grade,51.5"
    found = read(tmp_path, {"school.csv": csv_bytes(row)}, columns={"school": ["score_math"]})
    assert "grade" not in found.extracts["school"].columns
    assert found.rejects.is_empty()


def test_japanese_headers_in_any_width(tmp_path):
    header = "学籍番号, 基準日 ,姓,名,生年月日,性別,住所,授業日数,欠席日数,学年,算数数学偏差値"
    plain = read(tmp_path / "a", {"school.csv": csv_bytes(*good_rows(2))})
    japanese = read(tmp_path / "b", {"school.csv": csv_bytes(*good_rows(2), header=header)})
    assert extract(plain).equals(extract(japanese))


def test_typed_parquet_gives_the_same_extract(tmp_path):
    plain = read(tmp_path / "a", {"school.csv": csv_bytes(*good_rows(2))})
    typed = extract(plain).select(pl.exclude("source")).with_columns(pl.col("local_id").cast(pl.Int64))
    typed = typed.with_columns(pl.col("grade").cast(pl.Float64), pl.col("as_of").cast(pl.Datetime))
    held = BytesIO()
    typed.write_parquet(held)
    assert extract(read(tmp_path / "b", {"school.parquet": held.getvalue()})).equals(extract(plain))


def test_a_flag_may_be_boolean_in_parquet(tmp_path):
    held = BytesIO()
    rows = {"local_id": ["1", "2"], "as_of": [date(2025, 4, 1)] * 2, "tax_exempt": [True, None]}
    pl.DataFrame(rows | {"consultation_topics": [["poverty", "abuse"], []]}).write_parquet(held)
    frame = read(tmp_path, {"welfare.parquet": held.getvalue()}).extracts["welfare"]
    assert frame["tax_exempt"].to_list() == [1, None]
    assert frame["consultation_topics"].to_list() == ["abuse;poverty", None]


def test_notices_name_what_to_look_at(tmp_path):
    rows = ["1,2025-04-01,髙〓,花子,2025-06-07,,,,,,,x", "2,2025-04-01,佐藤,花子,,,,,,,,x"]
    found = read(tmp_path, {"school.csv": csv_bytes(*rows, header=HEADER + ",memo")})
    notices = {notice.key: notice.values for notice in found.notices}
    assert notices["delivery.lost_characters"] == {"file": "school.csv", "rows": 1}
    assert notices["delivery.birth_date_blanked"] == {"file": "school.csv", "rows": 1}
    assert notices["delivery.headers_unknown"] == {"file": "school.csv", "headers": "memo"}
    assert {notice.values.get("source") for notice in found.notices} >= {"health", "welfare"}
    assert found.extracts["school"]["birth_date"].to_list() == [None, None]
    assert found.notices
    assert not any("\n" in str(notice) for notice in found.notices)


REFUSED = {
    "nothing delivered": ({}, "no file of an approved source"),
    "a file under another name": ({"schools.csv": csv_bytes(*good_rows(1))}, "no file of an approved source"),
    "an empty file": ({"school.csv": b""}, "school.csv: the file is empty"),
    "no header": ({"school.csv": csv_bytes(*good_rows(1), header=good_rows(1)[0])}, "school.csv: line 1 is no header"),
    "a wrong header": (
        {"school.csv": csv_bytes("1,2025-04-01", header="学籍番号,基準年月日")},
        "school.csv: column as_of is missing (headers: 学籍番号, 基準年月日). Rename “基準年月日” to as_of / 基準日.",
    ),
    "a header missing": (
        {"school.csv": csv_bytes("1,5", header="local_id,grade")},
        "school.csv: column as_of is missing (headers: local_id, grade). Add a column headed as_of / 基準日.",
    ),
    "a header twice": (
        {"school.csv": csv_bytes("1,2025-04-01,1", header="local_id,as_of,学籍番号")},
        "school.csv: two headers stand for column local_id",
    ),
    "neither UTF-8 nor CP932": (
        {"school.csv": csv_bytes(*good_rows(1)).replace("佐藤".encode(), b"\xff\xfe\x85\x39\xff\xff" * 9)},
        "school.csv: line 2 is readable neither",
    ),
    "UTF-16": ({"school.csv": csv_bytes(*good_rows(1)).decode().encode("utf-16")}, "school.csv: line 1 is readable"),
    "damaged Parquet": ({"school.parquet": b"PAR1 cut short"}, "school.parquet: not readable as Parquet"),
    "mostly set aside": (
        {"school.csv": csv_bytes(*good_rows(3), "9,2099-04-01,,,,,,,,,")},
        "school: 1 of 4 rows (25%, at most 20%) break the specification, so the delivery is refused. "
        "Most often: as_of_in_future (column as_of, 1 rows, first in school.csv line 5).",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_damaged_delivery_is_refused_with_one_line(tmp_path, case):
    files, said = REFUSED[case]
    with pytest.raises(DeliveryError) as refused:
        read(tmp_path, files, max_set_aside=0.2)
    line = str(refused.value)
    assert said in line
    assert "\n" not in line
    assert refused.value.exit_code == 1
    assert "佐藤" not in line


def test_exactly_the_allowed_share_may_be_set_aside(tmp_path):
    found = read(tmp_path, {"school.csv": csv_bytes(*good_rows(4), "9,2099-04-01,,,,,,,,,")}, max_set_aside=0.2)
    assert rejected(found) == [(6, "as_of", "2099-04-01", "as_of_in_future")]


def test_a_lost_row_is_noticed(tmp_path, monkeypatch):
    def forgetful(raw, source, measurements, today):
        return accept(raw.head(1), source, measurements, today)

    accept = delivery_module.accept
    monkeypatch.setattr(delivery_module, "accept", forgetful)
    with pytest.raises(IntegrityError) as lost:
        read(tmp_path, {"school.csv": csv_bytes(*good_rows(2))})
    assert lost.value.key == "delivery.rows_lost"


def test_a_source_of_ones_own_needs_no_code(tmp_path):
    nursery = Source.model_validate(
        {
            "name": "nursery",
            "title": {"ja": "保育", "en": "Nursery"},
            "identity": {"local_id": {"header": ["園児番号"]}},
            "measurements": {"enrolled": {"type": "flag", "aliases": {"在園": "1", "退園": "0"}}},
        }
    )
    rows = "園児番号,as_of,enrolled\n1,R7.4.1,在園\n2,R7.4.1,退園\n3,R7.4.1,?\n".encode("cp932")
    found = read(tmp_path, {"nursery.csv": rows}, sources={"nursery": nursery}, columns={"nursery": "*"}, today=TODAY)
    assert found.extracts["nursery"]["enrolled"].to_list() == [1, 0]
    assert rejected(found) == [(4, "enrolled", "?", "value_not_allowed")]
