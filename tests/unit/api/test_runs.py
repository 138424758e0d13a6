"""The runs: who sees what of them, in words and as JSON; rows set aside by department, with values only where asked."""

import pytest

from governance.runlog import Kind, entries
from tests.unit.api.operating_run import ANALYST, COUNCIL, OPERATOR, SCHOOL_OFFICE, Client, publish_run


@pytest.fixture
def client(empty, monkeypatch):
    return Client(empty, monkeypatch)


@pytest.fixture
def run(empty):
    return publish_run(empty)


def logged(workspace, kind):
    with workspace.reading() as connection:
        return [entry.content for entry in entries(connection, kinds=[kind])]


def test_without_a_run_the_list_says_what_to_do(client):
    answer = client.ask(OPERATOR, "/runs?lang=en")
    assert answer.status_code == 200
    assert "There is no run yet" in answer.text


def test_an_operator_reads_a_run_in_words(client, run):
    listed = client.ask(OPERATOR, "/api/v1/runs").json()
    assert listed["total"] == 1
    (told,) = listed["runs"]
    assert (told["run"], told["actor"], told["persons"], told["set_aside"]) == (run, "unei", 252, 4)
    assert f"/runs/{run}/rejects" in client.ask(OPERATOR, "/runs?lang=en").text
    page = client.ask(OPERATOR, f"/runs/{run}?lang=en").text
    assert "children" in page
    assert "school.csv" in page
    assert "ffffffffffff<" in page
    assert f"mimamori runs replay {run}" in page


def test_statistics_only_are_rounded_and_tell_no_name(client, run):
    (told,) = client.ask(ANALYST, "/api/v1/runs").json()["runs"]
    assert (told["actor"], told["persons"], told["flags"], told["held"], told["set_aside"]) == (
        None,
        250,
        40,
        None,
        None,
    )
    full = client.ask(ANALYST, f"/api/v1/runs/{run}").json()
    counts = {one["name"]: one["count"] for one in full["counts"]}
    assert counts == {"link.persons": 250, "link.merged": None, "flags.shown": 40, "flags.held": None}
    assert full["inputs"] == full["outputs"] == []
    page = client.ask(ANALYST, f"/runs/{run}?lang=en").text
    assert "252" not in page
    assert "unei" not in page


@pytest.mark.parametrize("path", ["/runs/nope", "/runs/nope/rejects", "/api/v1/runs/nope", "/runs/nope/crate.zip"])
def test_a_run_that_is_not_there_is_said_to_be_none(client, run, path):
    assert client.ask(OPERATOR, path).status_code == 404


def test_whether_it_was_altered_is_shown_and_found(client, run, empty):
    path = f"/runs/{run}/verification?lang=en"
    assert "Nothing in this run" in client.ask(COUNCIL, path).text
    assert client.ask(ANALYST, path).status_code == 403
    (empty.run_folder(run) / "rejects.parquet").write_bytes(b"x")
    assert "1 alterations" in client.ask(COUNCIL, path).text


def test_the_crate_is_taken_along_by_who_sees_all_and_is_logged(client, run, empty):
    answer = client.ask(COUNCIL, f"/runs/{run}/crate.zip")
    assert answer.content.startswith(b"PK")
    assert [*logged(empty, Kind.EXPORT)[0]["files"]] == [f"{run}-crate.zip"]
    assert client.ask(ANALYST, f"/runs/{run}/crate.zip").status_code == 404
    assert len(logged(empty, Kind.EXPORT)) == 1


def test_rows_set_aside_are_told_by_rule_and_department(client, run):
    groups = client.ask(OPERATOR, f"/api/v1/runs/{run}/rejects").json()
    assert [(one["source"], one["rule"], one["rows"], one["line"]) for one in groups] == [
        ("school", "as_of_not_a_date", 2, 2),
        ("school", "ragged_row", 1, 11),
        ("welfare", "value_not_allowed", 1, 3),
    ]
    assert all(one["remedy"] for one in groups)


def test_a_department_sees_its_own_rows_alone(client, run, empty):
    groups = client.ask(SCHOOL_OFFICE, f"/api/v1/runs/{run}/rejects").json()
    assert {one["source"] for one in groups} == {"school"}
    assert "welfare" not in client.ask(SCHOOL_OFFICE, f"/runs/{run}/rejects?lang=en").text
    for path in (f"/runs/{run}/rejects?source=welfare", f"/runs/{run}/rejects.csv?source=welfare"):
        assert client.ask(SCHOOL_OFFICE, path).status_code == 403
    assert client.ask(SCHOOL_OFFICE, f"/api/v1/runs/{run}/rejects/welfare").status_code == 403
    assert len(logged(empty, Kind.REFUSAL)) == 3
    assert client.ask(COUNCIL, f"/runs/{run}/rejects").status_code == 403


def test_a_value_is_shown_only_where_it_is_asked_for_and_then_logged(client, run, empty):
    assert "花子" not in client.ask(OPERATOR, f"/runs/{run}/rejects?source=school").text
    assert logged(empty, Kind.VIEW) == []
    assert "花子" in client.ask(OPERATOR, f"/runs/{run}/rejects?source=school&values=true").text
    assert logged(empty, Kind.VIEW) == [{"page": "rejects", "source": "school", "rows": 3}]
    rows = client.ask(OPERATOR, f"/api/v1/runs/{run}/rejects/school").json()["rows"]
    assert [row["value"] for row in rows] == [None, None, None]


def test_without_the_log_no_value_is_shown(client, run, empty, monkeypatch):
    def cannot(*_, **__):
        raise OSError("disk")

    monkeypatch.setattr("api.runs.rejects.log_view", cannot)
    monkeypatch.setattr(type(empty), "log", cannot)
    for path in (
        f"/runs/{run}/rejects?source=school&values=true",
        f"/runs/{run}/rejects.csv?source=school&values=true",
    ):
        answer = client.ask(OPERATOR, path)
        assert answer.status_code == 503
        assert "花子" not in answer.text


@pytest.mark.parametrize("values", ["true", "false"])
def test_the_list_to_send_back_is_safe_to_open_and_logged(client, run, empty, values):
    answer = client.ask(OPERATOR, f"/runs/{run}/rejects.csv?source=school&values={values}&lang=en")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith('"file","line","column"')
    assert len(lines) == 4
    assert ("'=HYPERLINK(1)" in lines[1]) is (values == "true")
    assert '"=HYPERLINK' not in answer.text
    (told,) = logged(empty, Kind.EXPORT)
    assert (told["source"], told["rows"], told["values"]) == ("school", 3, values == "true")


def test_in_cp932_a_character_that_it_does_not_have_is_marked_as_lost(client, run):
    answer = client.ask(OPERATOR, f"/runs/{run}/rejects.csv?source=school&values=true&encoding=cp932")
    assert "髙橋花子" in answer.content.decode("cp932")  # one of the characters that CP932 has beyond JIS
    from polars import DataFrame

    from api.frame.csv_safe import csv_bytes

    assert csv_bytes(DataFrame({"名": ["𠮷田", "＝1"]}), "cp932").decode("cp932") == '"名"\r\n"〓田"\r\n"\'＝1"\r\n'
