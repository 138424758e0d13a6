"""Reading a truth: CSV and Parquet alike, and one clear line for whatever is wrong with it."""

from datetime import date

import polars as pl
import pytest

from evaluation.truth import load_truth
from vocabulary.errors import EvaluationError
from vocabulary.frames import TRUTH

FILES = {
    "records": "source,local_id,as_of,child,note\nschool,0012,2025-04-01,a,x\n",
    "children": "child,family,birth_date,twin\na,f,2015-04-02,true\nb,,,\n",
    "shocks": "child,year,kind\na,2024,income\n",
}


@pytest.fixture
def folder(tmp_path):
    for name, content in FILES.items():
        (tmp_path / f"{name}.csv").write_text(content, encoding="utf-8")
    return tmp_path


def test_csv_keeps_leading_zeros_and_drops_further_columns(folder):
    truth = load_truth(folder)
    assert {name: frame.schema for name, frame in truth.items()} == TRUTH
    assert truth["records"].row(0) == ("school", "0012", date(2025, 4, 1), "a")
    assert truth["children"]["twin"].to_list() == [True, False]


def test_the_strength_of_an_onset_is_read_where_it_is_told(folder):
    assert "strength" not in load_truth(folder)["shocks"].columns
    (folder / "shocks.csv").write_text("child,year,kind,strength\na,2024,income,0.5\nb,2024,income,\n")
    assert load_truth(folder)["shocks"]["strength"].to_list() == [0.5, None]
    (folder / "shocks.csv").write_text("child,year,kind,strength\na,2024,income,strong\n")
    with pytest.raises(EvaluationError, match="strength"):
        load_truth(folder)


def test_twin_is_said_in_words_or_by_the_name_of_the_other(folder):
    rows = "a,f,,True\nb,f,,a\nc,f,,0\nd,f,,No\ne,f,,\n"
    (folder / "children.csv").write_text("child,family,birth_date,twin\n" + rows)
    assert load_truth(folder)["children"]["twin"].to_list() == [True, True, False, False, False]


def test_parquet_gives_the_same(folder, tmp_path_factory):
    other = tmp_path_factory.mktemp("parquet")
    for name, frame in load_truth(folder).items():
        frame.write_parquet(other / f"{name}.parquet")
    first, second = load_truth(folder), load_truth(other)
    assert all(first[name].equals(second[name]) for name in TRUTH)


@pytest.mark.parametrize(
    ("name", "content", "key", "told"),
    [
        ("records", "source,local_id,child\n", "evaluation.truth_column", "as_of"),
        ("records", "source,local_id,as_of,child\nschool,1,2025/4/1,a\n", "evaluation.truth_cell", "2"),
        ("records", "source,local_id,as_of,child\nschool,1,2025-04-01,\n", "evaluation.truth_cell", "child"),
        ("children", "child,family,birth_date,twin\na,f,2 April,true\n", "evaluation.truth_cell", "birth_date"),
        ("shocks", "child,year,kind\na,last year,income\n", "evaluation.truth_cell", "year"),
        ("shocks", "", "evaluation.truth_unreadable", "shocks.csv"),
        ("shocks", None, "evaluation.no_truth_file", "shocks"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(folder, name, content, key, told):
    path = folder / f"{name}.csv"
    if content is None:
        path.unlink()
    else:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(EvaluationError) as refused:
        load_truth(folder)
    assert refused.value.key == key
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_error_without_a_message_is_named_by_its_kind(folder, monkeypatch):
    def fail(*_, **__):
        raise OSError

    monkeypatch.setattr(pl, "read_csv", fail)
    with pytest.raises(EvaluationError, match="OSError"):
        load_truth(folder)


def test_no_folder(tmp_path):
    with pytest.raises(EvaluationError) as refused:
        load_truth(tmp_path / "nowhere")
    assert refused.value.key == "evaluation.no_truth_folder"


def test_parquet_of_other_types_is_cast(folder):
    (folder / "records.csv").unlink()
    pl.DataFrame({"source": ["school"], "local_id": [12], "as_of": ["2025-04-01"], "child": [7]}).write_parquet(
        folder / "records.parquet"
    )
    assert load_truth(folder)["records"].row(0) == ("school", "12", date(2025, 4, 1), "7")
