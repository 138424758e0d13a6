"""`mimamori explain` and `mimamori model` as a user has them: lines, JSON, pages that need nothing else."""

import json
import re
import stat

import pytest
from typer.testing import CliRunner

from governance.runlog import Kind, entries
from mimamori.cli import app
from mimamori.joinings import read_joinings
from tests.unit.mimamori.explained_run import publish
from tests.unit.mimamori.small_run import approved_workspace
from vocabulary.errors import UsageError, WorkspaceError

H1, S1 = "health:H-1:2018-04-01", "school:S-1:2021-04-01"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MIMAMORI_DATABASE", raising=False)
        made = approved_workspace(tmp_path_factory.mktemp("explained") / "workspace")
        publish(made)
        yield made


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.delenv("MIMAMORI_DATABASE", raising=False)
    monkeypatch.setenv("MIMAMORI_LANG", "en")
    monkeypatch.setenv("COLUMNS", "120")  # tests in parallel have a terminal of their own width


def run(workspace, *arguments):
    done = CliRunner().invoke(app, [*map(str, arguments), "--workspace", str(workspace.path)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.stdout


def person_of(workspace, local_id):
    (run_id,) = {entry.subject for entry in _entries(workspace, Kind.RUN_PUBLISHED)}
    return read_joinings(workspace, run_id).members.filter(local_id=local_id)["person_id"][0]


def _entries(workspace, kind):
    with workspace.reading() as connection:
        return entries(connection, kinds=[kind])


def test_two_records_as_lines_and_as_json(workspace):
    told = run(workspace, "explain", "--records", H1, S1)
    for said in ("高橋 (2018–2019)", "中村 (2021–2023)", "this one decides", "█", "before comparing"):
        assert said in told
    found = json.loads(run(workspace, "explain", "--records", H1, S1, "--json"))
    assert found["left"]["local_id"] == "H-1"
    total = sum(one["bits"] for one in found["explanation"]["strangers"])
    assert total == pytest.approx(found["explanation"]["against_strangers"])
    profiles = (found["left"]["profile"], found["right"]["profile"])
    assert json.loads(run(workspace, "explain", "--profiles", *profiles, "--json")) == found


def test_a_child_as_json(workspace):
    found = json.loads(run(workspace, "explain", "--person", person_of(workspace, "S-1"), "--json"))
    assert len(found["joinings"]) == len(found["groups"]) - 1
    assert found["weakest"]["joining"]["bits"] == found["joinings"][-1]["bits"]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_pages_stand_alone_and_are_their_owners(workspace, tmp_path, monkeypatch, language):
    monkeypatch.setenv("MIMAMORI_LANG", language)
    asked = {
        "pair": ("explain", "--records", H1, S1),
        "person": ("explain", "--person", person_of(workspace, "S-1")),
        "alone": ("explain", "--person", person_of(workspace, "S-2")),
        "model": ("model", "show"),
    }
    for name, arguments in asked.items():
        file = tmp_path / f"{name}.html"
        file.touch(mode=0o644)
        assert str(file) in run(workspace, *arguments, "--out", file)
        page = file.read_text(encoding="utf-8")
        assert f'<html lang="{language}">' in page
        assert "<script" not in page
        assert not re.search(r"""(?:src|href|url\()\s*=?\s*["']?(?:https?:)?//""", page)
        assert page.count("<svg") == {"pair": 2, "person": 3, "alone": 0, "model": 2}[name]
        assert stat.S_IMODE(file.stat().st_mode) == (0o644 if name == "model" else 0o600)
        assert ("中村" in page) == (name in ("pair", "person"))


def test_values_cannot_write_into_the_page(tmp_path, monkeypatch):
    from tests.unit.mimamori import explained_run

    marked = explained_run.HANAKO | {"address": "<b>半町</b>1-2-3"}
    monkeypatch.setattr(explained_run, "HANAKO", marked)
    workspace = approved_workspace(tmp_path / "workspace")
    publish(workspace)
    file = tmp_path / "page.html"
    run(workspace, "explain", "--records", H1, S1, "--out", file)
    page = file.read_text(encoding="utf-8")
    assert "&lt;b&gt;半町&lt;/b&gt;" in page
    assert "<b>半町" not in page


def test_the_model_is_shown_without_a_view(workspace):
    before = len(_entries(workspace, Kind.VIEW))
    told = run(workspace, "model", "show")
    for said in ("Trained by run", "mimamori run --retrain", "birth date", "weight"):
        assert said in told
    found = json.loads(run(workspace, "model", "show", "--json"))
    assert found["trained_by"] == found["run"]
    assert set(found["parameters"]) >= {"m", "u", "ways", "household", "sibling_odds"}
    assert {row["comparison"] for row in found["levels"]} >= {"given_name", "guardian"}
    assert len(_entries(workspace, Kind.VIEW)) == before


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ((), UsageError, "Say what to explain"),
        (("--person", "p", "--profiles", 1, 2), UsageError, "Say what to explain"),
        (("--records", H1, "school:S-1"), UsageError, r"the 2\. is not a record"),
        (("--records", "2018-04-01", S1), UsageError, r"the 1\. is not a record"),
        (("--records", H1, "school:S-1:yesterday"), UsageError, r"the 2\. is not a record"),
        (("--records", H1, "school:S:9:2021-04-01"), WorkspaceError, r"no record like the 2\."),
        (("--person", "p-none"), WorkspaceError, "no child p-none"),
    ],
)
def test_what_cannot_be_explained_is_refused(workspace, arguments, error, said):
    with pytest.raises(error, match=said):
        run(workspace, "explain", *arguments)
