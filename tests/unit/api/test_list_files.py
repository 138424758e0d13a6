"""The list as files: nothing a spreadsheet would run, nothing that leaves without an entry of its hash."""

import csv
import hashlib
import io

import pytest

from api.children.csv_list import COLUMNS, safe
from api.frame.csv_safe import RUNS_AS_FORMULA
from governance.access import Actor
from governance.account_state import Role
from governance.runlog import Kind, entries
from governance.workspace import Workspace
from tests.unit.mimamori.pdf_reader import objects, text

WORKER = Actor("sato", Role.SUPPORT_WORKER)
HEAD = Actor("kocho", Role.SCHOOL, frozenset({"S1"}))


def logged(workspace, kind):
    with workspace.reading() as connection:
        return entries(connection, kinds=[kind])


def test_every_row_of_the_choice_is_in_the_file_and_its_hash_in_the_log(workspace, visit):
    answer = visit("/flags.csv?kind=learning&lang=ja", actor=WORKER)
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [int(row["順位"]) for row in rows] == list(range(1, 121, 2))
    assert len(rows[0]) == len(COLUMNS)
    assert "理由4" in rows[0]["変化の内容"]
    (entry,) = logged(workspace, Kind.EXPORT)
    assert entry.content == {
        "files": {"flags.csv": hashlib.sha256(answer.content).hexdigest()},
        "rows": 60,
        "year": 2025,
        "choice": {"kind": "learning"},
    }


def test_a_file_of_one_child_names_it_in_the_log(workspace, visit):
    visit("/flags.csv?q=p00003", actor=WORKER)
    (entry,) = logged(workspace, Kind.EXPORT)
    assert (entry.content["person"], entry.content["choice"], entry.content["rows"]) == ("p00003", {}, 1)


def test_excel_is_told_that_it_is_utf_8_and_others_need_not_be(visit):
    assert visit("/flags.csv", actor=WORKER).content.startswith("\ufeff".encode())
    assert not visit("/flags.csv?bom=0", actor=WORKER).content.startswith("\ufeff".encode())


@pytest.mark.parametrize("begin", RUNS_AS_FORMULA)
def test_no_cell_is_run_by_a_spreadsheet(begin):
    assert safe(f"{begin}HYPERLINK(1)") == f"'{begin}HYPERLINK(1)"
    assert safe("小3") == "小3"
    assert safe(None) == ""


@pytest.mark.parametrize("path", ["/flags.csv", "/flags.pdf"])
def test_a_school_may_look_but_not_take_the_list_away(workspace, visit, path):
    assert visit(path, actor=HEAD).status_code == 403
    assert logged(workspace, Kind.EXPORT) == []
    assert len(logged(workspace, Kind.REFUSAL)) == 1


def test_nothing_is_sent_while_the_log_cannot_be_written(visit, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Workspace, "writing", full)
    for path in ("/flags.csv", "/flags.pdf", "/flags", "/flags/p00003", "/api/v1/flags"):
        answer = visit(path, actor=WORKER)
        assert answer.status_code == 503
        assert "理由" not in answer.text


def test_the_paper_is_tagged_and_says_what_it_holds(workspace, visit):
    answer = visit("/flags.pdf?q=p0000", actor=WORKER)
    assert answer.headers["content-type"] == "application/pdf"
    assert b"/StructTreeRoot" in objects(answer.content)
    assert "スクリーニング会議資料" in text(answer.content)
    assert "p00003" in text(answer.content)
    (entry,) = logged(workspace, Kind.EXPORT)
    assert entry.content["files"] == {"flags.pdf": hashlib.sha256(answer.content).hexdigest()}
