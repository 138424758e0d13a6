"""`mimamori review` in a terminal: what it prints, asks, refuses, and leaves in the log."""

import json

import pytest
from typer.testing import CliRunner

from governance.review_state import Verdict
from governance.reviews import decisions, list_reviews
from governance.runlog import Kind, entries
from governance.workspace import load_settings
from mimamori.cli import app
from tests.unit.mimamori.small_run import NUMBERS, approved_workspace, publish
from vocabulary.errors import MimamoriError, UsageError

NAMES = ("高橋", "中村", "花子", "0727210001", "2012")


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.delenv("MIMAMORI_DATABASE", raising=False)
    monkeypatch.setenv("MIMAMORI_LANG", "en")
    return approved_workspace(tmp_path / "workspace")


@pytest.fixture
def run_id(workspace):
    return publish(workspace)


def review(workspace, *arguments, answers=None):
    """Run the command to its end; the result."""
    given = ["review", *map(str, arguments), "--workspace", str(workspace.path)]
    done = CliRunner().invoke(app, given, input=answers)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def logged(workspace, kind):
    with workspace.reading() as connection:
        return entries(connection, kinds=[kind])


def test_the_queue_names_nobody_and_logs_no_view(workspace, run_id):
    done = review(workspace, "queue")
    assert f"Run {run_id}: 3 joinings wait" in done.stdout
    assert not any(name in done.stdout for name in NAMES)
    found = json.loads(review(workspace, "queue", "--limit", 1, "--json").stdout)
    assert (found["run"], found["waiting"], len(found["joinings"])) == (run_id, 3, 1)
    assert logged(workspace, Kind.VIEW) == []


def test_thresholds_of_the_command_and_of_the_settings(tmp_path, workspace, run_id):
    assert "1 joinings wait" in review(workspace, "queue", "--between", "0.1", "0.5").stdout
    other = approved_workspace(tmp_path / "other", "review_between = [0.1, 0.9]\n")
    publish(other)
    assert "2 joinings wait" in review(other, "queue").stdout
    with pytest.raises(UsageError, match="the lower first"):
        review(workspace, "queue", "--between", "0.9", "0.1")


@pytest.mark.parametrize("written", ["[0.9, 0.1]", "[0.5, 0.5]", "[0.0, 1.5]", "0.5"])
def test_thresholds_that_are_none(tmp_path, written):
    (tmp_path / "mimamori.toml").write_text(f"review_between = {written}\n")
    with pytest.raises(MimamoriError, match="review_between"):
        load_settings(tmp_path)


def test_next_shows_asks_and_decides(workspace, run_id):
    done = review(workspace, "next", answers="x\na\nd\nother given name\nk\nc\nno idea\n")
    for shown in ("中村 (2021-2023)", "s same child", "No joining is waiting", "Decided 2"):
        assert shown in done.output
    assert [(one.left[1], one.right[1], one.verdict, one.reason) for one in list_reviews(workspace)] == [
        ("H-1", "S-2", Verdict.DIFFERENT, "other given name"),
        ("S-1", "W-1", Verdict.CANNOT_SAY, "no idea"),
    ]
    assert [(view.content["left"], view.content["right"]) for view in logged(workspace, Kind.VIEW)] == [
        (0, 3),
        (0, 1),
        (1, 2),
    ]


@pytest.mark.parametrize(("arguments", "answers", "views"), [((), "q\n", 1), (("--limit", 2), "k\nk\n", 2)])
def test_next_ends_where_it_is_told(workspace, run_id, arguments, answers, views):
    done = review(workspace, "next", *arguments, answers=answers)
    assert "Decided 0" in done.stdout
    assert len(logged(workspace, Kind.VIEW)) == views


def test_decide_list_and_undo(workspace, run_id):
    given = ("decide", 0, 3, "--verdict", "different", "--reason", "her twin", "--json")
    made = json.loads(review(workspace, *given).stdout)
    assert (made["verdict"], made["state"], made["run"]) == ("different", "confirmed", run_id)
    listed = review(workspace, "list", "--json").stdout
    assert json.loads(listed) == [made]
    for told in (listed, review(workspace, "list").stdout):
        assert made["id"] in told
        assert not any(secret in told for secret in ("her twin", "H-1", "S-2"))
    review(workspace, "undo", made["id"], "--reason", "a slip")
    assert "undone" in review(workspace, "list").stdout
    assert decisions(workspace).height == 0


def test_show_gives_the_two_sides(workspace, run_id):
    found = json.loads(review(workspace, "show", 0, 1, "--json").stdout)
    assert found["fields"][0]["left"] == [{"value": "高橋", "first": 2018, "last": 2019}]
    assert len(logged(workspace, Kind.VIEW)) == 1


def test_from_sample_to_estimate(workspace, run_id):
    assert "1 persons with 2 joinings" in review(workspace, "sample", "--persons", 5).stdout
    with pytest.raises(MimamoriError, match="2 of the 2 joinings"):
        review(workspace, "estimate")
    done = review(workspace, "next", "--sample", answers="a\nall agree\n")
    assert "Decided 2" in done.stdout
    assert "Evidence" not in done.output, "a sample is judged without the machine's opinion"
    assert "Precision 1.0000" in review(workspace, "estimate").stdout
    found = json.loads(review(workspace, "estimate", "--json").stdout)
    assert found["precision"]["draws"] == 5
    assert found["recall"] is None
    with pytest.raises(UsageError, match="exclude each other"):
        review(workspace, "queue", "--sample", "--between", "0.1", "0.9")


def test_merges_are_listed_and_undone(workspace, run_id):
    assert "none" in review(workspace, "events").stdout.lower()
    together = [(*one[:4], one[4].replace("p-momoko", "p-hanako"), one[5]) for one in NUMBERS]
    publish(workspace, numbers=together, events=[("merged", "p-hanako", "p-momoko", 2)])
    assert "merged" in review(workspace, "events").stdout
    assert "different children" in review(workspace, "revert", 1, "--reason", "twins").stdout
    assert decisions(workspace)["verdict"].to_list() == ["different"]
