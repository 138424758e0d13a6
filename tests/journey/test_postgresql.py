"""The installed command on PostgreSQL: a workspace is made, used and checked, and a server that is down is said so."""

import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.journey.conftest import ALL_SOURCES, APPROVAL, mimamori, refused

pytestmark = pytest.mark.postgresql


@pytest.fixture
def variables(postgresql):
    with postgresql.database() as url:
        yield {"MIMAMORI_DATABASE": url}


def test_a_workspace_is_made_used_and_checked_and_says_when_the_server_is_down(tmp_path, variables, postgresql):
    place = ["--workspace", tmp_path / "workspace"]
    approval = tmp_path / "approval.toml"
    span = {"valid_from": "2026-04-01", "valid_until": "2027-03-31"}
    approval.write_text(APPROVAL.format(id="2026-03", limit="", sources=ALL_SOURCES, **span), encoding="utf-8")
    for command in (["init"], ["approvals", "add", approval], ["runs", "verify"]):
        done = mimamori(*command, *place, variables=variables)
        assert done.returncode == 0, done.stderr
    assert not list((tmp_path / "workspace").glob("mimamori.db*"))
    postgresql.stop()
    try:
        assert "database cannot be used" in refused(mimamori("runs", "verify", *place, variables=variables))
    finally:
        postgresql.start()
    assert mimamori("runs", "verify", *place, variables=variables).returncode == 0


def test_of_two_workspaces_made_at_once_in_one_database_one_is_made(tmp_path, variables):
    def init(name: str) -> subprocess.CompletedProcess[str]:
        return mimamori("init", "--workspace", tmp_path / name, variables=variables)

    with ThreadPoolExecutor(2) as both:
        done = sorted(both.map(init, ["one", "two"]), key=lambda one: one.returncode)
    assert done[0].returncode == 0, done[0].stderr
    assert "belongs to another workspace" in refused(done[1])
