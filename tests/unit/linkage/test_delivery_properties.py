"""What holds for every delivery: no row is lost, and how a file is written changes nothing."""

import csv
import tempfile
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.dates import ERAS, parse_dates
from tests.unit.linkage.deliveries import HEADER, csv_bytes, extract, good_rows, read, rejected
from vocabulary.errors import DeliveryError

NAME = st.text(st.sampled_from('佐藤花髙ｱ子,"\n ア'), max_size=5)
CHILD = st.tuples(NAME, NAME, st.sampled_from(["M", "女", "1", "", "X"]), st.sampled_from(["4", "１", "", "99", "x"]))


def taken(files):
    with tempfile.TemporaryDirectory() as folder:
        return read(Path(folder), files)


def written(children, *, encoding, separator, quoting, line_end):
    held = StringIO()
    writer = csv.writer(held, delimiter=separator, quoting=quoting, lineterminator="\n")
    writer.writerow(["local_id", "as_of", "family_name", "given_name", "sex", "grade"])
    for number, (family, given_name, sex, grade) in enumerate(children):
        writer.writerow([number % 7, "2025-04-01", family, given_name, sex, grade])
    return held.getvalue().replace("\n", line_end).encode(encoding)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(CHILD, min_size=1, max_size=12),
    st.sampled_from(["utf-8", "utf-8-sig", "cp932"]),
    st.sampled_from(",\t"),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_how_a_file_is_written_changes_nothing(children, encoding, separator, quoting, line_end):
    plain = written(children, encoding="utf-8", separator=",", quoting=csv.QUOTE_MINIMAL, line_end="\n")
    other = written(children, encoding=encoding, separator=separator, quoting=quoting, line_end=line_end)
    one, two = taken({"school.csv": plain}), taken({"school.csv": other})
    assert extract(one).equals(extract(two))
    assert rejected(one) == rejected(two)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(st.integers(0, 2000), st.binary(min_size=1, max_size=6)), max_size=12))
def test_accepted_and_set_aside_are_what_was_delivered_whatever_the_damage(blows):
    data = bytearray(csv_bytes(*good_rows(25)))
    for place, bytes_ in blows:
        at = len(HEADER) + 1 + place % (len(data) - len(HEADER) - 1)
        data[at : at + 1] = bytes_
    try:
        found = taken({"school.csv": bytes(data)})
    except DeliveryError as refused:
        assert refused.key in ("delivery.undecodable", "delivery.no_header")  # noqa: PT017
        return
    file = found.files[0]
    assert file.accepted + file.set_aside == file.delivered
    assert found.extracts["school"].height == file.accepted
    assert found.rejects.height == file.set_aside
    assert pl.concat([found.extracts["school"]["line"], found.rejects["line"]]).is_unique().all()


DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31))
FORMS = [
    lambda day: day.isoformat(),
    lambda day: f"{day.year}/{day.month}/{day.day}",
    lambda day: f"{day.year}.{day.month}.{day.day}",
    lambda day: f"{day.year}年{day.month}月{day.day}日",
    lambda day: day.strftime("%Y%m%d"),
    lambda day: f"{day.isoformat()} 00:00:00",
]


@settings(deadline=None)
@given(st.lists(DAYS, min_size=1, max_size=20), st.sampled_from(FORMS))
def test_a_date_is_read_back_from_every_western_form(days, form):
    assert parse_dates(pl.Series(map(form, days), dtype=pl.String)).to_list() == days


@settings(deadline=None)
@given(
    DAYS,
    st.sampled_from(
        ["{era}{year}年{month}月{day}日", "{era}{year}.{month}.{day}", "{era}{year:02}/{month:02}/{day:02}"]
    ),
)
def test_a_date_is_read_back_from_every_era_that_counts_its_year(day, form):
    for before, last, spellings in ERAS.values():
        if 1 <= day.year - before <= last:
            texts = [form.format(era=era, year=day.year - before, month=day.month, day=day.day) for era in spellings]
            assert set(parse_dates(pl.Series(texts))) == {day}


@settings(deadline=None, max_examples=150)
@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=6), st.integers(0, 10_000))
def test_a_damaged_parquet_file_is_refused_or_counted(blows, cut):
    held = BytesIO()
    pl.DataFrame({"local_id": map(str, range(30)), "as_of": ["2025-04-01"] * 30}).write_parquet(held)
    data = bytearray(held.getvalue())
    for place, byte in blows:
        data[place % len(data)] = byte
    data = data[: cut % len(data)] if cut % 5 == 0 else data
    try:
        file = taken({"school.parquet": bytes(data)}).files[0]
    except DeliveryError:
        return
    assert file.accepted + file.set_aside == file.delivered
