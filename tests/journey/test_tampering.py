"""What is altered behind the system's back is found: `runs verify` ends with 1 and says each alteration in a line."""

import json
import sqlite3

import pytest

from tests.journey.conftest import mimamori, refused


def execute(workspace, statement):
    with sqlite3.connect(workspace / "mimamori.db") as database:
        assert database.execute(statement).rowcount > 0
    database.close()


def edit_log_row(copy):
    execute(copy.workspace, "update log_entries set actor = 'os:somebody' where seq = 3")


def delete_log_row(copy):
    execute(copy.workspace, "delete from log_entries where seq = 3")


def edit_approval(copy):
    execute(copy.workspace, "update approvals set text = replace(text, 'max_runs = 1', 'max_runs = 9')")


def replace_artefact(copy):
    run = copy.workspace / "runs" / copy.run
    (run / "flags.parquet").write_bytes((run / "persons.parquet").read_bytes())


def remove_artefact(copy):
    (copy.workspace / "runs" / copy.run / "flags.parquet").unlink()


def add_file(copy):
    (copy.workspace / "runs" / copy.run / "more.parquet").write_bytes(b"")


def edit_manifest(copy):
    manifest = copy.workspace / "runs" / copy.run / "manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace('"set_aside": 0', '"set_aside": 1'), "utf-8")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("alter", "named"),
    [
        (edit_log_row, "3"),
        (delete_log_row, "3"),
        (edit_approval, "one-run"),
        (replace_artefact, "flags"),
        (remove_artefact, "flags"),
        (add_file, "more.parquet"),
        (edit_manifest, "{run}"),
    ],
)
def test_an_alteration_is_found(copy, alter, named):
    alter(copy)
    verified = mimamori("runs", "verify", "--workspace", copy.workspace)
    assert verified.returncode == 1
    assert verified.stderr == ""
    assert any(named.format(run=copy.run) in line for line in verified.stdout.splitlines())


@pytest.mark.slow
def test_alterations_as_json(copy):
    edit_log_row(copy)
    add_file(copy)
    verified = mimamori("runs", "verify", "--workspace", copy.workspace, "--json")
    assert verified.returncode == 1
    found = json.loads(verified.stdout)
    assert found["altered"] is True
    assert any("more.parquet" in finding for finding in found["findings"])
    assert len(found["findings"]) >= 2


@pytest.mark.slow
def test_what_was_not_altered_verifies(copy):
    verified = mimamori("runs", "verify", "--workspace", copy.workspace)
    assert verified.returncode == 0
    assert verified.stdout.startswith("Verified: 1 runs")
    one = mimamori("runs", "verify", copy.run, "--workspace", copy.workspace)
    assert one.returncode == 0


@pytest.mark.slow
def test_an_altered_artefact_is_not_exported(copy, tmp_path):
    replace_artefact(copy)
    done = mimamori("export", copy.run, "--out", tmp_path / "out", "--workspace", copy.workspace)
    assert "flags" in refused(done)
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.slow
def test_an_approval_edited_in_the_database_admits_no_run(copy, city):
    edit_approval(copy)
    done = mimamori("run", "--approval", "one-run", "--delivery", city / "delivery", "--workspace", copy.workspace)
    assert "one-run" in refused(done)
