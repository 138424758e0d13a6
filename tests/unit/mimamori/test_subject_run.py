"""What is held of a child, and requests honoured by the next run: a small synthetic city, really run."""

import json
import shutil

import polars as pl
import pytest

from governance.requests import list_requests
from governance.runlog import Kind, entries
from governance.runs import read_artefact
from governance.workspace import Workspace, current_user
from mimamori import subject
from tests.journey.conftest import mimamori, new_workspace, read_text, write_approval
from vocabulary.errors import WorkspaceError

pytestmark = pytest.mark.slow


def told(workspace, *arguments):
    done = mimamori(*arguments, "--workspace", workspace, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def run(workspace, delivery):
    return told(workspace, "run", "--approval", "2026-03", "--delivery", delivery)["run"]


def accepted(workspace, *arguments):
    """A request of these arguments, received and accepted."""
    made = told(workspace, "subject", *arguments, "--reason", "asked at the counter")
    told(workspace, "subject", "decide", made["id"], "--accept", "--reason", "found to be so")
    return made["id"]


def child_of(workspace, run_id):
    """A listed child with records of the school: person id and one record's key and absent days."""
    opened = Workspace.open(workspace)
    extract = read_artefact(opened, run_id, "extract_school").filter(pl.col("days_absent") > 0)
    spine = read_artefact(opened, run_id, "spine")
    persons = read_artefact(opened, run_id, "persons")
    row = extract.join(spine, on=["source", "local_id", "as_of"]).join(persons, on="person_id", how="semi")
    return row.sort("local_id", "as_of").row(0, named=True)


def absent(workspace, run_id, row):
    opened = Workspace.open(workspace)
    timeline = read_artefact(opened, run_id, "timeline")
    found = timeline.filter(person_id=row["person_id"], source="school", item="days_absent", date=row["as_of"])
    return found["value"].to_list()


def written(folder, delivery, row, value):
    """The delivery with another value where the child's absent days were so many."""
    shutil.copytree(delivery, folder)
    frame = read_text(delivery / "school.csv")
    hit = (pl.col("local_id") == row["local_id"]) & (pl.col("days_absent") == str(row["days_absent"]))
    assert frame.filter(hit).height >= 1
    frame = frame.with_columns(pl.when(hit).then(pl.lit(value)).otherwise("days_absent").alias("days_absent"))
    frame.write_csv(folder / "school.csv", quote_style="necessary")
    return folder


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small")
    options = ("--children", 40, "--seed", 3, "--years", "2023-2025", "--profile", "clean", "--dates", 1)
    assert mimamori("synth", folder / "out", *options).returncode == 0
    return folder / "out" / "delivery"


@pytest.fixture(scope="module")
def first(city, tmp_path_factory):
    folder = tmp_path_factory.mktemp("first")
    workspace = new_workspace(folder / "workspace", write_approval(folder, "2026-03"))
    return workspace, run(workspace, city)


@pytest.fixture
def workspace(first, tmp_path):
    shutil.copytree(first[0], tmp_path / "workspace")
    return tmp_path / "workspace"


def test_a_correction_holds_until_the_department_delivers_it(workspace, first, city, tmp_path):
    row = child_of(workspace, first[1])
    record = f"school:{row['local_id']}:{row['as_of']}"
    right = str(row["days_absent"] - 1)
    assert absent(workspace, first[1], row) == [str(row["days_absent"])]
    accepted(workspace, "correct", "--record", record, "--column", "days_absent", "--value", right)
    assert absent(workspace, run(workspace, city), row) == [right]
    assert absent(workspace, run(workspace, city), row) == [right]
    another = written(tmp_path / "mended", city, row, "0")
    assert absent(workspace, run(workspace, another), row) == ["0"]


def test_a_child_whose_use_was_objected_to_is_neither_linked_nor_listed(workspace, first, city):
    person = child_of(workspace, first[1])["person_id"]
    request = accepted(workspace, "object", "--person", person)
    opened, second = Workspace.open(workspace), run(workspace, city)
    for name in ("persons", "timeline", "indicators", "judgements", "flags", "held_flags", "links", "identities"):
        assert person in read_artefact(opened, first[1], name)["person_id"] or name in ("flags", "held_flags")
        assert person not in read_artefact(opened, second, name)["person_id"], name
    told(workspace, "subject", "withdraw", request, "--reason", "agrees now")
    assert person in read_artefact(opened, run(workspace, city), "persons")["person_id"]
    assert [one.state for one in list_requests(opened)] == ["withdrawn"]


def test_what_is_held_is_shown_after_the_look_was_logged(workspace, first, tmp_path):
    row, opened = child_of(workspace, first[1]), Workspace.open(workspace)
    mimamori("explain", "--person", row["person_id"], "--workspace", workspace)
    mimamori("export", first[1], "--out", tmp_path / "out", "--workspace", workspace)
    page = tmp_path / "held.html"
    arguments = ("subject", "show", "--person", row["person_id"], "--reason", "the mother asks", "--out", page)
    held = told(workspace, *arguments)
    assert [view[2] for view in held["views"]] == ["explain", "subject"]
    assert [used[0] for used in held["runs"]] == [first[1]]
    assert "timeline" in held["exports"][0][2]
    assert held["records"]
    assert {value["source"] for value in held["values"]} <= {"welfare", "school", "health"}
    html = page.read_text(encoding="utf-8")
    assert held["identity"][0]["family_name"] in html
    assert page.stat().st_mode & 0o077 == 0
    with opened.reading() as connection:
        last = entries(connection, kinds=[Kind.VIEW])[-1]
    assert last.content["person"] == row["person_id"]
    assert "mother" not in last.body


def test_of_searches_for_one_child_only_those_for_this_one_are_told(workspace, first):
    own, opened = child_of(workspace, first[1])["person_id"], Workspace.open(workspace)
    named = {
        "abe": {},
        "ito": {"person": own},
        "mori": {"person": "another"},
        "sato": {"persons": ["another", "third"]},
    }
    for actor, persons in named.items():
        opened.log(actor=actor, kind=Kind.VIEW, subject=first[1], body={"page": "flags"} | persons)
        opened.log(actor=actor, kind=Kind.EXPORT, subject=first[1], body={"files": {"flags.csv": "0"}} | persons)
    held = subject.show(opened, first[1], own, reason="asked", actor=current_user())
    assert [view[1:] for view in held.views] == [("ito", "flags"), (current_user(), "subject")]
    assert held.list_views == 1
    assert [export[1:] for export in held.exports] == [("abe", "flags"), ("ito", "flags")]


def test_nothing_is_read_if_the_look_cannot_be_logged(workspace, first, monkeypatch):
    opened = Workspace.open(workspace)
    (workspace / "keys" / "log.key").unlink()
    monkeypatch.setattr(subject, "read_artefact", lambda *_: pytest.fail("read before it was logged"))
    with pytest.raises(WorkspaceError, match=r"log\.key"):
        subject.show(opened, first[1], "p", reason="asked", actor="os:operator")


def test_a_slip_is_one_line(workspace, first):
    row = child_of(workspace, first[1])
    record = f"school:{row['local_id']}:{row['as_of']}"
    for column, value in (("days_absent", "many"), ("days_absent", str(row["days_absent"])), ("nothing", "1")):
        named = ("--record", record, "--column", column, "--value", value, "--reason", "x")
        done = mimamori("subject", "correct", *named, "--workspace", workspace)
        assert (done.returncode != 0, len(done.stderr.splitlines())) == (True, 1)
    assert list_requests(Workspace.open(workspace)) == []
