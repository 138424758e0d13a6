"""The folder of deliveries: what is in one, and that nothing leads out of it."""

import pytest

from governance.deliveries import deliveries_folder, delivery_names, delivery_path, delivery_sha256, held_files
from tests.unit.governance.conftest import new_workspace
from vocabulary.errors import DeliveryError, MimamoriError, UsageError


@pytest.fixture
def april(workspace):
    folder = workspace.path / "deliveries" / "april"
    (folder / "school").mkdir(parents=True)
    (folder / "welfare.csv").write_text("local_id,as_of\n")
    (folder / "school" / "2026.csv").write_text("local_id,as_of\nS-1,2026-04-01\n")
    (folder / ".hidden.csv").write_text("x")
    return folder


def test_the_files_of_a_delivery_with_their_sizes_and_digests(workspace, april):
    assert delivery_names(workspace) == ["april"]
    files = held_files(workspace, "april", hashed=True)
    assert [(one.name, one.size) for one in files] == [("school/2026.csv", 30), ("welfare.csv", 15)]
    before = delivery_sha256(files)
    assert before == delivery_sha256(held_files(workspace, "april", hashed=True))
    (april / "welfare.csv").write_text("local_id,as_OF\n")
    assert before != delivery_sha256(held_files(workspace, "april", hashed=True))


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../keys", "april/school", "/etc", "a\\b", "a\0b", ".april", "あ" * 90, "\ud800", "a\nb"]
)
def test_a_path_is_no_name(workspace, april, name):
    with pytest.raises(UsageError):
        delivery_path(workspace, name)


def test_a_link_to_elsewhere_is_no_delivery(workspace, april):
    (april.parent / "keys").symlink_to(workspace.path / "keys")
    assert delivery_names(workspace) == ["april"]
    with pytest.raises(UsageError):
        delivery_path(workspace, "keys")


@pytest.mark.parametrize("at", ["health.csv", "school/health.csv", "health"])
def test_a_link_out_of_a_delivery_is_refused(workspace, april, at):
    target = workspace.path / "keys"
    (april / at).symlink_to(target if at == "health" else next(target.iterdir()))
    with pytest.raises(DeliveryError, match="leads out"):
        held_files(workspace, "april")


def test_what_is_not_there_is_said(workspace):
    assert delivery_names(workspace) == []
    with pytest.raises(MimamoriError, match="is not in the folder"):
        delivery_path(workspace, "may")


def test_the_folder_may_lie_elsewhere(tmp_path):
    elsewhere = tmp_path / "inbox"
    workspace = new_workspace(tmp_path / "w", None, f'[deliveries]\nfolder = "{elsewhere}"\n')
    assert deliveries_folder(workspace) == elsewhere
