"""Damaged deliveries: a damaged row is set aside and named, a damaged file is refused in a line, the rest goes on."""

import shutil

import polars as pl
import pytest

from tests.journey.conftest import mimamori, new_workspace, read_text, refused, write_approval

pytestmark = pytest.mark.slow

CELLS = [
    ("child_rearing_allowance", "maybe", "value_not_allowed"),
    ("tax_exempt", "はい", "value_not_allowed"),
    ("consultation_topics", "poverty;gambling", "value_not_allowed"),
    ("consultation_count", "-1", "below_minimum"),
    ("nursery_fee_arrears_months", "many", "not_a_number"),
    ("birth_date", "2013-02-30", "birth_date_not_a_date"),
    ("birth_date", "H99.1.1", "birth_date_not_a_date"),
    ("birth_date", "2099-01-01", "birth_date_in_future"),
    ("as_of", "2013-13-01", "as_of_not_a_date"),
    ("as_of", "2099-04-01", "as_of_in_future"),
    ("as_of", "", "as_of_missing"),
    ("local_id", "", "local_id_missing"),
    ("sex", "x", "value_not_allowed"),
]
"""Column, damaged value and the rule it breaks; one row each, five rows apart."""

KEPT_VALUES = {
    "family_name": "〓村",
    "address": "みどり野市本町5丁目21番17号\n2階",
    "guardian_name": "",
}
"""Values that are no damage: a lost character, a line break within quotes, nothing recorded."""


@pytest.fixture(scope="module")
def whole(city, tmp_path_factory):
    """The shared city's delivery with its welfare file in UTF-8, comma, our headers."""
    folder = tmp_path_factory.mktemp("whole") / "delivery"
    shutil.copytree(city / "delivery", folder)
    welfare = read_text(folder / "welfare.csv")
    welfare.write_csv(folder / "welfare.csv")
    return folder


@pytest.fixture
def delivery(whole, tmp_path):
    shutil.copytree(whole, tmp_path / "delivery")
    return tmp_path / "delivery"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    folder = tmp_path_factory.mktemp("damaged")
    return new_workspace(folder / "workspace", write_approval(folder, "2026-03"))


def damage_rows(file):
    """Damage rows of a file in every way that costs a row; line, column and rule of each row to be set aside."""
    frame = read_text(file)
    expected = set()
    for row, (column, value, rule) in zip(range(4, 400, 5), CELLS, strict=False):
        frame = frame.with_columns(
            pl.when(pl.int_range(pl.len()) == row).then(pl.lit(value)).otherwise(column).alias(column)
        )
        expected.add((row + 2, column, rule))
    lines = frame.write_csv().splitlines()
    lines[100] = lines[100].rsplit(",", 2)[0]
    lines[105] += ",more"
    expected |= {(101, None, "ragged_row"), (106, None, "ragged_row")}
    data = ("\n".join(lines) + "\n").encode()
    damaged = lines[110].split(",")
    damaged[frame.columns.index("given_name")] = "\N{BLACK STAR}"
    unreadable = ",".join(damaged).encode().replace("\N{BLACK STAR}".encode(), b"\xfd\xfe\xff")
    data = data.replace(lines[110].encode(), unreadable)
    expected.add((111, "given_name", "undecodable_character"))
    kept = frame[120].with_columns(
        local_id=pl.lit("kept-1"), **{name: pl.lit(value) for name, value in KEPT_VALUES.items()}
    )
    more = ["", lines[130], kept.write_csv(include_header=False).rstrip("\n"), lines[131]]
    expected |= {(len(lines) + 2, "local_id", "duplicate_key"), (len(lines) + 5, "local_id", "duplicate_key")}
    file.write_bytes(data + ("\n".join(more) + "\n").encode())
    return expected


def test_damaged_rows_are_set_aside_and_the_rest_goes_on(delivery, workspace, tmp_path):
    expected = damage_rows(delivery / "welfare.csv")
    (delivery / "police.csv").write_text("local_id,as_of\n1,2025-04-01\n", encoding="utf-8")
    (delivery / "読んでください.txt").write_text("memo", encoding="utf-8")
    (delivery / ".DS_Store").write_bytes(b"\0")
    done = mimamori("run", "--approval", "2026-03", "--delivery", delivery, "--workspace", workspace)
    assert done.returncode == 0, done.stderr
    assert "police.csv, 読んでください.txt" in done.stderr
    assert ".DS_Store" not in done.stderr
    assert f" {len(expected)} set aside" in done.stdout
    assert "welfare: 2 rows set aside, column local_id, rule duplicate_key (first: welfare.csv line " in done.stdout
    run = done.stdout.splitlines()[-1]
    assert f"mimamori export {run} --out DIR" in done.stdout
    mimamori("export", run, "--out", tmp_path / "out", "--workspace", workspace)
    rejects = pl.read_parquet(tmp_path / "out" / "rejects.parquet")
    assert set(rejects.filter(source="welfare").select("line", "column", "rule").iter_rows()) == expected
    links = pl.read_parquet(tmp_path / "out" / "links.parquet")
    assert links.filter(local_id="kept-1").height == 1
    assert not links.select("source", "local_id", "as_of").is_duplicated().any()
    printed = done.stdout + done.stderr
    naming = read_text(delivery.parent / "delivery" / "school.csv").select("family_name", "given_name")
    assert not any(f"{family}{given}" in printed for family, given in naming.drop_nulls().iter_rows())


def empty(file):
    file.write_bytes(b"")


def without_header(file):
    file.write_bytes(b"\n".join(file.read_bytes().splitlines()[1:]) + b"\n")


def other_header(file):
    file.write_bytes(file.read_bytes().replace(b"local_id", b"child_number", 1))


def doubled_header(file):
    file.write_bytes(file.read_bytes().replace(b"sex", b"as_of", 1))


def utf16(file):
    file.write_bytes(file.read_text(encoding="utf-8").encode("utf-16"))


def parquet_cut_in_half(file):
    read_text(file).write_parquet(file.with_suffix(".parquet"))
    file.unlink()
    cut = file.with_suffix(".parquet")
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size // 2])


def mostly_bad(file):
    frame = read_text(file)
    bad = pl.int_range(pl.len()) % 10 < 7
    frame.with_columns(birth_date=pl.when(bad).then(pl.lit("abc")).otherwise("birth_date")).write_csv(file)


@pytest.mark.parametrize(
    ("damage", "said", "language"),
    [
        (empty, "welfare.csv", "ja"),
        (without_header, "local_id", "en"),
        (other_header, "child_number", "ja"),
        (doubled_header, "as_of", "en"),
        (utf16, "UTF-8", "ja"),
        (parquet_cut_in_half, "welfare.parquet", "en"),
        (mostly_bad, "birth_date_not_a_date", "ja"),
    ],
)
def test_a_damaged_file_is_refused_in_a_line(delivery, workspace, damage, said, language):
    damage(delivery / "welfare.csv")
    arguments = ("--approval", "2026-03", "--delivery", delivery, "--workspace", workspace)
    line = refused(mimamori("run", *arguments, language=language))
    assert said in line
    assert "welfare" in line
    assert list((workspace / "staging").iterdir()) == []


def test_a_delivery_without_files_is_refused_in_a_line(workspace, tmp_path):
    (tmp_path / "delivery").mkdir()
    (tmp_path / "delivery" / "読んでください.txt").write_text("memo", encoding="utf-8")
    arguments = ("--approval", "2026-03", "--delivery", tmp_path / "delivery", "--workspace", workspace)
    assert "読んでください.txt" in refused(mimamori("run", *arguments))
