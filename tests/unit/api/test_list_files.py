"""The list as files: nothing a spreadsheet would run, nothing that leaves without an entry of its hash."""

import csv
import hashlib
import io
import json
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.children.csv_list import COLUMNS, as_csv
from api.children.list_choice import Choice, hands_of
from api.children.list_found import find
from api.frame.csv_safe import RUNS_AS_FORMULA, safe
from governance.access import Actor
from governance.account_state import Role
from governance.case_state import CaseState
from governance.cases import all_cases
from governance.runlog import Kind, entries
from governance.views import views
from governance.workspace import Workspace, current_user
from tests.unit.governance.cases_of import case_in
from tests.unit.mimamori.pdf_reader import objects, text
from vocabulary.texts import text as words

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


@pytest.mark.parametrize("path", ["/flags.csv", "/flags.pdf"])
def test_a_file_of_one_child_names_it_in_the_log_and_is_a_look_at_it(workspace, visit, path):
    visit(f"{path}?q=p00003", actor=WORKER)
    visit(f"{path}?q=p0000", actor=WORKER)
    entry, of_several = logged(workspace, Kind.EXPORT)
    assert (entry.content["person"], entry.content["choice"], entry.content["rows"]) == ("p00003", {}, 1)
    assert "person" not in of_several.content
    (look,) = views(workspace)
    assert views(workspace, person_id="p00003") == [look]
    assert (look.actor, look.page, look.at <= entry.at) == ("sato", "flags", True)


def test_excel_is_told_that_it_is_utf_8_and_others_need_not_be(visit):
    assert visit("/flags.csv", actor=WORKER).content.startswith("\ufeff".encode())
    assert not visit("/flags.csv?bom=0", actor=WORKER).content.startswith("\ufeff".encode())


@pytest.mark.parametrize("begin", RUNS_AS_FORMULA)
def test_no_cell_is_run_by_a_spreadsheet(begin):
    cells = pl.DataFrame({"cell": [f"{begin}HYPERLINK(1)", "小3", None, f"a{begin}b"]})
    assert cells.select(safe(pl.all()))["cell"].to_list() == [f"'{begin}HYPERLINK(1)", "小3", None, f"a{begin}b"]


def written_row_by_row(found, language):
    """The file as the standard library writes it, cell by cell."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([words(f"list.{column}", language=language) for column in COLUMNS])
    judged = {one.judgement: getattr(one, language) for one in found.published.rules.judgements.overall_words}
    for row in found.rows.with_columns(pl.col("kind").cast(pl.String)).iter_rows(named=True):
        cells = [
            row["rank"],
            row["person_id"],
            row["year"],
            words(f"kind.{row['kind']}", language=language),
            judged.get(row["judgement"]),
            row["school"],
            row["grade"],
            f"{row['score']:.4f}",
            f"{row['link_confidence']:.4f}",
            words("list.yes" if row["already_supported"] else "list.no", language=language),
            words(f"list.hands_{hands_of(found.cases.get(row['person_id']))}", language=language),
            " / ".join(reason[language] for reason in json.loads(row["reasons"])),
        ]
        texts = ["" if cell is None else str(cell) for cell in cells]
        writer.writerow([f"'{one}" if one.startswith(RUNS_AS_FORMULA) else one for one in texts])
    return out.getvalue().encode()


REASON = st.text(st.sampled_from("=+-@\t\r\n＝\"',; a理"), max_size=5)
SCORE = st.floats(-2, 2) | st.sampled_from([0.00005, 0.12345, -0.00001, 2.00005])
CELLS = st.tuples(
    st.none() | st.integers(1, 9),
    st.none() | st.integers(0, 3),
    st.none() | REASON,
    st.none() | st.integers(-1, 12),
    SCORE,
    st.booleans(),
    st.lists(REASON, max_size=3),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.lists(CELLS, max_size=4), st.sampled_from(["ja", "en"]))
def test_the_file_is_byte_for_byte_that_of_a_cell_by_cell_writer(workspace, rows, language):
    actor = Actor(current_user(), None)
    if not all_cases(workspace):
        case_in(workspace, CaseState.ASSIGNED, actor, person="p00002")
        case_in(workspace, CaseState.CLOSED, actor, person="p00003")
    found = find(workspace, actor, Choice())
    shown = found.rows.head(len(rows)).with_columns(
        pl.Series("rank", [row[0] for row in rows], pl.Int32),
        pl.Series("judgement", [row[1] for row in rows], pl.Int8),
        pl.Series("school", [row[2] for row in rows], pl.String),
        pl.Series("grade", [row[3] for row in rows], pl.Int32),
        pl.Series("score", [row[4] for row in rows], pl.Float64),
        pl.Series("already_supported", [row[5] for row in rows], pl.Boolean),
        pl.Series("reasons", [json.dumps([{"ja": one, "en": one} for one in row[6]]) for row in rows], pl.String),
    )
    found = replace(found, rows=shown)
    assert as_csv(found, language, marked=False) == written_row_by_row(found, language)


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
