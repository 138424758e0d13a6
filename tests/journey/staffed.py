"""The application over a copy of the shared run, with an account of each role, whom pages and programs ask as."""

import re

import polars as pl

from governance.runs import read_artefact
from governance.workspace import Workspace
from mimamori import serving
from mimamori.demo_accounts import largest_school
from tests.unit.api.swept import Visitor, staff
from vocabulary.texts import catalogue

WORKER = "support-worker"
TAKEN = 2
"""Cases that the support worker has taken."""

NAMING = [
    "family_name",
    "given_name",
    "family_kana",
    "given_kana",
    "address",
    "guardian_name",
    "guardian_kana",
    "phone",
]


def staffed(folder, run):
    """The application; two children of the list are cases of the support worker."""
    workspace = Workspace.open(folder)
    staff(workspace, school=largest_school(workspace, run))
    app = serving.application(workspace, serving.Terms("127.0.0.1", 8000))
    worker = Visitor(app, WORKER)
    page = worker.get("/flags").text
    children = re.findall(r'name="person_id" value="([^"]+)"', page)[:TAKEN]
    year = re.search(r'name="year"[^>]*value="(\d+)"', page)[1]
    assert worker.post("/cases", data={"person_id": children, "year": year}).status_code == 303
    return app


def naming_values(workspace, run):
    """What of a run names somebody, as it was linked: values of three letters or more that no text of ours holds."""
    frame = read_artefact(workspace, run, "identities", NAMING)
    values = pl.concat([frame[name] for name in NAMING]).drop_nulls().unique()
    ours = "\n".join(said["ja"] for said in catalogue().values())
    return [value for value in values.filter(values.str.len_chars() > 2) if value not in ours]
