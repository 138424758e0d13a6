"""From a run of the city to its explanations: what the command shows adds up, is logged, and verifies."""

import json
import shutil

import pytest

from governance.runlog import Kind, entries
from governance.runs import read_artefact
from governance.workspace import Workspace
from tests.journey.conftest import mimamori, refused

pytestmark = pytest.mark.slow


@pytest.fixture
def copied(ran, tmp_path):
    """A workspace with a run, of its own."""
    return shutil.copytree(ran.workspace, tmp_path / "workspace")


def shown(workspace, *arguments):
    done = mimamori(*arguments, "--workspace", workspace, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_weakest_and_the_strongest_pairs_of_a_city_add_up(ran, copied):
    pairs = read_artefact(Workspace.open(copied), ran.run, "pairs").sort("evidence")
    for left, right, evidence in pairs.select("left", "right", "evidence").rows()[:: pairs.height - 1]:
        found = shown(copied, "explain", ran.run, "--profiles", left, right)["explanation"]
        totals = [sum(one["bits"] for one in found[reading]) for reading in ("strangers", "siblings")]
        assert min(totals) + found["other_reading"] == pytest.approx(evidence, abs=1e-6)


def test_a_child_is_explained_and_the_view_logged(ran, copied, tmp_path):
    spine = read_artefact(Workspace.open(copied), ran.run, "spine")
    child = spine["person_id"].mode().sort()[0]
    file = tmp_path / "child.html"
    found = shown(copied, "explain", "--person", child, "--out", file)
    assert found["file"] == str(file)
    assert {group["person_id"] for group in found["groups"]} == {child}
    with Workspace.open(copied).reading() as connection:
        *_, view = entries(connection, kinds=[Kind.VIEW])
    assert view.content == {"page": "explain", "person": child}
    assert mimamori("runs", "verify", "--workspace", copied).returncode == 0
    unknown = mimamori("explain", "--person", "nobody", "--workspace", copied)
    assert "no child nobody" in refused(unknown)


def test_the_model_of_the_city_is_shown(ran, copied):
    found = shown(copied, "model", "show")
    assert found["trained_by"] == ran.run
    assert len(found["version"]) == 12
