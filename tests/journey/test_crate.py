"""The crate of a run: complete, joined up, and without anything of a child."""

import json

import pytest

from governance.crate import DONE, FAILED, METADATA_FILE, PENDING
from governance.digest import sha256_file
from governance.runlog import Kind
from governance.runs import load_manifest, read_artefact
from governance.workspace import Workspace
from mimamori.crating import write_crate
from tests.journey.conftest import mimamori, refused

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def crate(ran, tmp_path_factory):
    folder = tmp_path_factory.mktemp("crate") / "crate"
    done = mimamori("runs", "show", ran.run, "--crate", folder, "--workspace", ran.workspace)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def graph(crate):
    told = json.loads((crate / METADATA_FILE).read_text(encoding="utf-8"))
    assert set(told) == {"@context", "@graph"}
    assert all({"@id", "@type"} <= set(entity) for entity in told["@graph"])
    return {entity["@id"]: entity for entity in told["@graph"]}


def references(value):
    if isinstance(value, dict):
        if set(value) == {"@id"}:
            yield value["@id"]
        for part in value.values():
            yield from references(part)
    if isinstance(value, list):
        for part in value:
            yield from references(part)


def test_every_entity_stands_once_and_every_reference_leads_to_one(crate, graph):
    told = json.loads((crate / METADATA_FILE).read_text(encoding="utf-8"))["@graph"]
    assert len(told) == len(graph)
    inside = {one for entity in graph.values() for one in references(entity) if not one.startswith("http")}
    assert inside <= set(graph)


def test_it_says_what_the_profile_asks(graph, ran):
    root = graph["./"]
    assert graph[METADATA_FILE]["about"] == {"@id": "./"}
    assert root["conformsTo"] == {"@id": "https://w3id.org/5s-crate/0.4"}
    assert graph[root["sourceOrganization"]["@id"]]["@type"] == "Project"
    mentioned = [graph[one["@id"]] for one in root["mentions"]]
    (run,) = (one for one in mentioned if one["@type"] == "CreateAction")
    assert (run["@id"], run["actionStatus"]) == (f"#run-{ran.run}", DONE)
    assert graph[run["agent"]["@id"]]["@type"] == "Person"
    assert root["mainEntity"] in run["instrument"]
    checks = {one["additionalType"]["@id"]: one["actionStatus"] for one in mentioned if one["@type"] == "AssessAction"}
    assert checks == {"https://w3id.org/shp#SignOff": DONE, "https://w3id.org/shp#DisclosureCheck": PENDING}


def test_inputs_outputs_counts_and_environment_are_those_of_the_manifest(graph, crate, ran):
    manifest = load_manifest(Workspace.open(ran.workspace), ran.run)
    run = graph[f"#run-{ran.run}"]
    digests = {graph[one["@id"]].get("sha256") for one in run["object"]}
    assert {one.sha256 for one in manifest.inputs} <= digests
    assert {one.content_sha256 for one in manifest.outputs} <= {
        graph[one["@id"]].get("sha256") for one in run["result"]
    }
    for stage, counts in manifest.counts.items():
        for name, value in counts.items():
            assert graph[f"#count-{stage}.{name}"]["value"] == value
    assert graph["#quality-expected_precision"]["value"] > 0.9
    assert graph["#library-polars"]["softwareVersion"] == manifest.libraries["polars"]
    assert graph["manifest.json"]["sha256"] == sha256_file(crate / "manifest.json")


@pytest.mark.parametrize(("state", "status"), [("draft", PENDING), ("published", DONE), ("withdrawn", FAILED)])
def test_a_release_of_statistics_is_a_disclosure_check(copy, tmp_path, state, status):
    opened = Workspace.open(copy.workspace)
    for run, release in ((copy.run, "r1"), ("another", "r2")):
        opened.log(actor="os:test", kind=Kind.RELEASE, subject=release, body={"run": run, "state": state})
    metadata, _ = write_crate(opened, copy.run, tmp_path / "crate")
    told = {one["@id"]: one for one in json.loads(metadata.read_text(encoding="utf-8"))["@graph"]}
    assert told["#disclosure-r1"]["actionStatus"] == status
    assert "#disclosure" not in told
    assert "#disclosure-r2" not in told


def test_nothing_of_a_child_or_of_the_machine_is_in_it(crate, ran):
    written = b"".join(path.read_bytes() for path in crate.iterdir()).decode()
    opened = Workspace.open(ran.workspace)
    identities = read_artefact(opened, ran.run, "records", ["local_id", "family_kana", "address", "phone"])
    for column in identities.columns:
        values = [value for value in identities[column].drop_nulls().unique() if len(value) > 4]
        assert not [value for value in values if value in written], column
    persons = read_artefact(opened, ran.run, "persons")["person_id"].to_list()
    assert not [person for person in persons if person in written]
    assert str(ran.workspace) not in written


def test_a_folder_that_holds_anything_is_left_alone(crate, ran):
    done = mimamori("runs", "show", ran.run, "--crate", crate, "--workspace", ran.workspace)
    assert str(crate) in refused(done, code=2)
