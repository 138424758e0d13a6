"""From a run through the team's outcomes to a scorecard that an approval puts into use, a run by it, and back."""

import json

import polars as pl
import pytest

from governance.runs import load_manifest, read_artefact
from governance.workspace import Workspace
from tests.journey.conftest import COMMAND, mimamori
from tests.unit.governance.conftest import APPROVAL

pytestmark = pytest.mark.slow

ALL = APPROVAL.replace("max_runs = 4\n", "").replace("2027-03-31", "2099-03-31").replace("2026-04-01", "2020-04-01")
ALL = (
    ALL.replace("2026-03-12", "2020-03-12").split("[sources]")[0]
    + '[sources]\nwelfare = ["*"]\nschool = ["*"]\nhealth = ["*"]\n'
)


def done(*arguments):
    result = mimamori(*arguments)
    assert result.returncode == 0, result.stderr
    return result.stdout


def run(workspace, city):
    made = done(
        "run", "--approval", "2026-03", "--delivery", city / "delivery", "--capacity", "0.08", "--workspace", workspace
    )
    return made.splitlines()[-1]


def lists(workspace, run_id):
    opened = Workspace.open(workspace)
    return read_artefact(opened, run_id, "flags"), load_manifest(opened, run_id)


def test_outcomes_become_a_scorecard_that_makes_the_list_until_its_approval_is_revoked(tmp_path):
    assert COMMAND.exists()
    city, workspace = tmp_path / "city", tmp_path / "workspace"
    done("synth", city, "--children", 700, "--seed", 5, "--onsets", "faint", "--years", "2018-2025")
    done("init", "--workspace", workspace)
    (tmp_path / "a.toml").write_text(ALL, encoding="utf-8")
    done("approvals", "add", tmp_path / "a.toml", "--workspace", workspace)
    first = run(workspace, city)
    flags, manifest = lists(workspace, first)
    assert manifest.parameters["scorecard"] is None

    looked = flags.filter(pl.col("year") > 2018).select("person_id", "year", "score")
    outcome = pl.when(pl.col("score").rank() > pl.len() / 3).then(pl.lit("confirmed")).otherwise(pl.lit("not_needed"))
    told = looked.select("person_id", "year", outcome.alias("outcome"), pl.lit("2026-05-01").alias("recorded_on"))
    told.write_csv(tmp_path / "o.csv")
    assert f"Imported {told.height} outcomes" in done(
        "outcomes", "import", tmp_path / "o.csv", "--workspace", workspace
    )

    version = json.loads(done("score", "train", "--workspace", workspace, "--json"))["version"]
    named = ALL.replace('id = "2026-03"', f'id = "named"\nscorecards = ["{version}"]')
    (tmp_path / "b.toml").write_text(named, encoding="utf-8")
    done("approvals", "add", tmp_path / "b.toml", "--workspace", workspace)
    done("score", "adopt", version, "--approval", "named", "--workspace", workspace)

    flags, manifest = lists(workspace, run(workspace, city))
    assert manifest.parameters["scorecard"] == version
    for reasons, score in flags.select("reasons", "score").iter_rows():
        assert sum(one["contribution"] for one in json.loads(reasons)) == pytest.approx(score, abs=1e-4)

    done("approvals", "revoke", "named", "--reason", "drift", "--workspace", workspace)
    again, manifest = lists(workspace, run(workspace, city))
    assert manifest.parameters["scorecard"] is None
    assert again.equals(lists(workspace, first)[0])
    done("runs", "verify", "--workspace", workspace)
