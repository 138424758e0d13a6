"""What a copied disk and a lost key come to: what stays closed, what is open, what still works."""

import shutil

import polars as pl
import pytest

from governance.runlog import Kind
from governance.runs import read_artefact, read_document
from governance.verify import verify
from governance.workspace import Workspace
from tests.unit.mimamori.small_run import approved_workspace
from tests.unit.mimamori.small_run import publish as publish_children
from vocabulary.errors import WorkspaceError

PLANTED = ("花子", "高橋", "072-721-0001", "H-1", "p-hanako")
ENCODINGS = ("utf-8", "utf-16-le", "cp932")


@pytest.fixture
def children(tmp_path, monkeypatch):
    """A workspace with a run that names children, and the run's id."""
    monkeypatch.delenv("MIMAMORI_DATABASE", raising=False)
    workspace = approved_workspace(tmp_path / "held")
    return workspace, publish_children(workspace)


def copied(workspace, folder, *, without=()):
    """The workspace as a thief has it."""
    shutil.copytree(workspace.path, folder)
    for name in without:
        (folder / "keys" / name).unlink()
    return Workspace.open(folder)


def test_a_copied_disk_without_its_keys_tells_nothing_of_a_child(children, tmp_path):
    workspace, run = children
    keys = [path.name for path in (workspace.path / "keys").iterdir()]
    stolen = copied(workspace, tmp_path / "stolen", without=keys)
    for name in ("records", "spine", "events"):
        with pytest.raises(WorkspaceError, match=r"\.key"):
            read_artefact(stolen, run, name)
    held = b"".join(path.read_bytes() for path in stolen.path.rglob("*") if path.is_file())
    found = [word for word in PLANTED for encoding in ENCODINGS if word.encode(encoding) in held]
    assert found == []


def test_a_copied_disk_with_all_its_keys_is_open(children, tmp_path):
    workspace, run = children
    stolen = copied(workspace, tmp_path / "stolen")
    assert "花子" in read_artefact(stolen, run, "records")["given_name"].to_list()


@pytest.mark.parametrize(
    ("lost", "closed"),
    [
        ("root.key", {"flags", "counts"}),
        ("identities.key", {"links", "sealed"}),
        ("pseudonyms.key", {"ids"}),
        ("log.key", set()),
    ],
)
def test_a_lost_key_closes_what_it_opened_and_nothing_else(approved, publish, lost, closed):
    run = publish(approved)
    sealed = approved.custody.seal("a/name", b"said")
    (approved.path / "keys" / lost).unlink()
    reading = {
        "flags": lambda: read_artefact(approved, run, "flags"),
        "counts": lambda: read_document(approved, run, "counts"),
        "links": lambda: read_artefact(approved, run, "links"),
        "sealed": lambda: approved.custody.unseal("a/name", sealed),
        "ids": lambda: approved.custody.secret("spine"),
    }
    said = {}
    for name, read in reading.items():
        try:
            read()
        except WorkspaceError as error:
            said[name] = str(error)
    assert said.keys() == closed
    assert all(lost in line for line in said.values())


def test_without_the_key_of_the_log_nothing_is_changed(approved, publish):
    run = publish(approved)
    before = verify(approved)
    (approved.path / "keys" / "log.key").unlink()
    with pytest.raises(WorkspaceError, match=r"log\.key"):
        approved.log(actor="os:operator", kind=Kind.VIEW, subject=run, body={})
    after = verify(approved)
    assert after.entries == before.entries
    assert isinstance(read_artefact(approved, run, "flags"), pl.DataFrame)
