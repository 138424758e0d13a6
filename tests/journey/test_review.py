"""From a run to its queue, to a decision that the next run keeps to, and back again when it is undone."""

import json
import shutil

import pytest

from governance.runlog import Kind, entries
from governance.runs import read_artefact
from governance.workspace import Workspace
from mimamori.joinings import read_joinings
from tests.journey.conftest import mimamori, refused

pytestmark = pytest.mark.slow


@pytest.fixture
def copied(ran, tmp_path):
    """A workspace with a run, of its own."""
    return shutil.copytree(ran.workspace, tmp_path / "workspace")


def review(workspace, *arguments):
    done = mimamori("review", *arguments, "--workspace", workspace, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def run_again(workspace, city):
    done = mimamori("run", "--approval", "2026-03", "--delivery", city / "delivery", "--workspace", workspace)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def persons_of(workspace, run, records):
    """The person of each of these records in a run."""
    spine = read_artefact(Workspace.open(workspace), run, "spine")
    held = dict(zip(spine.select("source", "local_id", "as_of").rows(), spine["person_id"], strict=True))
    return [held[record] for record in records]


def joined_pair(workspace, run):
    """The weakest joining of a run that was made, and a record on either side of it."""
    joinings = read_joinings(Workspace.open(workspace), run)
    weakest = joinings.weighed.filter("joined").sort("bits", "left", "right")
    left, right = weakest.select("left", "right").row(0)
    return left, right, [joinings.record_of(left), joinings.record_of(right)]


def test_what_is_decided_holds_in_the_next_run_until_it_is_undone(ran, city, copied):
    left, right, records = joined_pair(copied, ran.run)
    before = persons_of(copied, ran.run, records)
    assert before[0] == before[1]

    made = review(copied, "decide", left, right, "--verdict", "different", "--reason", "two children")
    second = run_again(copied, city)
    apart = persons_of(copied, second, records)
    assert apart[0] != apart[1]
    assert before[0] in apart, "one of the two keeps the id"
    split = review(copied, "events", second)
    assert {(event["kind"], event["reason"]) for event in split} == {("split", "review")}

    review(copied, "undo", made["id"], "--reason", "one child after all")
    third = run_again(copied, city)
    assert persons_of(copied, third, records) == before
    assert [event["kind"] for event in review(copied, "events", third)] == ["merged"]


def test_a_merge_that_is_reverted_gives_the_former_ids_back(ran, city, copied):
    left, right, records = joined_pair(copied, ran.run)
    made = review(copied, "decide", left, right, "--verdict", "different", "--reason", "two children")
    apart = persons_of(copied, run_again(copied, city), records)
    review(copied, "undo", made["id"], "--reason", "one child after all")
    merged = run_again(copied, city)
    (reverted,) = review(copied, "revert", 1, "--run", merged, "--reason", "no, two")
    assert reverted["verdict"] == "different"
    assert persons_of(copied, run_again(copied, city), records) == apart


def views(workspace):
    with Workspace.open(workspace).reading() as connection:
        return entries(connection, kinds=[Kind.VIEW])


def test_looking_is_logged_and_the_workspace_verifies(ran, copied):
    left, right, _ = joined_pair(copied, ran.run)
    before = views(copied)
    shown = review(copied, "show", left, right)
    assert {field["name"] for field in shown["fields"]} >= {"given_name", "birth_date"}
    review(copied, "decide", left, right, "--verdict", "same", "--reason", "seen")
    (view,) = views(copied)[len(before) :]
    assert (view.content["left"], view.content["right"]) == (left, right)
    assert mimamori("runs", "verify", "--workspace", copied).returncode == 0
    again = mimamori("review", "decide", left, right, "--verdict", "same", "--reason", "r", "--workspace", copied)
    assert "decided already" in refused(again)


def test_a_sample_confirmed_person_by_person_gives_an_estimate(ran, copied):
    drawn = review(copied, "sample", "--persons", 3, "--seed", 5)
    answers = "a\nall agree\n" * drawn["persons"]
    done = mimamori("review", "next", "--sample", "--workspace", copied, input=answers)
    assert f"Decided {drawn['waiting']}" in done.stdout, done.stderr
    assert review(copied, "estimate")["precision"]["value"] == 1.0
