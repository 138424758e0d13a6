"""A past run made again: the same to the byte whatever has happened since, or a line that says what is not the same."""

import json
import re
import shutil
from datetime import date
from importlib.resources import files

import pytest

from governance import requests
from governance.provenance import code_version
from governance.request_state import RequestStep
from governance.runlog import Kind, entries
from governance.runs import latest_run, load_manifest, read_artefact
from governance.workspace import Workspace
from mimamori import pipeline
from mimamori.city_rules import load_city_rules
from mimamori.joinings import read_joinings
from mimamori.replaying import changed_since, replay
from mimamori.review import Verdict, decide
from tests.journey.conftest import mimamori, new_workspace, refused, write_approval
from vocabulary.texts import text

pytestmark = pytest.mark.slow


def replayed(workspace, run, *options, **more):
    done = mimamori("runs", "replay", run, "--json", "--workspace", workspace, *options, **more)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def replay_entries(workspace):
    with Workspace.open(workspace).reading() as connection:
        return [entry.content for entry in entries(connection, kinds=[Kind.RUN_REPLAYED])]


@pytest.mark.parametrize(("threads", "seed"), [(1, 1), (2, 2)])
def test_it_comes_out_the_same_on_any_number_of_threads_and_in_any_order_of_sets(copy, city, threads, seed):
    before = sorted(path.name for path in (copy.workspace / "runs").iterdir())
    found = replayed(
        copy.workspace,
        copy.run,
        *("--delivery", city / "delivery"),
        variables={"POLARS_MAX_THREADS": str(threads), "PYTHONHASHSEED": str(seed), "TZ": "America/New_York"},
        before=["taskset", "-c", "0"] if threads == 1 else [],
    )
    assert found["same"]
    assert found["differences"] == []
    assert {"flags", "spine", "rejects", "model", "decisions", "flags.parquet"} <= set(found["compared"])
    assert sorted(path.name for path in (copy.workspace / "runs").iterdir()) == before
    begun, compared = replay_entries(copy.workspace)
    assert begun["step"] == "begun"
    assert compared == {"step": "compared", "same": True, "differing": []}
    assert mimamori("runs", "verify", "--workspace", copy.workspace).returncode == 0


def test_later_runs_rules_and_decisions_change_nothing_of_an_earlier_one(city, tmp_path):
    folder = new_workspace(tmp_path / "workspace", write_approval(tmp_path, "2026-03"))
    shutil.copytree(city / "delivery", folder / "delivered")  # in the workspace: found without being named
    run = ("run", "--approval", "2026-03", "--delivery", folder / "delivered", "--workspace", folder)
    assert mimamori(*run, "--as-of", "2023-12-31").returncode == 0
    opened = Workspace.open(folder)
    first = latest_run(opened)
    joinings = read_joinings(opened, first)
    left, right = joinings.joinings.filter("joined").sort("bits").select("left", "right").row(0)
    review = decide(opened, joinings, left, right, verdict=Verdict.DIFFERENT, reason="test", actor="os:test")
    assert mimamori(*run).returncode == 0
    second = latest_run(opened)
    assert load_manifest(opened, second).parent == first
    undone = mimamori("review", "undo", review.id, "--reason", "test", "--workspace", folder)
    assert undone.returncode == 0, undone.stderr
    number = read_artefact(opened, second, "links", ["source", "local_id"]).row(0)
    asked = requests.receive(
        opened, requests.Objection((number,)), reason="test", received_on=date.today(), actor="os:test"
    )
    requests.step(opened, asked.id, RequestStep.ACCEPT, reason="test", actor="os:test")
    assert requests.honoured(opened).objected.height == 1
    rules = (files("indicators") / "rules.toml").read_text(encoding="utf-8")
    (folder / "indicators.toml").write_text(re.sub(r"^(floor = ).*$", r"\g<1>99", rules, count=1, flags=re.M))
    assert load_city_rules(opened).indicators.version != load_manifest(opened, second).parameters["indicator_rules"]
    for made in (first, second):
        assert replayed(folder, made)["same"]


def test_one_byte_of_an_input_changed_is_named_before_anything_is_read(copy, city, tmp_path):
    shutil.copytree(city / "delivery", tmp_path / "delivery")
    file = next((tmp_path / "delivery").glob("school.*"))
    data = bytearray(file.read_bytes())
    data[-3] ^= 1
    file.write_bytes(data)
    line = refused(
        mimamori("runs", "replay", copy.run, "--delivery", tmp_path / "delivery", "--workspace", copy.workspace)
    )
    assert file.name in line
    assert "welfare" not in line
    assert replay_entries(copy.workspace) == []


def test_a_file_that_is_gone_is_named_and_when_it_was_disposed_of(copy, city):
    opened = Workspace.open(copy.workspace)
    named = {one.name: one.sha256 for one in load_manifest(opened, copy.run).inputs}
    line = refused(mimamori("runs", "replay", copy.run, "--workspace", copy.workspace))
    assert all(f"{name} (SHA-256 {sha256})" in line for name, sha256 in named.items())
    gone = next(iter(named))
    opened.log(actor="os:test", kind=Kind.DISPOSAL, subject=copy.run, body={"files": {gone: named[gone]}})
    line = refused(mimamori("runs", "replay", copy.run, "--workspace", copy.workspace))
    assert f"{gone} was disposed of on {date.today().isoformat()[:4]}" in line


def test_files_of_another_delivery_beside_are_not_read(copy, city, tmp_path):
    shutil.copytree(city / "delivery", tmp_path / "delivery")
    (tmp_path / "delivery" / "health").mkdir()
    (tmp_path / "delivery" / "health" / "later.csv").write_text("local_id,as_of\nx,2025-04-01\n")
    assert replayed(copy.workspace, copy.run, "--delivery", tmp_path / "delivery")["same"]


def test_a_revoked_approval_refuses_and_the_log_says_so(copy, city):
    revoked = mimamori("approvals", "revoke", "one-run", "--reason", "test", "--workspace", copy.workspace)
    assert revoked.returncode == 0, revoked.stderr
    arguments = ("runs", "replay", copy.run, "--delivery", city / "delivery", "--workspace", copy.workspace)
    assert "one-run" in refused(mimamori(*arguments))
    assert replay_entries(copy.workspace) == []
    with Workspace.open(copy.workspace).reading() as connection:
        assert entries(connection, kinds=[Kind.REFUSAL])[-1].content["rule"] == "refusal.revoked"


def test_what_differs_is_told_by_its_first_stage(copy, city, monkeypatch):
    judge = pipeline.judge
    monkeypatch.setattr(pipeline, "judge", lambda *given: judge(*given).reverse())
    opened = Workspace.open(copy.workspace)
    told = []
    found = replay(
        opened, copy.run, city / "delivery", actor="os:test", begin=lambda key, **_: text(key), tell=told.append
    )
    assert tuple(told) == found.changed
    assert (found.same, found.first_stage) == (False, "judgements")
    assert [one.output for one in found.differences] == ["judgements"]
    assert replay_entries(copy.workspace)[-1] == {"step": "compared", "same": False, "differing": ["judgements"]}


def test_other_code_or_another_library_is_told(ran):
    manifest = load_manifest(Workspace.open(ran.workspace), ran.run)
    now = manifest.model_copy(update={"code": code_version()})
    assert changed_since(now) == ()
    code = now.code.model_copy(update={"source_sha256": "0" * 64})
    other = now.model_copy(update={"code": code, "libraries": {**now.libraries, "polars": "0.1"}})
    assert [(one.what, one.then) for one in changed_since(other)] == [("code", "0" * 64), ("polars", "0.1")]
