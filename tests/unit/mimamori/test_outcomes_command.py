"""`mimamori outcomes`: what is taken, what is refused and where, and what is told of it."""

import json
from datetime import date

import pytest
from typer.testing import CliRunner

from governance import outcomes as kept
from governance.outcome_state import Outcome
from governance.outcomes import Finding
from mimamori.cli import app
from mimamori.outcomes import current
from tests.unit.mimamori.learning_run import publish_learning
from tests.unit.mimamori.small_run import approved_workspace
from vocabulary.errors import DeliveryError, MimamoriError, UsageError

HEADER = "person_id,year,outcome,recorded_on\n"


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.delenv("MIMAMORI_DATABASE", raising=False)
    monkeypatch.setenv("MIMAMORI_LANG", "en")
    return approved_workspace(tmp_path / "workspace")


@pytest.fixture
def ran(workspace):
    """Id of the run, a child-year on its list, and one that is not."""
    run_id, scene = publish_learning(workspace)
    rows = scene.first(3)
    table = scene.scores.table.select("person_id", "year")
    listed = table.row(int(rows[0]))
    taken = set(map(int, scene.first(40)))
    return run_id, listed, table.row(next(row for row in range(table.height) if row not in taken))


def outcomes(workspace, *arguments):
    done = CliRunner().invoke(app, ["outcomes", *map(str, arguments), "--workspace", str(workspace.path)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def add(workspace, run_id, child_year, outcome="confirmed", *more):
    person, year = child_year
    return outcomes(workspace, "add", run_id, "--person", person, "--year", year, "--outcome", outcome, *more)


def test_a_listed_child_and_one_found_elsewhere(workspace, ran):
    run_id, listed, other = ran
    told = add(workspace, run_id, listed, "already_known", "--reason", "the school had called").stdout
    assert "Recorded the outcome" in told
    add(workspace, run_id, other)
    assert current(workspace).select("person_id", "year", "outcome", "listed").rows() == [
        (*listed, "already_known", True),
        (*other, "confirmed", False),
    ]
    shown = outcomes(workspace, "list").stdout
    assert "Of 2 with hardship, 1 were not known before (50%)." in shown
    assert "the school had called" not in shown


def test_history_is_shown_when_asked_for_and_a_mistake_taken_back(workspace, ran):
    run_id, listed, _ = ran
    for outcome in ("confirmed", "not_needed"):
        add(workspace, run_id, listed, outcome)
    (stands,) = json.loads(outcomes(workspace, "list", "--json").stdout)
    assert stands["outcome"] == "not_needed"
    assert len(json.loads(outcomes(workspace, "list", "--all", "--json").stdout)) == 2
    outcomes(workspace, "withdraw", stands["id"], "--reason", "another child")
    assert "Nothing" in outcomes(workspace, "list").stdout or outcomes(workspace, "list", "--json").stdout == "[]\n"
    assert current(workspace).height == 0


@pytest.mark.parametrize(
    ("person", "year", "said"),
    [("nobody", 2025, "has no child nobody"), (None, 1999, "no records of fiscal year 1999")],
)
def test_a_child_or_year_the_run_does_not_have(workspace, ran, person, year, said):
    run_id, (known, _), _ = ran
    with pytest.raises(UsageError, match=said):
        add(workspace, run_id, (person or known, year))


def test_a_file_is_taken_whole_in_the_order_of_its_dates(workspace, ran, tmp_path):
    _, (person, year), (other, other_year) = ran
    file = tmp_path / "o.csv"
    file.write_text(
        f"\ufeff{HEADER}{person},{year},not_needed,2026-02-01\n{person},{year},confirmed,2026-01-05\n"
        f"{other},{other_year},confirmed,2026-01-07\n",
        encoding="utf-8",
    )
    told = outcomes(workspace, "import", file).stdout
    assert "Imported 3 outcomes: 2 of children on the list, 1 found elsewhere." in told
    found = {row[0]: row[2:] for row in current(workspace).rows()}
    assert found[person] == ("not_needed", date(2026, 2, 1), True)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("nobody,2025,confirmed,2026-01-05", "line 3, person_id: no child of run"),
        ("{person},1999,confirmed,2026-01-05", "line 3, year: not a fiscal year"),
        ("{person},x,confirmed,2026-01-05", "line 3, year"),
        ("{person},{year},maybe,2026-01-05", "line 3, outcome: must be"),
        ("{person},{year},confirmed,5.1.2026", "line 3, recorded_on: must be a date"),
        (",,,", "line 3, person_id"),
    ],
)
def test_one_broken_row_and_nothing_is_taken(workspace, ran, tmp_path, row, said):
    _, (person, year), _ = ran
    file = tmp_path / "o.csv"
    good = f"{person},{year},confirmed,2026-01-05\n"
    file.write_text(HEADER + good + row.format(person=person, year=year) + "\n")
    with pytest.raises(DeliveryError, match=said):
        outcomes(workspace, "import", file)
    assert current(workspace).height == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"person_id,year\na,2025\n", "outcome, recorded_on are missing"),
        (HEADER.encode() + b"\xff,2025,confirmed,2026-01-05\n", "cannot be read"),
    ],
)
def test_a_file_that_is_none(workspace, ran, tmp_path, content, said):
    file = tmp_path / "o.csv"
    file.write_bytes(content)
    with pytest.raises(MimamoriError, match=said):
        outcomes(workspace, "import", file)


def test_outcomes_follow_a_child_whose_ids_became_one(workspace):
    _, scene = publish_learning(workspace)
    first, second, third = scene.scores.table["person_id"].unique().sort().head(3).to_list()
    day = date(2026, 1, 5)
    findings = [Finding(first, 2025, Outcome.CONFIRMED, day), Finding(second, 2025, Outcome.NOT_NEEDED, day)]
    kept.record(workspace, findings, actor="os:operator")
    publish_learning(workspace, [("merged", second, first, 3, "records")])
    assert current(workspace).select("person_id", "outcome").rows() == [(second, "not_needed")]
    publish_learning(workspace, [("merged", third, second, 3, "records")])
    assert current(workspace).select("person_id", "outcome").rows() == [(third, "not_needed")]
