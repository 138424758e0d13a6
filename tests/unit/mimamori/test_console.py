"""Results, tables and errors on the terminal."""

import errno
import json
from datetime import date

import pytest
from rich.cells import cell_len

from mimamori.console import INTERRUPTED, columns, day, fail, labelled, local_time, refuse_unless_empty, report
from vocabulary.errors import RefusalError, UsageError


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setenv("MIMAMORI_LANG", "en")
    monkeypatch.delenv("MIMAMORI_DEBUG", raising=False)


def test_columns_stand_under_each_other_whatever_the_width_of_their_characters():
    lines = columns(["承認", "n"], [["a", 1], ["見守り", 22]])
    assert lines == ["承認    n", "a       1", "見守り  22"]
    assert len({cell_len(line[: line.rindex(" ")]) for line in lines}) == 1


def test_labelled_values_stand_under_each_other():
    assert labelled({"Id": 1, "件名": "x"}) == ["Id    1", "件名  x"]


def test_a_result_is_lines_or_json(capsys):
    report({"at": date(2025, 4, 1), "名": 1}, ["one", "two"], as_json=False)
    assert capsys.readouterr().out == "one\ntwo\n"
    report({"at": date(2025, 4, 1), "名": 1}, ["one"], as_json=True)
    printed = capsys.readouterr().out
    assert json.loads(printed) == {"at": "2025-04-01", "名": 1}
    assert "名" in printed


def test_a_time_is_told_to_the_minute():
    assert local_time("2026-11-21T21:19:09.190412+00:00")[13:] == ":19"


def test_a_day_is_read_or_refused():
    assert day("2025-04-01") == date(2025, 4, 1)
    assert day(None) is None
    with pytest.raises(UsageError, match=r"1\.4\.2025"):
        day("1.4.2025")


def test_a_folder_that_holds_something_is_not_written_to(tmp_path):
    refuse_unless_empty(tmp_path)
    refuse_unless_empty(tmp_path / "new")
    (tmp_path / "note").write_text("kept")
    for folder in (tmp_path, tmp_path / "note"):
        with pytest.raises(UsageError):
            refuse_unless_empty(folder)


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (RefusalError("refusal.unknown", approval="A1"), 1, "A1"),
        (UsageError("cli.bad_date", value="x"), 2, "x is not a date"),
        (OSError(errno.ENOSPC, "No space left", "out.csv"), 1, "out.csv: No space left on device"),
        (OSError(errno.EFBIG, "Detail"), 1, "File too large"),
        (KeyboardInterrupt(), INTERRUPTED, "Interrupted"),
        (ValueError("山田太郎"), 1, "ValueError"),
    ],
)
def test_an_error_is_one_line_that_quotes_no_data(capsys, error, code, said):
    assert fail(error) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err
    assert printed.err.count("\n") == 1
    assert "山田" not in printed.err


def test_an_internal_error_names_the_line_of_ours(capsys):
    try:
        refuse_unless_empty(3)
    except AttributeError as error:
        fail(error)
    assert "mimamori/console.py:" in capsys.readouterr().err


def test_an_internal_error_is_raised_where_details_are_asked_for(monkeypatch):
    monkeypatch.setenv("MIMAMORI_DEBUG", "1")
    with pytest.raises(ValueError, match="why"):
        fail(ValueError("why"))
