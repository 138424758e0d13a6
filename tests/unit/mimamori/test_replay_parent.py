"""A run whose earlier run lost its extracts is not made again: the disposal is named."""

from datetime import timedelta

import pytest

from governance import disposal
from governance.custody import DataClass
from governance.disposals import read_disposals
from governance.gate import admit
from governance.runs import load_manifest
from governance.staging import stage
from mimamori.replaying import _hold_parent
from tests.unit.governance.conftest import DAY, FRAME
from tests.unit.mimamori.small_run import approved_workspace
from vocabulary.errors import WorkspaceError

OPERATOR = "os:operator"


def make_run(workspace):
    grant = admit(workspace, "2026-03", today=DAY, delivered=["school"], actor=OPERATOR)
    with stage(workspace, grant, actor=OPERATOR) as run:
        run.write_frame("records", FRAME, DataClass.EXTRACTS)
        run.publish(inputs=[], parameters={}, counts={}, seeds={})
    return load_manifest(workspace, run.run_id)


def test_the_disposal_of_the_earlier_runs_extracts_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("MIMAMORI_LANG", "en")
    workspace = approved_workspace(tmp_path / "workspace")
    first, second = make_run(workspace), make_run(workspace)
    assert second.parent == first.run
    _hold_parent(workspace, first)
    _hold_parent(workspace, second)
    day = disposal.today() + timedelta(days=2000)
    monkeypatch.setattr("governance.disposal.today", lambda: day)
    disposal.dispose(workspace, before=day, actor=OPERATOR)
    with workspace.reading() as connection:
        entry = read_disposals(connection, first.run)[0].seq
    with pytest.raises(WorkspaceError, match=f"extracts of run {first.run}, .*entry {entry} of the log"):
        _hold_parent(workspace, second)
    third = make_run(workspace)
    _hold_parent(workspace, third)  # made when they were gone: it comes out the same without them
