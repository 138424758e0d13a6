"""`mimamori score`: from outcomes to a scorecard in use, and back."""

import json

import pytest
from typer.testing import CliRunner

from governance import register
from mimamori.cli import app
from mimamori.learning import adopted_scorecard
from tests.unit.governance.conftest import APPROVAL
from tests.unit.mimamori.learning_run import PLACES, publish_learning
from tests.unit.mimamori.small_run import approved_workspace
from vocabulary.errors import MimamoriError, UsageError, WorkspaceError
from vocabulary.source import load_sources


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.delenv("MIMAMORI_DATABASE", raising=False)
    monkeypatch.setenv("MIMAMORI_LANG", "en")
    return approved_workspace(tmp_path / "workspace")


def mimamori(workspace, *arguments):
    done = CliRunner().invoke(app, [*map(str, arguments), "--workspace", str(workspace.path)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.stdout


def score(workspace, *arguments):
    return mimamori(workspace, "score", *arguments)


@pytest.fixture
def trained(workspace, tmp_path):
    """The version of a scorecard learnt from the outcomes of everybody on the list."""
    run_id, scene = publish_learning(workspace)
    file = tmp_path / "o.csv"
    scene.outcomes(scene.first(PLACES)).drop("listed").write_csv(file)
    mimamori(workspace, "outcomes", "import", file)
    return json.loads(score(workspace, "train", run_id, "--json"))["version"]


def approve(workspace, version):
    naming = APPROVAL.replace('id = "2026-03"', f'id = "named"\nscorecards = ["{version}"]')
    register.add(workspace, naming, file="b.toml", sources=load_sources(), actor="os:operator")


def test_without_outcomes_it_is_refused_in_words(workspace):
    publish_learning(workspace)
    with pytest.raises(MimamoriError, match=r"too few outcomes.*0 with hardship"):
        score(workspace, "train")
    assert score(workspace, "list").strip()


def test_what_is_trained_is_shown_compared_and_not_used(workspace, trained, tmp_path):
    assert "trained, not used" in score(workspace, "list")
    card = tmp_path / "card.html"
    shown = score(workspace, "show", trained, "--card", card)
    assert "Absence" in shown
    assert trained in card.read_text(encoding="utf-8")
    with pytest.raises(UsageError, match="is there already"):
        score(workspace, "show", trained, "--card", card)
    assert "looked at from lists in 2024–2025" in score(workspace, "compare", trained)
    assert json.loads(score(workspace, "compare", trained, "--json"))["judged"] == 2 * PLACES
    assert adopted_scorecard(workspace) is None


def test_it_is_used_under_an_approval_that_names_it_until_retired(workspace, trained):
    with pytest.raises(WorkspaceError, match="does not name scorecard"):
        score(workspace, "adopt", trained, "--approval", "2026-03")
    approve(workspace, trained)
    assert "is used from the next run on" in score(workspace, "adopt", trained, "--approval", "named")
    assert adopted_scorecard(workspace).version == trained
    assert "in use" in score(workspace, "list")
    score(workspace, "retire", trained, "--reason", "drift")
    assert adopted_scorecard(workspace) is None
    assert "retired" in score(workspace, "list")


def test_a_revoked_approval_ends_its_use_and_the_list_says_so(workspace, trained):
    approve(workspace, trained)
    score(workspace, "adopt", trained, "--approval", "named")
    register.revoke(workspace, "named", reason="drift", actor="os:operator")
    assert adopted_scorecard(workspace) is None
    assert "approval not in force" in score(workspace, "list")


def test_a_run_by_other_rules_teaches_nothing(workspace, trained):
    (workspace.path / "indicators.toml").write_text(
        '[indicators.absence]\ndomain = "attendance"\ntitle = { ja = "欠席", en = "Absence" }\n'
        'items = ["school.days_absent"]\nform = "total"\nmodel = "growth"\nworse = "higher"\n'
        'amount = { ja = "{value}日", en = "{value} days" }\nlevels = [{ from = 15, level = 1, basis = "ours" }]\n',
        encoding="utf-8",
    )
    with pytest.raises(MimamoriError):
        score(workspace, "train")


def test_what_is_not_proposed_is_not_confirmed(workspace, trained):
    with pytest.raises(WorkspaceError, match="not waiting for a second person"):
        score(workspace, "confirm", trained)
