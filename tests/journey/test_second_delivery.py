"""Later deliveries: only what is new is linked, every child known keeps its id, and results cover all of them."""

import csv
import json
from dataclasses import dataclass

import polars as pl
import pytest

from governance.runs import read_artefact, read_document
from governance.workspace import Workspace
from tests.journey.conftest import mimamori, new_workspace, read_text, write_approval
from vocabulary.frames import RECORD

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Run:
    """A published run of a workspace."""

    workspace: Workspace
    result: dict

    def table(self, name: str) -> pl.DataFrame:
        return read_artefact(self.workspace, self.result["run"], name)

    def counts(self, stage: str) -> dict:
        return self.result["counts"][stage]

    @property
    def trained(self) -> bool:
        return self.result["parameters"]["linkage_model"]["trained"]

    @property
    def model(self) -> dict:
        return read_document(self.workspace, self.result["run"], "model")

    @property
    def children(self) -> set[frozenset]:
        """The records of each child."""
        records = self.table("spine").group_by("person_id").agg(pl.concat_str(RECORD, separator="|").alias("records"))
        return {frozenset(held) for held in records["records"].to_list()}


def deliver(folder, delivery, *options) -> Run:
    arguments = ("--approval", "2026-03", "--delivery", delivery, "--workspace", folder, "--json")
    done = mimamori("run", *arguments, *options)
    assert done.returncode == 0, done.stderr
    return Run(Workspace.open(folder), json.loads(done.stdout))


@pytest.fixture(scope="module")
def runs(city, tmp_path_factory) -> dict[str, Run]:
    """First what was known at the end of 2023; then all; the same again; and under a model trained anew."""
    folder = tmp_path_factory.mktemp("later")
    workspace = new_workspace(folder / "workspace", write_approval(folder, "2026-03"))
    options = {"first": ["--as-of", "2023-12-31"], "second": [], "again": [], "retrained": ["--retrain"]}
    return {name: deliver(workspace, city / "delivery", *given) for name, given in options.items()}


def test_a_later_delivery_is_linked_with_what_is_known_under_the_same_model(runs):
    first, second = runs["first"], runs["second"]
    assert (first.trained, second.trained) == (True, False)
    assert second.model == first.model
    known, now = first.counts("link"), second.counts("link")
    assert known["newly_linked"] == known["records"] == known["known_records"]
    assert now["newly_linked"] == now["known_records"] - known["known_records"] > 0


def test_it_comes_to_what_linking_all_at_once_gives(runs, ran):
    at_once = Run(Workspace.open(ran.workspace), {"run": ran.run})
    found, expected = runs["second"].children, at_once.children
    assert len(found & expected) >= 0.99 * len(expected)  # the models differ


def test_every_child_known_keeps_its_id_or_an_event_says_why_not(runs):
    before, now = runs["first"].table("spine"), runs["second"].table("spine")
    both = before.join(now, on=RECORD, suffix="_now")
    assert both.height == before.height
    moved = both.filter(pl.col("person_id") != pl.col("person_id_now"))
    told = set(runs["second"].table("events").select("other_id", "person_id").iter_rows())
    assert set(moved.select("person_id", "person_id_now").iter_rows()) == told


def test_the_same_files_again_change_nothing(runs):
    second, again = runs["second"], runs["again"]
    assert again.counts("link")["newly_linked"] == again.table("events").height == 0
    for name in ("spine", "links", "persons", "timeline", "indicators", "flags", "joinings"):
        assert again.table(name).equals(second.table(name)), name


def test_a_model_trained_anew_compares_everything_again_and_keeps_the_ids(runs):
    again, retrained = runs["again"], runs["retrained"]
    assert retrained.trained
    assert retrained.counts("link")["newly_linked"] == retrained.counts("link")["known_records"]
    assert retrained.model["version"] != again.model["version"]
    kept = again.table("spine").join(retrained.table("spine"), on=[*RECORD, "person_id"])
    assert kept.height >= 0.99 * again.table("spine").height
    assert set(retrained.table("events")["reason"]) <= {"model"}


def test_results_cover_every_child_known_and_links_what_was_delivered(runs, city, tmp_path):
    """A delivery of one source and one year: the rest is known already."""
    before = runs["retrained"]
    (tmp_path / "delivery").mkdir()
    school = read_text(city / "delivery" / "school.csv")
    school.filter(pl.col("as_of").str.contains("2025|R7|令和7年")).write_csv(tmp_path / "delivery" / "school.csv")
    after = deliver(before.workspace.path, tmp_path / "delivery")
    assert set(after.table("links")["source"]) == {"school"}
    assert after.table("links").height < before.table("links").height
    for name in ("spine", "persons", "timeline", "indicators"):
        assert after.table(name).equals(before.table(name)), name


def test_a_corrected_row_takes_the_place_of_what_it_corrects(runs, city, tmp_path):
    before = runs["retrained"]
    held = before.table("records").filter(source="welfare").sort(RECORD)
    row = held.filter(pl.col("birth_date").is_not_null()).row(0, named=True)
    corrected = row["birth_date"].replace(day=row["birth_date"].day % 28 + 1)
    (tmp_path / "delivery").mkdir()
    with (tmp_path / "delivery" / "welfare.csv").open("w", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["local_id", "as_of", "family_name", "given_name", "birth_date", "public_assistance"])
        writer.writerow(
            [row["local_id"], row["as_of"], row["family_name"], row["given_name"], corrected.isoformat(), 1]
        )
    after = deliver(before.workspace.path, tmp_path / "delivery")
    key = {column: row[column] for column in RECORD}
    assert after.table("records").filter(**key)["birth_date"].item() == corrected
    assert after.table("records").height == before.table("records").height
    person = after.table("links")["person_id"].item()
    observed = after.table("timeline").filter(
        person_id=person, date=row["as_of"], source="welfare", item="public_assistance"
    )
    assert observed["value"].to_list() == ["1"]
